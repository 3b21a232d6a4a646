"""A login per kind of work: what gets into a tenant's transaction stays a tenant."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from officeflow.database import migrate, roles
from officeflow.database.engine import Database, enter_tenant, sqlalchemy_url
from officeflow.database.roles import Logins
from officeflow.database.tables import Organization
from officeflow.errors import InvalidInput
from officeflow.runs.lock import connected
from tests.database.conftest import Login

pytestmark = pytest.mark.integration

OTHERS = (
    "SET ROLE officeflow_service",
    "SELECT set_config('role', 'officeflow_service', true)",
    "RESET ROLE; SET LOCAL ROLE officeflow_service",
    "RESET SESSION AUTHORIZATION; SET ROLE officeflow_service",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "GRANT officeflow_service TO session_user",
    "RESET ROLE; SELECT * FROM employees",
    "ALTER TABLE employees NO FORCE ROW LEVEL SECURITY",
)
"""Statements that somebody would smuggle in."""


@pytest.mark.parametrize("statement", OTHERS)
def test_a_tenants_transaction_cannot_become_anybody_else(
    database: Database, org: Organization, statement: str
) -> None:
    *before, last = statement.split("; ")
    with database.tenant(org.org_id) as session:
        for part in before:
            session.execute(text(part))
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            session.execute(text(last))
        session.rollback()


def test_nor_can_the_transaction_of_an_act(database: Database, org: Organization) -> None:
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with connected(database, 1) as act, refused, act.transaction(org.org_id) as session:
        session.execute(text("SET ROLE officeflow_service"))


def test_a_service_sees_all_organizations_and_may_step_down_to_one(
    database: Database, org: Organization
) -> None:
    with database.service() as session:
        assert session.scalar(text("SELECT count(*) FROM organizations")) == 1
        enter_tenant(session, uuid.uuid4())
        assert session.scalar(text("SELECT count(*) FROM organizations")) == 0


def test_each_kind_of_transaction_has_its_own_login(
    database: Database, org: Organization, logins: Logins
) -> None:
    asked = text("SELECT session_user")
    with (
        database.service() as service,
        database.tenant(org.org_id) as tenant,
        database.engine.connect() as owner,
    ):
        told = [session.scalar(asked) for session in (service, tenant)]
        assert told == [make_url(url).username for url in (logins.service_url, logins.tenant_url)]
        assert owner.scalar(asked) not in told


def test_with_the_owners_address_alone_all_transactions_are_its_own(
    database_url: str, org: Organization
) -> None:
    with Database(database_url) as database, database.tenant(org.org_id) as session:
        assert session.scalar(text("SELECT session_user")) == make_url(database_url).username
        assert database.tenants is database.engine


@pytest.fixture
def new_roles(monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> Iterator[tuple[str, str]]:
    """Roles and logins that this cluster has not yet; the real ones stay as other tests need them."""
    ending = secrets.token_hex(4)
    names = f"officeflow_tenant_{ending}", f"officeflow_service_{ending}"
    monkeypatch.setattr(roles, "TENANT_ROLE", names[0])
    monkeypatch.setattr(roles, "SERVICE_ROLE", names[1])
    gateway = f"officeflow_gateway_{ending}"
    monkeypatch.setattr(roles, "GATEWAY_ROLE", gateway)
    yield names
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name in (*names, gateway):
            for each in (f'"{name}-login"', name):
                if connection.execute(
                    "SELECT 1 FROM pg_roles WHERE rolname = %s", [each.strip('"')]
                ).fetchone():
                    connection.execute(f"DROP OWNED BY {each}; DROP ROLE {each}")


def addresses(login: Login, names: tuple[str, str], password: str) -> Logins:
    made = (
        make_url(login.url)
        .set(username=f"{name}-login", password=password)
        .render_as_string(hide_password=False)
        for name in names
    )
    return Logins(*made)


def ensure(url: str, logins: Logins) -> None:
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        roles.ensure(connection, logins)


def test_an_owner_with_createrole_makes_the_logins_again_and_again(
    login: Login, new_roles: tuple[str, str]
) -> None:
    """Also with another password than before; whatever characters it and the name have."""
    with psycopg.connect(login.url, autocommit=True) as owner:
        owner.execute(f'REVOKE CONNECT ON DATABASE "{login.name}" FROM PUBLIC')
    for password in ("p'ss:word%", "p'ss:word%", "another"):
        logins = addresses(login, new_roles, password)
        ensure(login.url, logins)
        with psycopg.connect(logins.service_url) as service:
            for role in new_roles:
                service.execute(f"SET ROLE {role}")
        with psycopg.connect(logins.tenant_url) as tenant:
            tenant.execute(f"SET ROLE {new_roles[0]}")
            assert tenant.execute(
                "SELECT pg_has_role(session_user, %s, 'MEMBER')", [new_roles[1]]
            ).fetchone() == (False,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                tenant.execute(f"SET ROLE {new_roles[1]}")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(addresses(login, new_roles, "p'ss:word%").tenant_url)


def test_an_owner_that_may_not_make_logins_gets_the_statements_for_an_administrator(
    login: Login, new_roles: tuple[str, str], postgres_url: str
) -> None:
    ensure(login.url, Logins())
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"ALTER ROLE {login.name} NOCREATEROLE")
    with pytest.raises(InvalidInput, match="cannot be made") as caught:
        migrate.upgrade(login.url, logins=addresses(login, new_roles, "p"))
    assert f'CREATE ROLE "{new_roles[0]}-login" LOGIN NOINHERIT PASSWORD …' in caught.value.hint
    assert f"GRANT {new_roles[0]} TO" in caught.value.hint
