"""What runs wait for, what people are asked, and what is wanted of a run under way."""

from __future__ import annotations

from alembic import op

from officeflow.database.migrations.security import protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

RUNS = """
ALTER TABLE workflow_runs
    ADD COLUMN started_by varchar(255) NOT NULL DEFAULT '',
    ADD COLUMN control varchar(10) NOT NULL DEFAULT '',
    ADD COLUMN control_by varchar(255) NOT NULL DEFAULT '',
    ADD COLUMN control_why varchar(1000) NOT NULL DEFAULT '',
    ADD COLUMN control_at timestamptz,
    ADD COLUMN control_done_at timestamptz,
    ADD COLUMN parent_run_id uuid CONSTRAINT fk_workflow_runs_parent_run_id_workflow_runs REFERENCES workflow_runs,
    ADD COLUMN depth integer NOT NULL DEFAULT 0,
    ADD COLUMN undone jsonb;
CREATE INDEX ix_workflow_runs_parent_run_id ON workflow_runs (parent_run_id);
CREATE INDEX ix_workflow_runs_control ON workflow_runs (control_at) WHERE control_at IS NOT NULL;
"""

PEOPLE = """
CREATE TABLE human_requests (
    request_id UUID NOT NULL,
    run_id UUID NOT NULL,
    node_key VARCHAR(250) NOT NULL,
    map_index INTEGER DEFAULT '-1' NOT NULL,
    generation INTEGER DEFAULT '1' NOT NULL,
    attempt INTEGER DEFAULT '1' NOT NULL,
    kind VARCHAR(20) NOT NULL,
    subject VARCHAR(200) NOT NULL,
    body VARCHAR DEFAULT '' NOT NULL,
    options JSONB DEFAULT '[]' NOT NULL,
    reasons JSONB DEFAULT '[]' NOT NULL,
    rule VARCHAR(10) DEFAULT 'any' NOT NULL,
    needed INTEGER DEFAULT '1' NOT NULL,
    asked JSONB DEFAULT '[]' NOT NULL,
    form JSON,
    deadline TIMESTAMP WITH TIME ZONE,
    default_choice VARCHAR(50) DEFAULT '' NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    remind_at TIMESTAMP WITH TIME ZONE,
    escalate_at TIMESTAMP WITH TIME ZONE,
    escalate_to JSONB DEFAULT '[]' NOT NULL,
    escalated_at TIMESTAMP WITH TIME ZONE,
    unasked JSONB DEFAULT '[]' NOT NULL,
    not_counted JSONB DEFAULT '[]' NOT NULL,
    state VARCHAR(20) DEFAULT 'OPEN' NOT NULL,
    decision VARCHAR(50) DEFAULT '' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE,
    told_airflow_at TIMESTAMP WITH TIME ZONE,
    org_id UUID NOT NULL,
    CONSTRAINT pk_human_requests PRIMARY KEY (request_id),
    CONSTRAINT uq_human_requests_run_id_node_key_map_index_generation_attempt
        UNIQUE (run_id, node_key, map_index, generation, attempt),
    CONSTRAINT fk_human_requests_run_id_workflow_runs FOREIGN KEY(run_id) REFERENCES workflow_runs (run_id),
    CONSTRAINT fk_human_requests_org_id_organizations FOREIGN KEY(org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_human_requests_open ON human_requests (state, deadline);
CREATE INDEX ix_human_requests_untold ON human_requests (decided_at) WHERE decided_at IS NOT NULL AND told_airflow_at IS NULL;
CREATE INDEX ix_human_requests_org_id ON human_requests (org_id);

CREATE TABLE human_assignments (
    assignment_id UUID NOT NULL,
    request_id UUID NOT NULL,
    user_id UUID,
    why VARCHAR(255) NOT NULL,
    answered_by UUID,
    login VARCHAR(255) DEFAULT '' NOT NULL,
    state VARCHAR(20) DEFAULT 'OPEN' NOT NULL,
    choice VARCHAR(50) DEFAULT '' NOT NULL,
    reason VARCHAR DEFAULT '' NOT NULL,
    answer BYTEA,
    answered_at TIMESTAMP WITH TIME ZONE,
    door VARCHAR(20) DEFAULT '' NOT NULL,
    mailed_at TIMESTAMP WITH TIME ZONE,
    mail_problem VARCHAR(255) DEFAULT '' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    org_id UUID NOT NULL,
    CONSTRAINT pk_human_assignments PRIMARY KEY (assignment_id),
    CONSTRAINT uq_human_assignments_request_id_user_id UNIQUE (request_id, user_id),
    CONSTRAINT fk_human_assignments_request_id_human_requests FOREIGN KEY(request_id) REFERENCES human_requests (request_id),
    CONSTRAINT fk_human_assignments_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id),
    CONSTRAINT fk_human_assignments_answered_by_users FOREIGN KEY(answered_by) REFERENCES users (user_id),
    CONSTRAINT fk_human_assignments_org_id_organizations FOREIGN KEY(org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_human_assignments_unmailed ON human_assignments (created_at) WHERE state = 'OPEN' AND mailed_at IS NULL;
CREATE INDEX ix_human_assignments_org_id ON human_assignments (org_id);
CREATE INDEX ix_human_assignments_user ON human_assignments (user_id, state);

CREATE TABLE delegations (
    delegation_id UUID NOT NULL,
    from_user_id UUID NOT NULL,
    to_user_id UUID NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    made_by VARCHAR(255) NOT NULL,
    why VARCHAR(1000) DEFAULT '' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    org_id UUID NOT NULL,
    CONSTRAINT pk_delegations PRIMARY KEY (delegation_id),
    CONSTRAINT fk_delegations_from_user_id_users FOREIGN KEY(from_user_id) REFERENCES users (user_id),
    CONSTRAINT fk_delegations_to_user_id_users FOREIGN KEY(to_user_id) REFERENCES users (user_id),
    CONSTRAINT fk_delegations_org_id_organizations FOREIGN KEY(org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_delegations_from ON delegations (from_user_id, starts_on);
CREATE INDEX ix_delegations_org_id ON delegations (org_id);

CREATE TABLE answer_links (
    token_hash VARCHAR(64) NOT NULL,
    assignment_id UUID NOT NULL,
    user_id UUID NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    org_id UUID NOT NULL,
    CONSTRAINT pk_answer_links PRIMARY KEY (token_hash),
    CONSTRAINT fk_answer_links_assignment_id_human_assignments FOREIGN KEY(assignment_id) REFERENCES human_assignments (assignment_id),
    CONSTRAINT fk_answer_links_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id),
    CONSTRAINT fk_answer_links_org_id_organizations FOREIGN KEY(org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_answer_links_org_id ON answer_links (org_id);

CREATE TABLE user_groups (
    group_name VARCHAR(100) NOT NULL,
    user_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    org_id UUID NOT NULL,
    CONSTRAINT pk_user_groups PRIMARY KEY (group_name, user_id),
    CONSTRAINT fk_user_groups_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id),
    CONSTRAINT fk_user_groups_org_id_organizations FOREIGN KEY(org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_user_groups_org_id ON user_groups (org_id);
"""

