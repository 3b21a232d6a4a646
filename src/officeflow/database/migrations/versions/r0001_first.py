"""The first tables."""

from __future__ import annotations

from alembic import op

from officeflow.database.migrations.security import protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TENANTS = """
CREATE TABLE organizations (
    org_id uuid CONSTRAINT pk_organizations PRIMARY KEY,
    slug varchar(41) NOT NULL CONSTRAINT uq_organizations_slug UNIQUE,
    name varchar(255) NOT NULL,
    domain varchar(255) NOT NULL CONSTRAINT uq_organizations_domain UNIQUE,
    plan varchar(50) NOT NULL,
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE users (
    user_id uuid CONSTRAINT pk_users PRIMARY KEY,
    org_id uuid NOT NULL CONSTRAINT fk_users_org_id_organizations REFERENCES organizations,
    email varchar(255) NOT NULL,
    name varchar(255) NOT NULL,
    role varchar(50) NOT NULL,
    airflow_login varchar(255),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_users_org_id_email UNIQUE (org_id, email)
);
CREATE INDEX ix_users_org_id ON users (org_id);

CREATE TABLE employees (
    employee_id uuid CONSTRAINT pk_employees PRIMARY KEY,
    org_id uuid NOT NULL CONSTRAINT fk_employees_org_id_organizations REFERENCES organizations,
    external_id varchar(255) NOT NULL,
    status varchar(50) NOT NULL,
    work_email varchar(255),
    given_name varchar(255),
    family_name varchar(255),
    department varchar(255),
    title varchar(255),
    manager_external_id varchar(255),
    location varchar(255),
    time_zone varchar(64),
    start_date date,
    end_date date,
    attributes jsonb NOT NULL DEFAULT '{}',
    sensitive bytea,
    field_times jsonb NOT NULL DEFAULT '{}',
    last_event_at timestamptz,
    last_event_id varchar(255),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_employees_org_id_external_id UNIQUE (org_id, external_id)
);
CREATE INDEX ix_employees_org_id ON employees (org_id);
"""

WORKFLOWS = """
CREATE TABLE workflows (
    workflow_id uuid CONSTRAINT pk_workflows PRIMARY KEY,
    org_id uuid NOT NULL CONSTRAINT fk_workflows_org_id_organizations REFERENCES organizations,
    slug varchar(41) NOT NULL,
    name varchar(255) NOT NULL,
    event_trigger varchar(100) NOT NULL,
    version integer NOT NULL DEFAULT 1,
    is_active boolean NOT NULL DEFAULT true,
    definition jsonb NOT NULL,
    place integer NOT NULL,
    created_by uuid CONSTRAINT fk_workflows_created_by_users REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_workflows_org_id_slug UNIQUE (org_id, slug),
    CONSTRAINT uq_workflows_org_id_place UNIQUE (org_id, place)
);
CREATE INDEX ix_workflows_org_id ON workflows (org_id);

CREATE TABLE workflow_versions (
    workflow_id uuid CONSTRAINT fk_workflow_versions_workflow_id_workflows REFERENCES workflows,
    version integer,
    org_id uuid NOT NULL CONSTRAINT fk_workflow_versions_org_id_organizations REFERENCES organizations,
    content_hash varchar(64) NOT NULL,
    definition jsonb NOT NULL,
    published_by varchar(255) NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_workflow_versions PRIMARY KEY (workflow_id, version)
);
CREATE INDEX ix_workflow_versions_org_id ON workflow_versions (org_id);

CREATE TABLE workflow_revisions (
    revision bigint CONSTRAINT pk_workflow_revisions PRIMARY KEY,
    org_id uuid NOT NULL CONSTRAINT fk_workflow_revisions_org_id_organizations REFERENCES organizations,
    workflow_id uuid NOT NULL CONSTRAINT fk_workflow_revisions_workflow_id_workflows REFERENCES workflows,
    version integer NOT NULL,
    action varchar(20) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_workflow_revisions_org_id ON workflow_revisions (org_id);
CREATE INDEX ix_workflow_revisions_workflow_id ON workflow_revisions (workflow_id);

CREATE TABLE workflow_nodes (
    node_id uuid CONSTRAINT pk_workflow_nodes PRIMARY KEY,
    org_id uuid NOT NULL CONSTRAINT fk_workflow_nodes_org_id_organizations REFERENCES organizations,
    workflow_id uuid NOT NULL CONSTRAINT fk_workflow_nodes_workflow_id_workflows REFERENCES workflows,
    version integer NOT NULL,
    key varchar(61) NOT NULL,
    type varchar(50) NOT NULL,
    name varchar(255) NOT NULL,
    connection varchar(100),
    params jsonb NOT NULL DEFAULT '{}',
    retry_policy jsonb NOT NULL DEFAULT '{"maxRetries": 3, "backoffMs": 1000}',
    timeout_ms integer NOT NULL DEFAULT 300000,
    position jsonb NOT NULL DEFAULT '{}',
    compensates_for jsonb NOT NULL DEFAULT '[]',
    compensation_type varchar(20),
    CONSTRAINT uq_workflow_nodes_workflow_id_version_key UNIQUE (workflow_id, version, key)
);
CREATE INDEX ix_workflow_nodes_org_id ON workflow_nodes (org_id);

CREATE TABLE workflow_edges (
    edge_id uuid CONSTRAINT pk_workflow_edges PRIMARY KEY,
    org_id uuid NOT NULL CONSTRAINT fk_workflow_edges_org_id_organizations REFERENCES organizations,
    workflow_id uuid NOT NULL CONSTRAINT fk_workflow_edges_workflow_id_workflows REFERENCES workflows,
    version integer NOT NULL,
    from_node_id uuid NOT NULL CONSTRAINT fk_workflow_edges_from_node_id_workflow_nodes REFERENCES workflow_nodes,
    to_node_id uuid NOT NULL CONSTRAINT fk_workflow_edges_to_node_id_workflow_nodes REFERENCES workflow_nodes,
    condition_expr text,
    label varchar(255)
);
CREATE INDEX ix_workflow_edges_org_id ON workflow_edges (org_id);
CREATE INDEX ix_workflow_edges_version ON workflow_edges (workflow_id, version);
"""

