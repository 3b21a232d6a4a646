"""People who sign in at an OpenID provider get what their groups there say."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select

from officeflow.database.tables import AuditRecord, User
from officeflow.rights.permissions import Role
from officeflow.settings import Settings
from officeflow.stack.airflow.settings import AirflowSetup
from tests.airflow.embedded import eventually
from tests.airflow.rights.conftest import Installation, Process, copied, installed
from tests.airflow.rights.marks import dag_id_of
from tests.airflow.rights.provider import CLIENT, SECRET, Provider, running

pytestmark = pytest.mark.integration

GROUPS = "north-it=north:operator, north-all=north:viewer, south-it=south:admin, it=platform"
NORTH, SOUTH = (f"/api/v2/dags/{dag_id_of(org)}" for org in ("north", "south"))


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture(scope="module")
def installation(
    airflow_setup: AirflowSetup,
    postgres_url: str,
    provider: Provider,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    """Where people sign in at the provider. Databases of its own: Flask-AppBuilder changes what its roles
    may when it is started so.
    """
    differs = {
        "OFFICEFLOW_OIDC_ISSUER": provider.issuer,
        "OFFICEFLOW_OIDC_CLIENT_ID": CLIENT,
        "OFFICEFLOW_OIDC_CLIENT_SECRET": SECRET,
        "OFFICEFLOW_OIDC_GROUPS": GROUPS,
        "NO_PROXY": "127.0.0.1",
    }
    home = tmp_path_factory.mktemp("openid")
    with copied(airflow_setup, postgres_url, home) as setup, installed(setup, differs) as made:
        yield made


@pytest.fixture
def process(installation: Installation) -> Process:
    return installation.process


@pytest.fixture
def login(provider: Provider) -> str:
    """Somebody whom the provider knows, in the groups `north-it` and `north-all`."""
    login = f"o{secrets.token_hex(4)}"
    groups = ["north-it", "north-all", "others"]
    provider.people[login] = {
        "preferred_username": login,
        "email": f"{login}@north.example",
        "given_name": "Ola",
        "family_name": "N.",
        "groups": groups,
    }
    return login


def signed_in(process: Process, login: str) -> dict[str, str]:
    return {"Cookie": process.told(openid=login)}


def statuses(process: Process, cookies: dict[str, str]) -> list[int]:
    return [process.get("", path, headers=cookies)[0] for path in (NORTH, SOUTH)]


def user_of(made: Installation, login: str, org: str = "north") -> User | None:
    with made.database.tenant(made.org_ids[org]) as session:
        return session.scalar(select(User).where(User.airflow_login == login))


def test_groups_make_users_and_unmake_them(
    installation: Installation, process: Process, provider: Provider, login: str
) -> None:
    assert statuses(process, signed_in(process, login)) == [200, 403]
    found = user_of(installation, login)
    assert found is not None
    assert (found.role, found.is_active, found.name) == (Role.OPERATOR, True, "Ola N.")
    provider.people[login]["groups"] = ["south-it"]
    cookies = signed_in(process, login)
    eventually(lambda: statuses(process, cookies) == [403, 200])
    provider.people[login]["groups"] = []
    eventually(lambda: set(statuses(process, signed_in(process, login))) <= {401, 403})
    with installation.database.tenant(installation.org_ids["north"]) as session:
        records = session.scalars(select(AuditRecord).where(AuditRecord.subject == f"user:{found.email}"))
        assert [record.action for record in records] == ["user.created", "user.deactivated"]


def test_the_group_of_the_platform_makes_its_admins(process: Process, provider: Provider, login: str) -> None:
    provider.people[login]["groups"] = ["it"]
    cookies = signed_in(process, login)
    assert statuses(process, cookies) == [200, 200]
    provider.people[login]["groups"] = ["north-all"]
    assert statuses(process, signed_in(process, login)) == [200, 403]


def test_nobody_takes_an_account_that_has_a_password(
    installation: Installation, process: Process, provider: Provider, login: str
) -> None:
    """As the administrator's, ours, or one that was made by hand."""
    by_hand, _ = installation.person("viewer")
    for taken in ("admin", "officeflow", by_hand):
        provider.people[taken] = provider.people[login] | {"preferred_username": taken, "groups": ["it"]}
        assert statuses(process, signed_in(process, taken)) == [401, 401]


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"preferred_username": ""},
        {"email": None},
        {"groups": "north-it"},
    ],
)
def test_whoever_the_provider_tells_too_little_of_does_not_come_in(
    installation: Installation, process: Process, provider: Provider, login: str, claims: dict[str, Any]
) -> None:
    provider.people[login] |= claims
    assert statuses(process, signed_in(process, login)) == [401, 401]
    assert user_of(installation, login) is None


@pytest.mark.parametrize(
    "differs", [{"iss": "http://other.example"}, {"aud": "other"}, {"nonce": "other"}, {"exp": 1}, {}]
)
def test_a_token_that_is_not_the_providers_for_us_is_none(
    process: Process, provider: Provider, login: str, differs: dict[str, Any]
) -> None:
    provider.differs = differs
    provider.signs_with = provider.key if differs else rsa.generate_private_key(65537, 2048)
    try:
        assert statuses(process, signed_in(process, login)) == [401, 401]
    finally:
        provider.differs, provider.signs_with = {}, provider.key
    assert statuses(process, signed_in(process, login)) == [200, 403]


def test_a_user_without_a_login_gets_the_one_that_signs_in(
    installation: Installation, process: Process, login: str
) -> None:
    from officeflow.tenants import users

    with installation.database.tenant(installation.org_ids["north"]) as session:
        email = f"{login}@north.example"
        users.create(session, installation.org_ids["north"], email=email, name="Ola", role="viewer")
    assert statuses(process, signed_in(process, login)) == [200, 403]
    found = user_of(installation, login)
    assert found is not None
    assert found.role == Role.OPERATOR


def test_whoever_signs_out_is_sent_to_the_providers_page_for_that(
    process: Process, provider: Provider, login: str
) -> None:
    """With the ID token, so that it need not ask; the session and the token here are none from then on."""
    before = dict(pair.split("=", 1) for pair in signed_in(process, login)["Cookie"].split("; "))
    first = process.told(visits=["/api/v2/auth/logout"], cookies=before)
    assert urlsplit(first["location"]).path == "/auth/logout/"
    second = process.told(visits=["/auth/logout/"], cookies=first["cookies"])
    asked = dict(parse_qsl(urlsplit(second["location"]).query))
    assert second["location"].startswith(f"{provider.issuer}/end?")
    assert asked["post_logout_redirect_uri"] == "http://127.0.0.1/auth/login/"
    assert jwt.decode(asked["id_token_hint"], options={"verify_signature": False})["sub"] == login
    assert "_token" not in second["cookies"]
    assert 200 not in statuses(process, {"Cookie": "; ".join(map("=".join, before.items()))})
    session = {"session": before["session"]}
    assert "_token" not in process.told(visits=["/auth/login/"], cookies=session)["cookies"]


def test_a_session_ends_when_the_provider_has_to_be_asked_again(process: Process, login: str) -> None:
    cookies = dict(pair.split("=", 1) for pair in signed_in(process, login)["Cookie"].split("; "))
    claims = jwt.decode(cookies["_token"], options={"verify_signature": False})
    assert 0 < claims["exp"] - claims["iat"] <= Settings().oidc_session_minutes * 60
