"""Indexes of the lists that the API offers, each with the order that the list has."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

UP = """
CREATE INDEX ix_employees_org_id_status_external_id ON employees (org_id, status, external_id);
CREATE INDEX ix_employees_org_id_department_external_id ON employees (org_id, department, external_id);
CREATE INDEX ix_employees_org_id_manager_external_id ON employees (org_id, manager_external_id, external_id);
CREATE INDEX ix_user_groups_org_id_group_name ON user_groups (org_id, group_name, user_id);
CREATE INDEX ix_api_tokens_org_id_created_at ON api_tokens (org_id, created_at, token_id);
CREATE INDEX ix_api_tokens_account_id_created_at ON api_tokens (account_id, created_at, token_id);
DROP INDEX ix_api_tokens_account_id;
"""

DOWN = """
CREATE INDEX ix_api_tokens_account_id ON api_tokens (account_id);
DROP INDEX ix_api_tokens_account_id_created_at;
DROP INDEX ix_api_tokens_org_id_created_at;
DROP INDEX ix_user_groups_org_id_group_name;
DROP INDEX ix_employees_org_id_manager_external_id;
DROP INDEX ix_employees_org_id_department_external_id;
DROP INDEX ix_employees_org_id_status_external_id;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
