"""Lists of runs, acts, requests and audit records that stay fast; what changed since; verifications of the
audit log.
"""

from __future__ import annotations

from alembic import op

from officeflow.database.migrations.security import protect

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

LISTS = """
ALTER TABLE workflow_runs ADD COLUMN employee_key TEXT
    GENERATED ALWAYS AS (context -> 'event' ->> 'employee') STORED;
CREATE INDEX ix_workflow_runs_newest ON workflow_runs (org_id, started_at, run_id) INCLUDE (status);
CREATE INDEX ix_workflow_runs_status ON workflow_runs (org_id, status, started_at, run_id);
CREATE INDEX ix_workflow_runs_dag ON workflow_runs (org_id, dag_id, started_at, run_id);
CREATE INDEX ix_workflow_runs_attention ON workflow_runs (org_id, started_at, run_id)
    WHERE status NOT IN ('SUCCEEDED', 'CANCELLED', 'COMPENSATED');
CREATE INDEX ix_workflow_runs_person ON workflow_runs (org_id, employee_key, started_at, run_id);
CREATE INDEX ix_workflow_runs_ended ON workflow_runs (org_id, ended_at)
    INCLUDE (dag_id, status, started_at) WHERE ended_at IS NOT NULL;
CREATE INDEX ix_node_runs_newest ON node_runs (org_id, created_at, node_run_id);
DROP INDEX ix_node_runs_org_id;
CREATE INDEX ix_human_requests_newest ON human_requests (org_id, created_at, request_id);
CREATE INDEX ix_human_requests_open ON human_requests (org_id, created_at, request_id) WHERE state = 'OPEN';
CREATE INDEX ix_human_assignments_request ON human_assignments (request_id);
CREATE INDEX ix_inbox_events_day ON inbox_events (org_id, received_at) INCLUDE (status);
CREATE INDEX ix_dead_letters_day ON dead_letters (org_id, created_at) INCLUDE (reason);
CREATE INDEX ix_audit_records_newest ON audit_records (org_id, occurred_at, position);
DROP INDEX ix_audit_records_org_id;
DROP INDEX ix_audit_records_subject;
CREATE INDEX ix_audit_records_subject ON audit_records (org_id, subject, occurred_at, position);
CREATE INDEX ix_audit_records_actor ON audit_records (org_id, actor, occurred_at, position)
    WHERE actor NOT LIKE 'node:%';
CREATE INDEX ix_audit_records_action ON audit_records (org_id, action, occurred_at, position)
    WHERE action <> 'act.done';
"""

CHANGES = """
ALTER TABLE workflow_runs
    ADD COLUMN changed_in BIGINT DEFAULT pg_current_xact_id()::text::bigint NOT NULL;
ALTER TABLE human_requests
    ADD COLUMN changed_in BIGINT DEFAULT pg_current_xact_id()::text::bigint NOT NULL;
CREATE INDEX ix_workflow_runs_changed ON workflow_runs (org_id, changed_in, run_id);
CREATE INDEX ix_human_requests_changed ON human_requests (org_id, changed_in, request_id);

CREATE FUNCTION officeflow_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id()::text::bigint;
    PERFORM pg_notify('officeflow_changes', NEW.org_id::text);
    RETURN NEW;
END $$;

CREATE FUNCTION officeflow_request_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE human_requests SET changed_in = pg_current_xact_id()::text::bigint
        WHERE request_id = NEW.request_id AND changed_in <> pg_current_xact_id()::text::bigint;
    RETURN NULL;
END $$;

CREATE TRIGGER is_new BEFORE INSERT ON workflow_runs FOR EACH ROW EXECUTE FUNCTION officeflow_changed();
CREATE TRIGGER has_changed BEFORE UPDATE ON workflow_runs FOR EACH ROW
    WHEN ((OLD.status, OLD.control, OLD.ended_at, OLD.error_details)
        IS DISTINCT FROM (NEW.status, NEW.control, NEW.ended_at, NEW.error_details))
    EXECUTE FUNCTION officeflow_changed();
CREATE TRIGGER is_new BEFORE INSERT ON human_requests FOR EACH ROW EXECUTE FUNCTION officeflow_changed();
CREATE TRIGGER has_changed BEFORE UPDATE ON human_requests FOR EACH ROW
    WHEN ((OLD.state, OLD.decision, OLD.deadline, OLD.escalated_at, OLD.asked, OLD.changed_in)
        IS DISTINCT FROM (NEW.state, NEW.decision, NEW.deadline, NEW.escalated_at, NEW.asked, NEW.changed_in))
    EXECUTE FUNCTION officeflow_changed();
CREATE TRIGGER is_new AFTER INSERT ON human_assignments FOR EACH ROW
    EXECUTE FUNCTION officeflow_request_changed();
CREATE TRIGGER has_changed AFTER UPDATE ON human_assignments FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION officeflow_request_changed();
"""
"""The transaction in which a row was changed last is where a reader goes on: by the snapshot that it had it
knows which it has seen, in whatever order they were committed.
"""

VERIFICATIONS = """
CREATE TABLE audit_verifications (
    verification_id UUID NOT NULL,
    asked_by VARCHAR(600) NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    records BIGINT,
    waiting BIGINT,
    anchor VARCHAR(100) DEFAULT '' NOT NULL,
    compared JSONB DEFAULT '[]' NOT NULL,
    problems JSONB DEFAULT '[]' NOT NULL,
    error TEXT DEFAULT '' NOT NULL,
    org_id UUID NOT NULL,
    CONSTRAINT pk_audit_verifications PRIMARY KEY (verification_id),
    CONSTRAINT fk_audit_verifications_org_id_organizations
        FOREIGN KEY (org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_audit_verifications_newest ON audit_verifications (org_id, asked_at, verification_id);
CREATE UNIQUE INDEX ix_audit_verifications_open ON audit_verifications (org_id) WHERE done_at IS NULL;
"""

DOWN = """
DROP TABLE audit_verifications;
DROP TRIGGER is_new ON human_assignments;
DROP TRIGGER has_changed ON human_assignments;
DROP TRIGGER is_new ON human_requests;
DROP TRIGGER has_changed ON human_requests;
DROP TRIGGER is_new ON workflow_runs;
DROP TRIGGER has_changed ON workflow_runs;
DROP FUNCTION officeflow_changed, officeflow_request_changed;
ALTER TABLE human_requests DROP COLUMN changed_in;
ALTER TABLE workflow_runs DROP COLUMN changed_in, DROP COLUMN employee_key;
DROP INDEX ix_audit_records_action, ix_audit_records_actor, ix_audit_records_subject, ix_audit_records_newest,
    ix_dead_letters_day, ix_inbox_events_day, ix_human_assignments_request, ix_human_requests_open,
    ix_human_requests_newest, ix_node_runs_newest, ix_workflow_runs_ended,
    ix_workflow_runs_attention, ix_workflow_runs_dag, ix_workflow_runs_status, ix_workflow_runs_newest;
CREATE INDEX ix_audit_records_subject ON audit_records (org_id, subject);
CREATE INDEX ix_audit_records_org_id ON audit_records (org_id);
CREATE INDEX ix_node_runs_org_id ON node_runs (org_id);
"""


def upgrade() -> None:
    op.execute(LISTS)
    op.execute(CHANGES)
    op.execute(VERIFICATIONS)
    protect("audit_verifications", tenant="SELECT, INSERT")


def downgrade() -> None:
    op.execute(DOWN)
