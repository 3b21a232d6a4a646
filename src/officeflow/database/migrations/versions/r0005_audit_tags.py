"""Audit records carry a tag, by which it is known that OfficeFlow wrote them."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE audit_records ADD COLUMN tag bytea")


def downgrade() -> None:
    op.execute("ALTER TABLE audit_records DROP COLUMN tag")