EVENTS = """
CREATE TABLE inbox_events (
    inbox_id uuid CONSTRAINT pk_inbox_events PRIMARY KEY,
    arrival bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_inbox_events_arrival UNIQUE,
    org_id uuid NOT NULL CONSTRAINT fk_inbox_events_org_id_organizations REFERENCES organizations,
    source varchar(255) NOT NULL,
    event_id varchar(255) NOT NULL,
    kind varchar(100) NOT NULL,
    employee_key varchar(255) NOT NULL,
    event_time timestamptz NOT NULL,
    correlation_id varchar(255) NOT NULL,
    content_hash varchar(64) NOT NULL,
    payload jsonb NOT NULL,
    sensitive bytea,
    status varchar(20) NOT NULL DEFAULT 'RECEIVED',
    runs jsonb NOT NULL DEFAULT '[]',
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    last_error text,
    topic varchar(249),
    partition integer,
    "offset" bigint,
    received_at timestamptz NOT NULL DEFAULT now(),
    dispatched_at timestamptz,
    CONSTRAINT uq_inbox_events_org_id_source_event_id UNIQUE (org_id, source, event_id)
);
CREATE INDEX ix_inbox_events_org_id ON inbox_events (org_id);
CREATE INDEX ix_inbox_events_waiting ON inbox_events (next_attempt_at) WHERE status = 'RECEIVED';
CREATE INDEX ix_inbox_events_person ON inbox_events (org_id, employee_key, event_time);

CREATE TABLE outbox_messages (
    message_id uuid CONSTRAINT pk_outbox_messages PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_outbox_messages_position UNIQUE,
    org_id uuid NOT NULL CONSTRAINT fk_outbox_messages_org_id_organizations REFERENCES organizations,
    topic varchar(249) NOT NULL,
    key varchar(600) NOT NULL,
    type varchar(100) NOT NULL,
    subject varchar(255),
    payload jsonb NOT NULL,
    correlation_id varchar(255) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    last_error text
);
CREATE INDEX ix_outbox_messages_org_id ON outbox_messages (org_id);
CREATE INDEX ix_outbox_messages_unsent ON outbox_messages (position) WHERE sent_at IS NULL;

CREATE TABLE dead_letters (
    dead_letter_id uuid CONSTRAINT pk_dead_letters PRIMARY KEY,
    org_id uuid CONSTRAINT fk_dead_letters_org_id_organizations REFERENCES organizations,
    topic varchar(249) NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    reason varchar(50) NOT NULL,
    detail text NOT NULL,
    key bytea,
    body bytea,
    headers jsonb NOT NULL DEFAULT '[]',
    status varchar(20) NOT NULL DEFAULT 'OPEN',
    forwarded_at timestamptz,
    resolution jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_dead_letters_topic_partition_offset UNIQUE (topic, partition, "offset")
);
CREATE INDEX ix_dead_letters_org_id ON dead_letters (org_id);
CREATE INDEX ix_dead_letters_status ON dead_letters (status, created_at);
"""

