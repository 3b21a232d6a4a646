from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine

from officeflow.database import migrate, roles
from officeflow.database.engine import sqlalchemy_url
from officeflow.errors import InvalidInput
from tests.database.conftest import Login

pytestmark = pytest.mark.integration


@pytest.fixture
def new_roles(monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> Iterator[list[str]]:
    """Names that no role of this cluster has; the real ones stay as other tests need them."""
    names = [f"officeflow_{kind}_{secrets.token_hex(4)}" for kind in ("tenant", "service", "gateway")]
    monkeypatch.setattr(roles, "TENANT_ROLE", names[0])
    monkeypatch.setattr(roles, "SERVICE_ROLE", names[1])
    monkeypatch.setattr(roles, "GATEWAY_ROLE", names[2])
    yield names
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name in names:
            connection.execute(f"DROP ROLE IF EXISTS {name}")


def ensure(url: str) -> None:
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        roles.ensure(connection)


def test_a_login_with_createrole_makes_the_roles_and_may_step_into_them(
    login: Login, new_roles: list[str]
) -> None:
    ensure(login.url)
    with psycopg.connect(login.url) as connection:
        for role in new_roles:
            connection.execute(f"SET ROLE {role}")
            assert connection.execute("SELECT current_user").fetchone() == (role,)
            connection.execute("RESET ROLE")


def test_the_login_inherits_nothing_from_the_roles(login: Login, new_roles: list[str]) -> None:
    """Policies apply to whoever inherits from the role they are for."""
    ensure(login.url)
    with psycopg.connect(login.url) as connection:
        inherits = [
            connection.execute("SELECT pg_has_role(%s, 'USAGE')", [role]).fetchone() for role in new_roles
        ]
    assert inherits == [(False,)] * 3


def test_migrations_of_several_databases_at_once_share_the_roles(
    postgres_url: str, new_roles: list[str]
) -> None:
    errors: list[BaseException] = []
    start = threading.Barrier(4)

    def race() -> None:
        start.wait()
        try:
            ensure(postgres_url)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_login_that_may_not_join_the_roles_gets_the_statement_for_an_administrator(
    login: Login, postgres_url: str
) -> None:
    """The roles exist already, made by somebody else; the statement in the hint is what was missing."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for role in ("officeflow_tenant", "officeflow_service", "officeflow_gateway"):
            with pytest.raises(InvalidInput, match="may not use the role") as caught:
                migrate.upgrade(login.url)
            statement = caught.value.hint.removeprefix("as a superuser: ")
            assert role in statement
            connection.execute(statement)
    migrate.upgrade(login.url)
    assert migrate.current(login.url) == migrate.head()
