"""The roles that a transaction steps down to, and the logins that may, made where they are missing.

Roles belong to the whole PostgreSQL cluster, so they are no part of a migration: several databases may use
them, and none drops them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from officeflow.database.engine import GATEWAY_ROLE, SERVICE_ROLE, TENANT_ROLE, sqlalchemy_url
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


@dataclass(frozen=True, slots=True)
class Logins:
    """Addresses of our database as the logins of tenants' transactions, of services and of the webhook
    gateway; empty where there is none.
    """

    tenant_url: str = ""
    service_url: str = ""
    gateway_url: str = ""


def ensure(connection: Connection, logins: Logins | None = None) -> None:
    """Make the roles, the membership of the owner in them, and the logins; all may exist already.

    The tenants' login can step into their role alone, the gateway's into its; that of services into the
    tenants' and its own. Where PostgreSQL can say so
    (16 and newer), nobody inherits anything from them. `InvalidInput` with the statement for an administrator
    where the owner may not do it.
    """
    owner = connection.engine.url.username or ""
    for role in (TENANT_ROLE, SERVICE_ROLE, GATEWAY_ROLE):
        with _advised(
            f"the database login may not use the role {role}", _membership(connection, role, owner)
        ):
            connection.execute(text(_CREATE.format(role=role)))
            if not _is_member(connection, role, owner):
                connection.execute(text(_membership(connection, role, owner)))
    if logins and logins.tenant_url:
        _ensure_login(connection, logins.tenant_url, TENANT_ROLE)
    if logins and logins.service_url:
        _ensure_login(connection, logins.service_url, TENANT_ROLE, SERVICE_ROLE)
    if logins and logins.gateway_url:
        _ensure_login(connection, logins.gateway_url, GATEWAY_ROLE)


def _ensure_login(connection: Connection, url: str, *roles: str) -> None:
    """The login that the address names, with its password, the right to connect, and these roles."""
    address = make_url(url)
    login, quoted = address.username or "", _quoted(connection, address.username or "")
    there = connection.scalar(
        text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :login)"), {"login": login}
    )
    statement = f"{'ALTER' if there else 'CREATE'} ROLE {quoted} LOGIN NOINHERIT"
    database = _quoted(connection, connection.engine.url.database or "")
    missing = [
        _membership(connection, role, login)
        for role in roles
        if not there or not _is_member(connection, role, login)
    ]
    with _advised(
        f"the database login {login} cannot be made", "; ".join([f"{statement} PASSWORD …", *missing])
    ):
        if not there or not _works(url):
            verifier = _verifier(connection, login, str(address.password or ""))
            connection.exec_driver_sql(f"{statement} PASSWORD '{verifier}'")
        connection.execute(text(f"GRANT CONNECT ON DATABASE {database} TO {quoted}"))
        for grant in missing:
            connection.execute(text(grant))


def _works(url: str) -> bool:
    """Whether one can sign in: an administrator's login is left as it is."""
    try:
        psycopg.connect(
            sqlalchemy_url(url).replace("postgresql+psycopg", "postgresql", 1), connect_timeout=10
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def _verifier(connection: Connection, login: str, password: str) -> str:
    """What PostgreSQL keeps of a password (RFC 5803): so the password itself is in no statement, and in no
    log of the server.
    """
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise TypeError(f"roles are made over psycopg's connection, not {type(raw).__name__}")
    return raw.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256").decode()


@contextmanager
def _advised(what: str, statements: str) -> Iterator[None]:
    try:
        yield
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        raise InvalidInput(what, hint=f"as a superuser: {statements}") from error


def _is_member(connection: Connection, role: str, login: str) -> bool:
    how = "SET" if _memberships_have_options(connection) else "MEMBER"
    return bool(
        connection.scalar(
            text("SELECT pg_has_role(:login, :role, :how)"), {"login": login, "role": role, "how": how}
        )
    )


def _membership(connection: Connection, role: str, login: str) -> str:
    options = " WITH INHERIT FALSE, SET TRUE" if _memberships_have_options(connection) else ""
    return f"GRANT {role} TO {_quoted(connection, login)}{options}"


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)


def _memberships_have_options(connection: Connection) -> bool:
    """From PostgreSQL 16 on, a membership says for itself whether it inherits, and whether one may step into
    the role.
    """
    version = connection.dialect.server_version_info
    return version is not None and version >= (16,)
