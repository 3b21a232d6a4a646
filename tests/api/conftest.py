from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from officeflow.api import problems
from officeflow.api.app import create
from officeflow.api.context import Context, SignedIn
from officeflow.api.paths import PATH
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import ApiToken, Organization, ServiceAccount, User
from officeflow.ids import new_id
from officeflow.rights.permissions import Permission, Role
from officeflow.settings import Settings
from officeflow.tenants import tokens
from tests.api import probe

Client = Callable[..., TestClient]


class Airflow:
    """Whose tokens Airflow's side says they are; `calls` counts how often it was asked."""

    def __init__(self) -> None:
        self.people: dict[str, SignedIn] = {}
        self.calls = 0

    async def __call__(self, token: str) -> SignedIn | None:
        self.calls += 1
        return self.people.get(token)

    def sign_in(self, login: str, *, admin: bool = False) -> str:
        token = secrets.token_hex(8)
        self.people[token] = SignedIn(login, admin)
        return token


@pytest.fixture
def airflow() -> Airflow:
    return Airflow()


@pytest.fixture
def api_settings(valkey_url: str) -> Settings:
    return Settings.model_validate({"redis_url": valkey_url})


@pytest.fixture
def context(api_settings: Settings, airflow: Airflow, database: Database) -> Context:
    return Context(api_settings, airflow, given_database=database)


@pytest.fixture(scope="session")
def application() -> FastAPI:
    """Made once: its routes take most of a second."""
    made = create(Context(Settings(), Airflow()))
    made.include_router(probe.router)
    return made


@pytest.fixture
def anybody(application: FastAPI, context: Context) -> Iterator[TestClient]:
    """Nobody has signed in."""
    application.state.context = context
    app = Starlette(routes=[Mount(PATH, application)], exception_handlers={404: problems.nothing_there})
    address = (f"test-{secrets.token_hex(6)}", 1)
    url = f"http://api.test{PATH}"
    with TestClient(app, base_url=url, raise_server_exceptions=False, client=address) as client:
        yield client
        assert client.portal is not None
        client.portal.call(context.close)


@pytest.fixture
def person(database: Database, airflow: Airflow) -> Callable[..., str]:
    """Takes an organization and a role; gives the token of a new person who has signed in at Airflow."""

    def made(org: Organization, role: Role) -> str:
        login = f"{role.value}-{secrets.token_hex(6)}"
        with database.tenant(org.org_id) as session:
            session.add(
                User(
                    user_id=new_id(),
                    org_id=org.org_id,
                    email=f"{login}@acme.example",
                    name=login,
                    role=role.value,
                    airflow_login=login,
                    is_active=True,
                )
            )
        return airflow.sign_in(login)

    return made


@pytest.fixture
def as_role(
    anybody: TestClient, org: Organization, person: Callable[..., str]
) -> Callable[[Role], dict[str, str]]:
    """The header of a new person with a role in `acme`."""
    return lambda role: {"Authorization": f"Bearer {person(org, role)}"}


@pytest.fixture
def platform_admin(airflow: Airflow) -> dict[str, str]:
    """The header of somebody who may do everything."""
    return {"Authorization": f"Bearer {airflow.sign_in('root', admin=True)}"}


@pytest.fixture
def program(database: Database, org: Organization) -> Callable[..., str]:
    """A token of a new service account of `acme`."""

    def made(
        role: Role = Role.OPERATOR,
        *,
        scopes: list[Permission] | None = None,
        expires: dt.timedelta = dt.timedelta(days=1),
        active: bool = True,
        revoked: bool = False,
    ) -> str:
        now, token, account_id = SystemClock().now(), tokens.new_token(), new_id()
        with database.tenant(org.org_id) as session:
            session.add(
                ServiceAccount(
                    account_id=account_id,
                    org_id=org.org_id,
                    name=f"hr-{secrets.token_hex(4)}",
                    role=role,
                    is_active=active,
                )
            )
            session.add(
                ApiToken(
                    token_id=new_id(),
                    org_id=org.org_id,
                    account_id=account_id,
                    prefix=token.prefix,
                    digest=token.digest,
                    scopes=scopes,
                    created_by="test",
                    created_at=now,
                    expires_at=now + expires,
                    revoked_at=now if revoked else None,
                )
            )
        return token.text

    return made
