"""Outputs keep what is sensitive encrypted, and an act may keep how far it got."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE node_runs ADD COLUMN output_sealed bytea, ADD COLUMN progress bytea")


def downgrade() -> None:
    op.execute("ALTER TABLE node_runs DROP COLUMN output_sealed, DROP COLUMN progress")