WAITING = """
CREATE TABLE wakes (
    wake_id UUID NOT NULL,
    run_id UUID NOT NULL,
    node_key VARCHAR(250) NOT NULL,
    map_index INTEGER DEFAULT '-1' NOT NULL,
    cause VARCHAR(100) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    outcome VARCHAR(255) DEFAULT '' NOT NULL,
    org_id UUID NOT NULL,
    CONSTRAINT pk_wakes PRIMARY KEY (wake_id),
    CONSTRAINT fk_wakes_run_id_workflow_runs FOREIGN KEY(run_id) REFERENCES workflow_runs (run_id),
    CONSTRAINT fk_wakes_org_id_organizations FOREIGN KEY(org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_wakes_due ON wakes (due_at) WHERE done_at IS NULL;
CREATE INDEX ix_wakes_org_id ON wakes (org_id);

CREATE TABLE event_waits (
    wait_id UUID NOT NULL,
    run_id UUID NOT NULL,
    node_key VARCHAR(250) NOT NULL,
    map_index INTEGER DEFAULT '-1' NOT NULL,
    generation INTEGER DEFAULT '1' NOT NULL,
    kinds JSONB NOT NULL,
    employee VARCHAR(255) DEFAULT '' NOT NULL,
    expression VARCHAR DEFAULT '' NOT NULL,
    bindings BYTEA,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    deadline TIMESTAMP WITH TIME ZONE,
    inbox_id UUID,
    matched_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    error_details JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    org_id UUID NOT NULL,
    CONSTRAINT pk_event_waits PRIMARY KEY (wait_id),
    CONSTRAINT uq_event_waits_run_id_node_key_map_index_generation UNIQUE (run_id, node_key, map_index, generation),
    CONSTRAINT fk_event_waits_run_id_workflow_runs FOREIGN KEY(run_id) REFERENCES workflow_runs (run_id),
    CONSTRAINT fk_event_waits_inbox_id_inbox_events FOREIGN KEY(inbox_id) REFERENCES inbox_events (inbox_id),
    CONSTRAINT fk_event_waits_org_id_organizations FOREIGN KEY(org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_event_waits_open ON event_waits (org_id, employee) WHERE matched_at IS NULL AND ended_at IS NULL;
CREATE INDEX ix_event_waits_org_id ON event_waits (org_id);

CREATE TABLE run_requests (
    request_id UUID NOT NULL,
    parent_run_id UUID NOT NULL,
    node_key VARCHAR(250) NOT NULL,
    map_index INTEGER DEFAULT '-1' NOT NULL,
    generation INTEGER DEFAULT '1' NOT NULL,
    workflow VARCHAR(41) NOT NULL,
    version INTEGER,
    input BYTEA,
    state VARCHAR(20) DEFAULT 'WANTED' NOT NULL,
    child_run_id UUID,
    error_details JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    org_id UUID NOT NULL,
    CONSTRAINT pk_run_requests PRIMARY KEY (request_id),
    CONSTRAINT uq_run_requests_parent_run_id_node_key_map_index_generation UNIQUE (parent_run_id, node_key, map_index, generation),
    CONSTRAINT fk_run_requests_parent_run_id_workflow_runs FOREIGN KEY(parent_run_id) REFERENCES workflow_runs (run_id),
    CONSTRAINT fk_run_requests_org_id_organizations FOREIGN KEY(org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_run_requests_child ON run_requests (child_run_id);
CREATE INDEX ix_run_requests_org_id ON run_requests (org_id);
CREATE INDEX ix_run_requests_wanted ON run_requests (created_at) WHERE state = 'WANTED';

CREATE TABLE control_requests (
    request_id UUID NOT NULL,
    source VARCHAR(255) NOT NULL,
    event_id VARCHAR(255) NOT NULL,
    action VARCHAR(50) NOT NULL,
    correlation_id VARCHAR(255) NOT NULL,
    body BYTEA NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    next_attempt_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    content_hash VARCHAR(64) NOT NULL,
    state VARCHAR(20) DEFAULT 'RECEIVED' NOT NULL,
    result JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    org_id UUID NOT NULL,
    CONSTRAINT pk_control_requests PRIMARY KEY (request_id),
    CONSTRAINT uq_control_requests_org_id_source_event_id UNIQUE (org_id, source, event_id),
    CONSTRAINT fk_control_requests_org_id_organizations FOREIGN KEY(org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_control_requests_due ON control_requests (next_attempt_at) WHERE state = 'RECEIVED';
CREATE INDEX ix_control_requests_org_id ON control_requests (org_id);
"""

