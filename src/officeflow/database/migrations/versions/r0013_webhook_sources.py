"""Systems that deliver lifecycle events by webhooks, and the role of the gateway that takes the deliveries."""

from __future__ import annotations

from alembic import op

from officeflow.database.migrations.security import close_to_gateway, open_to_gateway, protect

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE webhook_sources (
    source_id UUID NOT NULL,
    slug VARCHAR(41) NOT NULL,
    preset VARCHAR(50) NOT NULL,
    definition JSONB NOT NULL,
    secrets BYTEA NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    org_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_webhook_sources PRIMARY KEY (source_id),
    CONSTRAINT uq_webhook_sources_org_id_slug UNIQUE (org_id, slug),
    CONSTRAINT fk_webhook_sources_org_id_organizations FOREIGN KEY(org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_webhook_sources_org_id ON webhook_sources (org_id);
"""

DOWN = """
DROP TABLE webhook_sources;
"""
READS = {"webhook_sources": "SELECT", "organizations": "SELECT", "dead_letters": "SELECT, INSERT"}
"""What the gateway may do, and with which tables."""


def upgrade() -> None:
    op.execute(UP)
    protect("webhook_sources", tenant="SELECT, INSERT, UPDATE, DELETE")
    for table, rights in READS.items():
        open_to_gateway(table, rights)


def downgrade() -> None:
    for table in READS:
        close_to_gateway(table)
    op.execute(DOWN)
