"""What a policy asks of the transaction, it asks once for each statement: who it is, and for whom (ADR 43)."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from officeflow.database.engine import GATEWAY_ROLE, ORG_SETTING, SERVICE_ROLE, TENANT_ROLE

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_ORG = f"nullif(current_setting('{ORG_SETTING}', true), '')::uuid"
AND_FOR_THE_GATEWAY = {
    "organization_keys": " AND org_id = {org}",
    "person_keys": " AND org_id = {org} AND retired_at IS NULL",
}
"""Its policies of other tables ask only who it is."""


def _rule(table: str, policy: str, *, role: str, org: str) -> str:
    if policy == "tenant":
        return f"{role.format(TENANT_ROLE)} AND org_id = {org}"
    if policy == "service":
        return role.format(SERVICE_ROLE)
    return role.format(GATEWAY_ROLE) + AND_FOR_THE_GATEWAY.get(table, "").format(org=org)


def _change(*, role: str, org: str) -> None:
    """Of all policies that are ours, table after table in one order."""
    found = text(
        "SELECT tablename, policyname FROM pg_policies WHERE schemaname = current_schema()"
        " AND policyname IN ('tenant', 'service', 'gateway') ORDER BY tablename, policyname"
    )
    for table, policy in op.get_bind().execute(found).all():
        rule = _rule(table, policy, role=role, org=org)
        op.execute(f"ALTER POLICY {policy} ON {table} USING ({rule}) WITH CHECK ({rule})")


def upgrade() -> None:
    _change(role="(SELECT current_user = '{}')", org=f"(SELECT {_ORG})")


def downgrade() -> None:
    _change(role="current_user = '{}'", org=_ORG)
