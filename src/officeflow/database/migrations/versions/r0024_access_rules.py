"""What people should have in an organization's systems, by rules (ADR 49)."""

from __future__ import annotations

from alembic import op

from officeflow.database.migrations.security import protect

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE access_rules_versions (
    version INTEGER NOT NULL,
    document JSONB NOT NULL,
    why TEXT NOT NULL,
    set_by VARCHAR(600) NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    org_id UUID NOT NULL,
    CONSTRAINT pk_access_rules_versions PRIMARY KEY (org_id, version),
    CONSTRAINT fk_access_rules_versions_org_id_organizations
        FOREIGN KEY (org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_access_rules_versions_org_id ON access_rules_versions (org_id);
"""


def upgrade() -> None:
    op.execute(UP)
    protect("access_rules_versions", tenant="SELECT, INSERT")


def downgrade() -> None:
    op.execute("DROP TABLE access_rules_versions")
