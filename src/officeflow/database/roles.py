"""The two roles that a transaction steps down to, made where they are missing.

Roles belong to the whole PostgreSQL cluster, so they are no part of a migration: several databases may use them, and none drops them.
"""

from __future__ import annotations

from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from officeflow.database.engine import SERVICE_ROLE, TENANT_ROLE
from officeflow.errors import InvalidInput

_CREATE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
        CREATE ROLE {role} NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- the migration of another database was quicker
END $$
"""


def ensure(connection: Connection) -> None:
    """Make the roles and the login's membership in them; both may exist already.

    The login can step into them; where PostgreSQL can say so (16 and newer), it inherits nothing from them.
    `InvalidInput` with the statement for an administrator where the login may not do it.
    """
    for role in (TENANT_ROLE, SERVICE_ROLE):
        try:
            connection.execute(text(_CREATE.format(role=role)))
            if not _is_member(connection, role):
                connection.execute(text(_membership(connection, role)))
        except ProgrammingError as error:
            if not isinstance(error.orig, InsufficientPrivilege):
                raise
            advice = f"as a superuser: {_membership(connection, role)}"
            raise InvalidInput(f"the database login may not use the role {role}", hint=advice) from error


def _is_member(connection: Connection, role: str) -> bool:
    how = "SET" if _memberships_have_options(connection) else "MEMBER"
    return bool(connection.scalar(text("SELECT pg_has_role(:role, :how)"), {"role": role, "how": how}))


def _membership(connection: Connection, role: str) -> str:
    login = connection.dialect.identifier_preparer.quote_identifier(connection.engine.url.username or "")
    options = " WITH INHERIT FALSE, SET TRUE" if _memberships_have_options(connection) else ""
    return f"GRANT {role} TO {login}{options}"


def _memberships_have_options(connection: Connection) -> bool:
    """From PostgreSQL 16 on, a membership says for itself whether it inherits, and whether one may step into the role."""
    version = connection.dialect.server_version_info
    return version is not None and version >= (16,)
