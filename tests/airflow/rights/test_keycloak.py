"""People sign in at a real Keycloak: its pages, its tokens, its keys, its groups."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
import pytest
from sqlalchemy import select

from officeflow.database.tables import User
from officeflow.rights.permissions import Role
from officeflow.stack.airflow.settings import AirflowSetup
from tests.airflow.embedded import eventually
from tests.airflow.rights import keycloak as keycloaks
from tests.airflow.rights.conftest import Installation, copied, installed
from tests.airflow.rights.keycloak import Keycloak
from tests.airflow.rights.marks import dag_id_of
from tests.counterparts.keycloak import KeycloakServer
from tests.counterparts.process import UNENCRYPTED

pytestmark = [pytest.mark.integration, pytest.mark.long]

GROUPS = "/north/it=north:operator, /north/all=north:viewer, /south/it=south:admin, /platform=platform"
NORTH, SOUTH = (f"/api/v2/dags/{dag_id_of(org)}" for org in ("north", "south"))
LIMIT = 45
"""Minutes of a session."""

FORM = re.compile(r'id="kc-form-login"[^>]* action="([^"]+)"')


@pytest.fixture(scope="module")
def keycloak(_keycloak_server_process: KeycloakServer) -> Iterator[Keycloak]:
    _keycloak_server_process.start()
    keycloak = Keycloak(_keycloak_server_process)
    keycloak.make_realm()
    yield keycloak
    keycloak.remove_realm()


@pytest.fixture(scope="module")
def installation(
    airflow_setup: AirflowSetup,
    postgres_url: str,
    keycloak: Keycloak,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    """Where people sign in at Keycloak, as `docs/oidc.md` has it."""
    differs = {
        "OFFICEFLOW_OIDC_ISSUER": keycloak.issuer,
        "OFFICEFLOW_OIDC_CLIENT_ID": keycloaks.CLIENT,
        "OFFICEFLOW_OIDC_CLIENT_SECRET": keycloaks.SECRET,
        "OFFICEFLOW_OIDC_GROUPS": GROUPS,
        "OFFICEFLOW_OIDC_SESSION_MINUTES": str(LIMIT),
        "NO_PROXY": "127.0.0.1",
    }
    home = tmp_path_factory.mktemp("at-keycloak")
    with copied(airflow_setup, postgres_url, home) as setup, installed(setup, differs) as made:
        yield made


class Browser:
    """Of one person: its cookies at Airflow and at Keycloak."""

    def __init__(self, installation: Installation) -> None:
        self._process = installation.process
        self.cookies: dict[str, str] = {}
        self._keycloaks: dict[str, str] = {}

    def _ask(self, method: str, place: str, **form: str) -> httpx.Response:
        """Keycloak. Its cookies are for https, but browsers send those to their own machine anyhow."""
        cookies = "; ".join(f"{name}={value}" for name, value in self._keycloaks.items())
        with httpx.Client(trust_env=False, verify=UNENCRYPTED, timeout=60) as client:
            answer = client.request(method, place, data=form or None, headers={"Cookie": cookies})
            self._keycloaks |= {cookie.name: cookie.value or "" for cookie in client.cookies.jar}
        return answer

    def password_given(self, login: str, password: str) -> httpx.Response:
        """What Keycloak answers to whoever pressed Airflow's button."""
        (action,) = FORM.findall(self._ask("GET", self.visit("/auth/login/openid")).text)
        return self._ask("POST", unescape(action), username=login, password=password)

    def visit(self, *places: str) -> str:
        """Where Airflow's last answer sends it."""
        told: dict[str, Any] = self._process.told(visits=places, cookies=self.cookies)
        self.cookies = told["cookies"]
        location: str = told["location"]
        return location

    def sign_in(self, login: str, password: str) -> bool:
        """Whether Keycloak took the password; then Airflow has been told."""
        answer = self.password_given(login, password)
        if not answer.is_redirect:
            return False
        self.come_back(answer.headers["Location"])
        return True

    def come_back(self, place: str) -> None:
        self.visit(place, "/auth/login/")

    def is_let_through(self) -> bool:
        """Whether Keycloak sends the person back who presses Airflow's button, and asks for nothing."""
        return self._ask("GET", self.visit("/auth/login/openid")).is_redirect

    def sign_out(self) -> str:
        """By Airflow's own menu; where Keycloak sends the browser then."""
        place = urlsplit(self.visit("/api/v2/auth/logout")).path
        return str(self._ask("GET", self.visit(place)).headers.get("Location", ""))

    def statuses(self) -> list[int]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        return [self._process.get("", path, headers=headers)[0] for path in (NORTH, SOUTH)]