RUNS = """
CREATE TABLE workflow_runs (
    run_id uuid CONSTRAINT pk_workflow_runs PRIMARY KEY,
    org_id uuid NOT NULL CONSTRAINT fk_workflow_runs_org_id_organizations REFERENCES organizations,
    workflow_id uuid CONSTRAINT fk_workflow_runs_workflow_id_workflows REFERENCES workflows,
    version integer,
    employee_id uuid CONSTRAINT fk_workflow_runs_employee_id_employees REFERENCES employees,
    dag_id varchar(250) NOT NULL,
    dag_run_id varchar(250) NOT NULL,
    trigger_event varchar(100) NOT NULL,
    status varchar(50) NOT NULL DEFAULT 'PENDING',
    context jsonb NOT NULL DEFAULT '{}',
    correlation_id varchar(255) NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    error_details jsonb,
    CONSTRAINT uq_workflow_runs_dag_id_dag_run_id UNIQUE (dag_id, dag_run_id)
);
CREATE INDEX ix_workflow_runs_org_id ON workflow_runs (org_id);
CREATE INDEX ix_workflow_runs_open ON workflow_runs (status, started_at);

CREATE TABLE node_runs (
    node_run_id uuid CONSTRAINT pk_node_runs PRIMARY KEY,
    org_id uuid NOT NULL CONSTRAINT fk_node_runs_org_id_organizations REFERENCES organizations,
    run_id uuid NOT NULL CONSTRAINT fk_node_runs_run_id_workflow_runs REFERENCES workflow_runs,
    node_id uuid CONSTRAINT fk_node_runs_node_id_workflow_nodes REFERENCES workflow_nodes,
    node_key varchar(250) NOT NULL,
    node_type varchar(50) NOT NULL,
    map_index integer NOT NULL DEFAULT -1,
    generation integer NOT NULL DEFAULT 1,
    attempt integer NOT NULL DEFAULT 1,
    try_number integer NOT NULL DEFAULT 1,
    effect varchar(20) NOT NULL,
    status varchar(50) NOT NULL DEFAULT 'QUEUED',
    input bytea,
    params_hash varchar(64),
    output jsonb,
    story jsonb NOT NULL DEFAULT '[]',
    error_details jsonb,
    idempotency_key varchar(255) NOT NULL CONSTRAINT uq_node_runs_idempotency_key UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT uq_node_runs_run_id_node_key_map_index_generation UNIQUE (run_id, node_key, map_index, generation)
);
CREATE INDEX ix_node_runs_org_id ON node_runs (org_id);
CREATE INDEX ix_node_runs_run ON node_runs (run_id);

CREATE TABLE plans (
    plan_id uuid CONSTRAINT pk_plans PRIMARY KEY,
    org_id uuid NOT NULL CONSTRAINT fk_plans_org_id_organizations REFERENCES organizations,
    workflow_id uuid NOT NULL CONSTRAINT fk_plans_workflow_id_workflows REFERENCES workflows,
    employee_id uuid CONSTRAINT fk_plans_employee_id_employees REFERENCES employees,
    inbox_id uuid CONSTRAINT fk_plans_inbox_id_inbox_events REFERENCES inbox_events,
    source_event_id varchar(255) NOT NULL,
    trigger_index integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    status varchar(20) NOT NULL DEFAULT 'PLANNED',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_plans_workflow_id_source_event_id_trigger_index UNIQUE (workflow_id, source_event_id, trigger_index)
);
CREATE INDEX ix_plans_org_id ON plans (org_id);
CREATE INDEX ix_plans_due ON plans (status, due_at);
"""

