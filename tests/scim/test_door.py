"""Who is let in, and how whoever is not is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from officeflow.api import alone
from officeflow.api.context import Context, SignedIn
from officeflow.api.paths import PATH as API
from officeflow.database.engine import Database
from officeflow.database.tables import ApiToken, Organization
from officeflow.rights.permissions import Permission, Role
from officeflow.scim import app as scim
from officeflow.scim.paths import PATH
from officeflow.settings import Settings
from officeflow.tenants import membership
from tests.scim.people import Provider, user

pytestmark = pytest.mark.integration
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
Token = Callable[..., str]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    "headers", [{}, bearer("oft_guessed0"), bearer("of-airflow"), {"Authorization": "Basic eDp5"}]
)
def test_without_a_token_nothing_is_told(served: TestClient, headers: dict[str, str]) -> None:
    for path in ("/Users", "/ServiceProviderConfig", "/nothing"):
        answer = served.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["schemas"] == [ERROR]
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/scim+json"


def test_a_browsers_cookie_opens_nothing(served: TestClient) -> None:
    served.cookies.set("_token", "of-airflow")
    assert served.get("/Users").status_code == 401


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_admins_token_may(served: TestClient, org: Organization, token: Token, role: Role) -> None:
    answer = served.post("/Users", json=user(), headers=bearer(token(org, role)))
    assert (answer.status_code, answer.json()["schemas"]) == (403, [ERROR])
    assert Permission.USER_MANAGE in answer.json()["detail"]


def test_a_token_may_be_narrowed_to_this(served: TestClient, org: Organization, token: Token) -> None:
    enough = token(org, Role.ADMIN, [Permission.USER_MANAGE])
    too_little = token(org, Role.ADMIN, [Permission.USER_READ])
    assert served.get("/Users", headers=bearer(enough)).status_code == 200
    assert served.get("/Users", headers=bearer(too_little)).status_code == 403


def test_another_organizations_users_are_not_there(provider: Provider, stranger: Provider) -> None:
    made, group = provider.user(), provider.group()
    for kind, each in (("Users", made), ("Groups", group)):
        path = f"/{kind}/{each['id']}"
        naming = {"op": "replace", "path": "displayName", "value": "Mine"}
        assert stranger.ask("GET", path).status_code == 404
        assert stranger.ask("PUT", path, each).status_code == 404
        assert stranger.patch(path, naming).status_code == 404
        assert stranger.ask("DELETE", path).status_code == 404
        assert stranger.get(f"/{kind}")["totalResults"] == 0
    assert provider.get(f"/Users/{made['id']}")["displayName"] == "Ana Pérez"


def test_a_revoked_token_opens_nothing(
    context: Context, provider: Provider, database: Database, org: Organization
) -> None:
    with database.tenant(org.org_id) as session:
        for each in session.scalars(select(ApiToken)):
            each.revoked_at = context.clock.now()
    assert provider.ask("GET", "/Users").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/Bulk", 501),
        ("GET", "/Me", 501),
        ("DELETE", "/Users", 405),
        ("GET", "/Users/1/2", 404),
        ("GET", "/Pets", 404),
    ],
)
def test_what_is_not_offered_is_said(provider: Provider, method: str, path: str, status: int) -> None:
    answer = provider.ask(method, path, {} if method == "POST" else None)
    assert (answer.status_code, answer.json()["schemas"]) == (status, [ERROR])


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/scim+json", 400),
        (b'{"userName": "a", "userName": "b"}', "application/json", 400),
        (b'{"userName": "\\u0000"}', "application/json", 400),
        (b"[" * 100 + b"]" * 100, "application/json", 400),
        (b"[]", "application/json", 400),
        (b"<User/>", "application/xml", 415),
    ],
)
def test_what_cannot_be_read_is_refused(
    served: TestClient, org: Organization, token: Token, content: bytes, kind: str, status: int
) -> None:
    headers = bearer(token(org)) | {"Content-Type": kind}
    for method, path in (("POST", "/Users"), ("PATCH", "/Users/1"), ("POST", "/Users/.search")):
        answer = served.request(method, path, content=content, headers=headers)
        assert (answer.status_code, answer.json()["schemas"]) == (status, [ERROR]), answer.text


def test_what_is_too_large_is_refused(provider: Provider, context: Context) -> None:
    answer = provider.ask("POST", "/Users", "x" * (context.settings.api_body_kib * 1024))
    assert (answer.status_code, answer.json()["schemas"]) == (413, [ERROR])


def test_locations_are_where_the_provider_asked(provider: Provider) -> None:
    made = provider.user()
    assert made["meta"]["location"] == f"http://officeflow.test{PATH}/Users/{made['id']}"
    group = provider.group(members=[made])
    assert group["members"][0]["$ref"] == made["meta"]["location"]


def test_the_request_is_named_in_what_it_does(
    provider: Provider, database: Database, org: Organization
) -> None:
    from officeflow.audit import store as audit

    answer = provider.ask("POST", "/Users", user(), X_Request_ID="okta-4711")
    assert answer.headers["x-request-id"] == "okta-4711"
    with database.tenant(org.org_id) as session:
        (record,) = audit.newest(session, org.org_id)
    assert record.correlation_id == "okta-4711"
    assert record.actor.startswith("token:acme/idp-")


def test_too_many_requests_are_told_when_to_come_back(
    valkey_url: str, database: Database, org: Organization, token: Token
) -> None:
    settings = Settings.model_validate({"redis_url": valkey_url, "api_rate": "1 per 1 minute"})
    context = Context(settings, _nobody, given_database=database)
    with TestClient(scim.create(context), headers=bearer(token(org))) as client:
        assert client.get("/Users").headers["ratelimit-policy"] == '"default";q=1;w=60'
        late = client.get("/Users")
        assert client.portal is not None
        client.portal.call(context.close)
    assert (late.status_code, late.json()["status"]) == (429, "429")
    assert int(late.headers["retry-after"]) > 0


async def _nobody(token: str) -> SignedIn | None:
    del token
    return None


class TestBesideTheApi:
    """One process serves both, on the same connections."""

    @pytest.fixture
    def both(self, monkeypatch: pytest.MonkeyPatch, context: Context, provider: Provider) -> TestClient:
        del provider
        monkeypatch.setattr(alone, "Context", lambda *_: context)
        app: Starlette = alone.application(context.settings, beside=[(PATH, scim.create)])
        assert [each.path for each in app.routes if isinstance(each, Mount)] == [API, PATH]
        return TestClient(app, base_url="http://officeflow.test")

    def test_whoever_is_deactivated_has_nothing_any_more(
        self, both: TestClient, context: Context, org: Organization, token: Token
    ) -> None:
        async def airflow(_: str) -> SignedIn:
            return SignedIn("ana", is_platform_admin=False)

        context.ask_airflow = airflow
        provider = bearer(token(org))

        def seen() -> list[Any]:
            told = both.get(f"{API}/me", headers=bearer("of-airflow")).json()
            return [each["slug"] for each in told["organizations"]]

        made = both.post(f"{PATH}/Users", json=user(userName="Ana"), headers=provider).json()
        assert seen() == ["acme"]
        operation = {"op": "Replace", "path": "active", "value": "False"}
        both.patch(f"{PATH}/Users/{made['id']}", json={"Operations": [operation]}, headers=provider)
        gone = retry(
            retry=retry_if_result(bool), stop=stop_after_delay(30), wait=wait_fixed(0.05), reraise=True
        )(seen)
        assert gone() == []
        assert 2 * membership.FRESH_SECONDS < 5  # what each of the two processes remembers