@pytest.fixture
def browser(installation: Installation) -> Browser:
    return Browser(installation)


@pytest.fixture
def login() -> str:
    return f"k{secrets.token_hex(4)}"


@pytest.fixture
def person(keycloak: Keycloak, login: str) -> str:
    """The id at Keycloak of the person with this login, whose password is the same, in `/north/it` and
    `/north/all`.
    """
    return keycloak.add_user(login, login, ["/north/it", "/north/all"])


def user_of(made: Installation, login: str) -> User | None:
    with made.database.tenant(made.org_ids["north"]) as session:
        return session.scalar(select(User).where(User.airflow_login == login))


def test_groups_give_roles_and_take_them_at_the_next_sign_in(
    installation: Installation, browser: Browser, keycloak: Keycloak, login: str, person: str
) -> None:
    assert browser.sign_in(login, login)
    assert browser.statuses() == [200, 403]
    found = user_of(installation, login)
    assert found is not None
    assert (found.role, found.name, found.email) == (Role.OPERATOR, "Ola N.", f"{login}@north.example")
    keycloak.set_groups(person, ["/south/it"])
    other = Browser(installation)
    assert other.sign_in(login, login)
    eventually(lambda: other.statuses() == [403, 200])
    keycloak.set_groups(person, ["/platform"])
    third = Browser(installation)
    assert third.sign_in(login, login)
    assert third.statuses() == [200, 200]


@pytest.mark.parametrize("groups", [[], ["/north/platform"], ["/north"]])
def test_whoever_is_in_no_mapped_group_gets_nothing(
    installation: Installation, browser: Browser, keycloak: Keycloak, login: str, groups: list[str]
) -> None:
    """Neither by a subgroup that is named as the platform's group."""
    keycloak.add_user(login, login, groups)
    assert browser.sign_in(login, login)
    assert set(browser.statuses()) <= {401, 403}
    assert user_of(installation, login) is None


def test_a_wrong_password_is_keycloaks_to_refuse(browser: Browser, login: str, person: str) -> None:
    assert not browser.sign_in(login, "wrong")
    assert browser.statuses() == [401, 401]


def test_whose_address_is_not_verified_does_not_come_in_until_it_is(
    installation: Installation, browser: Browser, keycloak: Keycloak, login: str, person: str
) -> None:
    keycloak.change_user(person, emailVerified=False)
    browser.sign_in(login, login)
    assert browser.statuses() == [401, 401]
    keycloak.change_user(person, emailVerified=True)
    later = Browser(installation)
    assert later.sign_in(login, login)
    assert later.statuses() == [200, 403]


def test_whoever_is_disabled_does_not_come_in_again_by_password_or_session(
    installation: Installation, browser: Browser, keycloak: Keycloak, login: str, person: str
) -> None:
    """Whoever is in has to come by Keycloak again when the session is as old as the setting says."""
    assert browser.sign_in(login, login)
    claims = jwt.decode(browser.cookies["_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] <= LIMIT * 60
    keycloak.change_user(person, enabled=False)
    browser.cookies = {}
    assert not browser.is_let_through()
    assert not Browser(installation).sign_in(login, login)


def test_signing_out_ends_the_session_at_keycloak_too(browser: Browser, login: str, person: str) -> None:
    assert browser.sign_in(login, login)
    before = dict(browser.cookies)
    assert browser.sign_out().startswith("http://127.0.0.1/auth/login/")
    assert "_token" not in browser.cookies
    assert not browser.is_let_through()
    browser.cookies = before
    assert 200 not in browser.statuses()


def test_a_session_at_keycloak_is_enough_until_then(
    installation: Installation, browser: Browser, login: str, person: str
) -> None:
    assert browser.sign_in(login, login)
    browser.cookies = {}
    assert browser.is_let_through()


def test_a_new_key_of_keycloaks_is_learned(
    installation: Installation, browser: Browser, keycloak: Keycloak, login: str, person: str
) -> None:
    assert browser.sign_in(login, login)
    keycloak.change_keys()
    other = Browser(installation)
    assert other.sign_in(login, login)
    assert other.statuses() == [200, 403]


def test_a_way_back_that_another_browser_was_given_leads_nowhere(
    installation: Installation, browser: Browser, login: str, person: str
) -> None:
    """Else somebody could be signed in as another person without noticing it."""
    victim = Browser(installation)
    victim.visit("/auth/login/openid")
    place = browser.password_given(login, login).headers["Location"]
    victim.come_back(place)
    assert victim.statuses() == [401, 401]
    browser.come_back(place)
    assert browser.statuses() == [200, 403]
