"""Events that were dispatched with a problem are found without reading the whole inbox."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_inbox_events_problems ON inbox_events (dispatched_at) WHERE last_error IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_inbox_events_problems")
