from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from officeflow.api.context import Context
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import ApiToken, Organization, ServiceAccount
from officeflow.ids import new_id
from officeflow.rights.permissions import Permission, Role
from officeflow.scim.app import create
from officeflow.scim.paths import PATH
from officeflow.settings import Settings
from officeflow.tenants import tokens
from tests.scim.people import Provider


async def nobody(token: str) -> None:
    del token


@pytest.fixture
def context(database: Database) -> Context:
    """Nobody counts requests: there is no Redis."""
    settings = Settings.model_validate({"redis_url": "redis://127.0.0.1:1/0"})
    return Context(settings, nobody, given_database=database)


@pytest.fixture
def token(database: Database) -> Callable[..., str]:
    """A token of a new service account of the organization."""

    def made(org: Organization, role: Role = Role.ADMIN, scopes: list[Permission] | None = None) -> str:
        new, now = tokens.new_token(), SystemClock().now()
        account = ServiceAccount(
            account_id=new_id(),
            org_id=org.org_id,
            name=f"idp-{secrets.token_hex(4)}",
            role=role,
            is_active=True,
        )
        row = ApiToken(
            token_id=new_id(),
            org_id=org.org_id,
            account_id=account.account_id,
            prefix=new.prefix,
            digest=new.digest,
            scopes=scopes,
            created_by="test",
            created_at=now,
            expires_at=now + dt.timedelta(days=1),
        )
        with database.tenant(org.org_id) as session:
            session.add_all([account, row])
        return new.text

    return made


@pytest.fixture
def served(context: Context) -> Iterator[TestClient]:
    """Without a token."""
    app = Starlette(routes=[Mount(PATH, create(context))])
    address = (f"test-{secrets.token_hex(6)}", 1)
    url = f"http://officeflow.test{PATH}"
    with TestClient(app, base_url=url, raise_server_exceptions=False, client=address) as client:
        yield client
        assert client.portal is not None
        client.portal.call(context.close)


@pytest.fixture
def provider(served: TestClient, org: Organization, token: Callable[..., str]) -> Provider:
    """The identity provider of `acme`."""
    return Provider(served, token(org))


@pytest.fixture
def stranger(served: TestClient, other: Organization, token: Callable[..., str]) -> Provider:
    """That of another organization."""
    return Provider(served, token(other))
