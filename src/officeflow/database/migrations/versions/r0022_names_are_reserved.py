"""A name that a run has chosen at a system is kept for it until it is used there."""

from __future__ import annotations

from alembic import op

from officeflow.database.migrations.security import protect

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE name_reservations (
    system VARCHAR(255) NOT NULL,
    digest VARCHAR(64) NOT NULL,
    act_key VARCHAR(64) NOT NULL,
    run_id UUID NOT NULL,
    node_key VARCHAR(250) NOT NULL,
    map_index INTEGER DEFAULT -1 NOT NULL,
    reserved_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    org_id UUID NOT NULL,
    CONSTRAINT pk_name_reservations PRIMARY KEY (org_id, system, digest),
    CONSTRAINT fk_name_reservations_run_id_workflow_runs
        FOREIGN KEY (run_id) REFERENCES workflow_runs (run_id),
    CONSTRAINT fk_name_reservations_org_id_organizations
        FOREIGN KEY (org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_name_reservations_org_id ON name_reservations (org_id);
CREATE INDEX ix_name_reservations_run_id ON name_reservations (run_id);
CREATE INDEX ix_name_reservations_act_key ON name_reservations (act_key);
"""


def upgrade() -> None:
    op.execute(UP)
    protect("name_reservations", tenant="SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    op.execute("DROP TABLE name_reservations")
