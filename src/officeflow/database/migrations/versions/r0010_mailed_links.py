"""A link tells whether its mail was sent, so that who begins to stand in for somebody is written to once."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE answer_links ADD COLUMN mailed_at TIMESTAMP WITH TIME ZONE;
UPDATE answer_links SET mailed_at = created_at;
CREATE INDEX ix_answer_links_assignment ON answer_links (assignment_id, user_id);
"""

DOWN = """
DROP INDEX ix_answer_links_assignment;
ALTER TABLE answer_links DROP COLUMN mailed_at;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
