"""A write that the other system took and that cannot be seen there is remembered, so that no later attempt
makes it again.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE node_runs ADD COLUMN taken boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    op.execute("ALTER TABLE node_runs DROP COLUMN taken")