TURNS = """
CREATE TABLE run_turns (
    run_id UUID NOT NULL,
    inbox_id UUID NOT NULL,
    concurrency VARCHAR(20) NOT NULL,
    since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    beside_after TIMESTAMP WITH TIME ZONE,
    due_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    came_at TIMESTAMP WITH TIME ZONE,
    org_id UUID NOT NULL,
    CONSTRAINT pk_run_turns PRIMARY KEY (run_id),
    CONSTRAINT fk_run_turns_run_id_workflow_runs FOREIGN KEY(run_id) REFERENCES workflow_runs (run_id),
    CONSTRAINT fk_run_turns_inbox_id_inbox_events FOREIGN KEY(inbox_id) REFERENCES inbox_events (inbox_id),
    CONSTRAINT fk_run_turns_org_id_organizations FOREIGN KEY(org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_run_turns_waiting ON run_turns (due_at) WHERE came_at IS NULL;
CREATE INDEX ix_run_turns_org_id ON run_turns (org_id);
CREATE INDEX ix_workflow_runs_employee_id ON workflow_runs (employee_id);
"""


DOWN = """
DROP TABLE run_turns;
DROP INDEX ix_workflow_runs_employee_id;
DROP TABLE control_requests, run_requests, event_waits, wakes;
DROP TABLE user_groups, answer_links, delegations, human_assignments, human_requests;
ALTER TABLE workflow_runs
    DROP COLUMN undone, DROP COLUMN depth, DROP COLUMN parent_run_id, DROP COLUMN control_done_at,
    DROP COLUMN control_at, DROP COLUMN control_why,
    DROP COLUMN control_by, DROP COLUMN control, DROP COLUMN started_by;
"""

WRITTEN = (
    "human_requests",
    "human_assignments",
    "delegations",
    "answer_links",
    "wakes",
    "event_waits",
    "run_requests",
    "control_requests",
    "run_turns",
)


def upgrade() -> None:
    for statements in (RUNS, PEOPLE, WAITING, TURNS):
        op.execute(statements)
    for table in WRITTEN:
        protect(table)
    protect("user_groups", tenant="SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    op.execute(DOWN)
