"""Whoever is nobody's user any more has nothing any more; while our database is away nobody gets anything."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from auth.fab_roles import MEMBER_ROLE, SERVICE_ROLE
from officeflow.database.tables import User
from officeflow.tenants.membership import FRESH_SECONDS
from tests.airflow.embedded import eventually
from tests.airflow.rights.conftest import Installation
from tests.airflow.rights.marks import dag_id_of, mark

pytestmark = pytest.mark.integration

OWN = f"/api/v2/dags/{dag_id_of('north')}"
TEAMS = f"/api/v2/dags/{dag_id_of('team')}"


def settle(made: Installation, org: str, login: str, *, is_active: bool) -> None:
    with made.database.tenant(made.org_ids[org]) as session:
        session.scalars(select(User).where(User.airflow_login == login)).one().is_active = is_active


def test_a_user_who_is_deactivated_loses_tokens_and_sessions_and_gets_them_back(
    installation: Installation,
) -> None:
    process = installation.process
    login, token = installation.person("admin")
    cookies = {"Cookie": process.told(page=login)}
    profile = "/auth/users/userinfo/"
    doors = [(token, OWN, None), ("", OWN, cookies), ("", "/ui/auth/me", cookies), ("", profile, cookies)]

    def statuses() -> list[int]:
        return [process.get(token, path, headers=headers)[0] for token, path, headers in doors]

    assert statuses() == [200] * 4
    assert FRESH_SECONDS <= 5
    settle(installation, "north", login, is_active=False)
    eventually(lambda: all(status in {302, 401, 403} for status in statuses()))
    signing_in = {"method": "POST", "path": "/auth/token", "json": {"username": login, "password": login}}
    assert process.call([signing_in])[0][0] == 401
    settle(installation, "north", login, is_active=True)
    eventually(lambda: statuses() == [200] * 4)
    assert process.call([signing_in])[0][0] == 201


def test_a_user_of_two_organizations_loses_the_one(installation: Installation) -> None:
    login, token = installation.person("admin")
    installation.add_user("south", login, "viewer")
    other = f"/api/v2/dags/{dag_id_of('south')}"
    eventually(lambda: installation.process.get(token, other)[0] == 200)
    settle(installation, "north", login, is_active=False)
    eventually(lambda: installation.process.get(token, OWN)[0] == 403)
    assert installation.process.get(token, other)[0] == 200


def test_an_organization_takes_nothing_that_the_platform_gave(installation: Installation) -> None:
    """Else its admin could enter a data team's login as a user, and lock it out by deactivating that."""
    login = f"f{secrets.token_hex(4)}"
    installation.add_user("north", login, "viewer")
    token = installation.token(login, "Op")
    eventually(lambda: installation.process.get(token, OWN)[0] == 200)
    settle(installation, "north", login, is_active=False)
    eventually(lambda: installation.process.get(token, OWN)[0] == 403)
    assert installation.process.get(token, TEAMS)[0] == 200


def test_an_account_for_users_that_is_nobodys_sees_nothing(installation: Installation) -> None:
    token = installation.token(f"n{secrets.token_hex(4)}", MEMBER_ROLE)
    assert [installation.process.get(token, path)[0] for path in ("/ui/auth/me", "/api/v2/dags")] == [
        403,
        403,
    ]


def test_the_service_account_sees_all_organizations(installation: Installation) -> None:
    token = installation.token(f"s{secrets.token_hex(4)}", SERVICE_ROLE)
    for owner in ("north", "south", "team"):
        assert installation.process.get(token, f"/api/v2/dags/{dag_id_of(owner)}")[0] == 200
        assert mark(owner) in installation.process.get(token, f"/api/v2/connections/{owner}.mail")[1]


@contextmanager
def away(made: Installation) -> Iterator[None]:
    """Our database takes nobody, and those who were connected are not any more."""
    url = made.database.engine.url
    name = sql.Identifier(url.database or "")
    leave = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    other = make_url(str(url.set(drivername="postgresql", database="postgres").render_as_string(False)))
    with psycopg.connect(other.render_as_string(hide_password=False), autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        admin.execute(leave, (url.database,))
        try:
            yield
        finally:
            admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
    made.database.dispose()
    with made.database.service() as session:
        session.execute(text("SELECT 1"))


def test_while_our_database_is_away_the_platform_goes_on_and_nobody_else(installation: Installation) -> None:
    """Told so, and not as if they had lost it: a session lives on."""
    tokens, process = installation.tokens, installation.process
    cookies = {"Cookie": process.told(page=installation.person("viewer")[0])}
    service = installation.token(f"s{secrets.token_hex(4)}", SERVICE_ROLE)
    paths = (OWN, TEAMS, "/api/v2/dags", "/ui/dags", "/ui/auth/menus", "/api/v2/plugins")

    def statuses(token: str, headers: dict[str, str] | None = None) -> set[int]:
        return {process.get(token, path, headers=headers)[0] for path in paths}

    with away(installation):
        eventually(lambda: statuses(tokens["north-admin"]) == {503})
        eventually(lambda: statuses("", cookies) == {503})
        assert statuses(tokens["team"]) == {503}
        assert statuses(tokens["root"]) == {200}
        assert process.get(service, OWN)[0] == 200
        assert "database does not answer" in process.get(tokens["north-admin"], OWN)[1]
    eventually(lambda: process.get(tokens["north-admin"], OWN)[0] == 200)
    assert process.get("", OWN, headers=cookies)[0] == 200
