"""What somebody wants to know of an organization's systems (ADR 46)."""

from __future__ import annotations

from alembic import op

from officeflow.database.migrations.security import protect

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE inquiries (
    inquiry_id UUID NOT NULL,
    kind VARCHAR(20) NOT NULL,
    state VARCHAR(20) DEFAULT 'ASKED' NOT NULL,
    employee VARCHAR(255) DEFAULT '' NOT NULL,
    request BYTEA,
    result BYTEA,
    progress VARCHAR(250) DEFAULT '' NOT NULL,
    asked_by VARCHAR(600) NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    taken_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    org_id UUID NOT NULL,
    CONSTRAINT pk_inquiries PRIMARY KEY (inquiry_id),
    CONSTRAINT fk_inquiries_org_id_organizations FOREIGN KEY (org_id) REFERENCES organizations (org_id)
);
CREATE INDEX ix_inquiries_org_id ON inquiries (org_id);
CREATE INDEX ix_inquiries_asked ON inquiries (org_id, asked_at);
"""


def upgrade() -> None:
    op.execute(UP)
    protect("inquiries", tenant="SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    op.execute("DROP TABLE inquiries")