AUDIT = """
CREATE TABLE audit_records (
    record_id uuid CONSTRAINT pk_audit_records PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_audit_records_position UNIQUE,
    org_id uuid NOT NULL CONSTRAINT fk_audit_records_org_id_organizations REFERENCES organizations,
    sequence bigint,
    actor varchar(600) NOT NULL,
    action varchar(100) NOT NULL,
    subject varchar(600) NOT NULL,
    details jsonb NOT NULL,
    correlation_id varchar(255),
    occurred_at timestamptz NOT NULL DEFAULT now(),
    previous_mac bytea,
    mac bytea,
    CONSTRAINT uq_audit_records_org_id_sequence UNIQUE (org_id, sequence),
    CONSTRAINT ck_audit_records_chained CHECK (num_nulls(sequence, previous_mac, mac) IN (0, 3))
);
CREATE INDEX ix_audit_records_org_id ON audit_records (org_id);
CREATE INDEX ix_audit_records_subject ON audit_records (org_id, subject);
CREATE INDEX ix_audit_records_unchained ON audit_records (position) WHERE sequence IS NULL;

CREATE TABLE audit_heads (
    org_id uuid CONSTRAINT pk_audit_heads PRIMARY KEY CONSTRAINT fk_audit_heads_org_id_organizations REFERENCES organizations,
    sequence bigint NOT NULL,
    mac bytea NOT NULL,
    seal bytea NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
"""

GUARDS = """
CREATE FUNCTION officeflow_never() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is not allowed: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION officeflow_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    chain text[] := '{sequence,previous_mac,mac}';
BEGIN
    IF TG_OP = 'INSERT' AND NEW.sequence IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.sequence IS NULL AND NEW.sequence IS NOT NULL AND to_jsonb(NEW) - chain = to_jsonb(OLD) - chain THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_records is append-only: a record is numbered and chained once, and never changed'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION officeflow_audit_head_advances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.org_id = OLD.org_id AND NEW.sequence > OLD.sequence THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the head of an audit chain only advances' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER append_only BEFORE INSERT OR UPDATE ON audit_records FOR EACH ROW EXECUTE FUNCTION officeflow_audit_append_only();
CREATE TRIGGER never_deleted BEFORE DELETE ON audit_records FOR EACH ROW EXECUTE FUNCTION officeflow_never();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON audit_records FOR EACH STATEMENT EXECUTE FUNCTION officeflow_never();
CREATE TRIGGER advances BEFORE UPDATE ON audit_heads FOR EACH ROW EXECUTE FUNCTION officeflow_audit_head_advances();
CREATE TRIGGER never_deleted BEFORE DELETE ON audit_heads FOR EACH ROW EXECUTE FUNCTION officeflow_never();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON audit_heads FOR EACH STATEMENT EXECUTE FUNCTION officeflow_never();
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON workflow_versions FOR EACH ROW EXECUTE FUNCTION officeflow_never();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON workflow_versions FOR EACH STATEMENT EXECUTE FUNCTION officeflow_never();
"""

TABLES = (
    *("organizations", "users", "employees"),
    *("workflows", "workflow_versions", "workflow_revisions", "workflow_nodes", "workflow_edges"),
    *("inbox_events", "outbox_messages", "dead_letters"),
    *("workflow_runs", "node_runs", "plans"),
    *("audit_records", "audit_heads"),
)
"""In the order of their foreign keys."""


RIGHTS = {
    "organizations": {"tenant": "SELECT", "service": "SELECT, INSERT, UPDATE"},
    "workflow_versions": {"tenant": "SELECT, INSERT", "service": "SELECT, INSERT"},
    "audit_records": {
        "tenant": "SELECT, INSERT",
        "service": "SELECT, INSERT, UPDATE (sequence, previous_mac, mac)",
    },
    "audit_heads": {"tenant": "SELECT", "service": "SELECT, INSERT, UPDATE"},
}
"""Where a role may do less than usual."""


def upgrade() -> None:
    for statements in (TENANTS, WORKFLOWS, EVENTS, RUNS, AUDIT, GUARDS):
        op.execute(statements)
    for table in TABLES:
        protect(table, **RIGHTS.get(table, {}))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION officeflow_never, officeflow_audit_append_only, officeflow_audit_head_advances")
