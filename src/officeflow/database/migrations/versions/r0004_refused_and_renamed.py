"""Why a node could not begin its act, and under which id the acts of a renamed node stand."""

from __future__ import annotations

from alembic import op

from officeflow.database.migrations.security import protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE workflow_nodes ADD COLUMN act_key varchar(100);

CREATE TABLE node_refusals (
    run_id uuid NOT NULL CONSTRAINT fk_node_refusals_run_id_workflow_runs REFERENCES workflow_runs,
    node_key varchar(250) NOT NULL,
    map_index integer NOT NULL DEFAULT -1,
    org_id uuid NOT NULL CONSTRAINT fk_node_refusals_org_id_organizations REFERENCES organizations,
    node_type varchar(50) NOT NULL,
    try_number integer NOT NULL DEFAULT 1,
    waits boolean NOT NULL DEFAULT false,
    looks integer NOT NULL DEFAULT 1,
    since timestamptz NOT NULL,
    at timestamptz NOT NULL,
    error_details jsonb NOT NULL,
    CONSTRAINT pk_node_refusals PRIMARY KEY (run_id, node_key, map_index)
);
CREATE INDEX ix_node_refusals_org_id ON node_refusals (org_id);
"""

DOWN = """
DROP TABLE node_refusals;
ALTER TABLE workflow_nodes DROP COLUMN act_key;
"""


def upgrade() -> None:
    op.execute(UP)
    protect("node_refusals", tenant="SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    op.execute(DOWN)
