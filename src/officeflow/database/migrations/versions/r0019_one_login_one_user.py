"""A login at Airflow is one user's of an organization."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SETTLE = """
UPDATE users SET airflow_login = NULL, updated_at = now()
FROM (
    SELECT user_id, row_number() OVER (
        PARTITION BY org_id, lower(airflow_login)
        ORDER BY
            is_active DESC,
            array_position(ARRAY['admin', 'editor', 'operator', 'approver', 'auditor', 'viewer'], role::text),
            created_at,
            user_id
    ) AS place
    FROM users WHERE airflow_login IS NOT NULL
) AS ranked
WHERE ranked.user_id = users.user_id AND ranked.place > 1;
"""
"""The strongest role of those who are active is what the login allows: whoever has that keeps it."""

UP = """
CREATE UNIQUE INDEX uq_users_org_id_airflow_login ON users (org_id, lower(airflow_login))
    WHERE airflow_login IS NOT NULL;
"""

DOWN = "DROP INDEX uq_users_org_id_airflow_login;"


def upgrade() -> None:
    op.execute("ALTER TABLE users NO FORCE ROW LEVEL SECURITY")  # or its owner would settle no row
    op.execute(SETTLE)
    op.execute("ALTER TABLE users FORCE ROW LEVEL SECURITY")
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
