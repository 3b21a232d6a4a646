"""What every table of tenants' rows gets. Released migrations call this: what it lets
through must stay.
"""

from __future__ import annotations

from alembic import op

from officeflow.database.engine import GATEWAY_ROLE, ORG_SETTING, SERVICE_ROLE, TENANT_ROLE

_ORG = f"(SELECT nullif(current_setting('{ORG_SETTING}', true), '')::uuid)"
_TENANTS = f"(SELECT current_user = '{TENANT_ROLE}') AND org_id = {_ORG}"
_SERVICES = f"(SELECT current_user = '{SERVICE_ROLE}')"
# A policy for a role also holds for whoever inherits from the role: so they look at who it really is. In a
# query of its own PostgreSQL answers that once, and does not take it for a condition of the rows, of which few
# would be left.


def protect(
    table: str, *, tenant: str = "SELECT, INSERT, UPDATE", service: str = "SELECT, INSERT, UPDATE, DELETE"
) -> None:
    """Row-level security, for the owner too: a tenant's transaction sees and writes its own rows, a service's
    all. Nobody else sees any.

    `tenant` and `service` are what the two roles may do.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} TO {TENANT_ROLE} USING ({_TENANTS}) WITH CHECK ({_TENANTS})")
    op.execute(
        f"CREATE POLICY service ON {table} TO {SERVICE_ROLE} USING ({_SERVICES}) WITH CHECK ({_SERVICES})"
    )
    op.execute(f"GRANT {tenant} ON {table} TO {TENANT_ROLE}")
    op.execute(f"GRANT {service} ON {table} TO {SERVICE_ROLE}")


def open_to_gateway(table: str, rights: str) -> None:
    """Let the webhook gateway do this with all organizations' rows."""
    whose = f"(SELECT current_user = '{GATEWAY_ROLE}')"
    op.execute(f"CREATE POLICY gateway ON {table} TO {GATEWAY_ROLE} USING ({whose}) WITH CHECK ({whose})")
    op.execute(f"GRANT {rights} ON {table} TO {GATEWAY_ROLE}")


def close_to_gateway(table: str) -> None:
    op.execute(f"DROP POLICY gateway ON {table}")
    op.execute(f"REVOKE ALL ON {table} FROM {GATEWAY_ROLE}")
