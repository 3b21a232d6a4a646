"""What the relay of the outbox needs: messages that are set aside, and room for every subject."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE outbox_messages ADD COLUMN set_aside_at timestamptz, ALTER COLUMN subject TYPE varchar(600);
DROP INDEX ix_outbox_messages_unsent;
CREATE INDEX ix_outbox_messages_unsent ON outbox_messages (position) WHERE sent_at IS NULL AND set_aside_at IS NULL;
CREATE INDEX ix_outbox_messages_set_aside ON outbox_messages (position) WHERE set_aside_at IS NOT NULL;
"""

DOWN = """
DROP INDEX ix_outbox_messages_set_aside;
DROP INDEX ix_outbox_messages_unsent;
ALTER TABLE outbox_messages DROP COLUMN set_aside_at, ALTER COLUMN subject TYPE varchar(255) USING left(subject, 255);
CREATE INDEX ix_outbox_messages_unsent ON outbox_messages (position) WHERE sent_at IS NULL;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
