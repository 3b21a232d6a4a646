"""An Okta organization."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from counterparts.okta.seeds import ADMINISTRATOR
from officeflow.connectors.connection import Connection
from tests.connectors.okta_client import service_app
from tests.systems.system import Seen, System, There

ACTIVE = frozenset({"ACTIVE", "PASSWORD_EXPIRED", "PROVISIONED", "RECOVERY", "LOCKED_OUT"})
LEAVES = ("session", "refreshToken", "grant")


class Okta(System):
    provider = "okta"
    fixture = "okta_server"
    role = "HELP_DESK_ADMIN"
    application = "Wiki"
    longest_name = "body/profile/firstName: maxLength 50"
    small: ClassVar[Mapping[str, Any]] = {"officeflow.connectors.okta.accounts.PAGE_SIZE": "1"}
    quick: ClassVar[Mapping[str, float]] = {
        "officeflow.connectors.okta.base.SETTLES": 0.1,
        "officeflow.connectors.okta.base.LOOKS_AGAIN": 0.02,
    }

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        body = {"name": "bookmark", "label": self.application, "signOnMode": "BOOKMARK"}
        if self.application in {each["label"] for each in server.state("app").values()}:
            return
        with server.client() as client:
            settings = {"app": {"url": "https://wiki.example"}}
            client.post("/api/v1/apps", json={**body, "settings": settings}).raise_for_status()

    def connection(self) -> Connection:
        return Connection(id="acme.okta", provider="okta", host=self.server.url, password=self.server.token)

    def token_connection(self) -> Connection:
        """A service app's."""
        fields = service_app(self.server)
        audience = f"{self.server.url}/oauth2/v1/token"
        extra = {"private_key": fields["private_key"], "audience": audience}
        return replace(self.connection(), login=fields["login"], password=None, extra=extra)

    def crowd(self, count: int) -> tuple[str, Callable[[], int]]:
        name = self.groups[0]
        self.server.control("POST", "people", {"count": count, "group": name})
        group = self.server.group(name)["id"]
        members = self.server.state
        return name, lambda: sum(each["groupId"] == group for each in members("membership").values())

    def add(self, name: str, number: str, *, title: str = "") -> str:
        login = self.login(name)
        profile = {
            "login": login,
            "email": login,
            "firstName": name.title(),
            "lastName": "Pérez",
            "employeeNumber": number,
            **({"title": title} if title else {}),
        }
        credentials = {"password": {"value": "Correct-horse-7-battery"}}
        with self.server.client() as client:
            body = {"profile": profile, "credentials": credentials}
            answer = client.post("/api/v1/users", params={"activate": "true"}, json=body)
            return str(answer.raise_for_status().json()["id"])

    def there(self) -> There:
        state = self.server.control("GET", "state")
        users = state["user"]
        logins = {id_: user["profile"]["login"] for id_, user in users.items()}
        groups = _of_each(state, "membership", "group", "groupId", lambda g: g["profile"]["name"])
        apps = _of_each(state, "appUser", "app", "appId", lambda app: app["label"])
        roles = Counter((each["userId"], each["type"]) for each in state.get("role", {}).values())
        inside = Counter(each["userId"] for kind in LEAVES for each in state.get(kind, {}).values())
        factors = Counter(each["userId"] for each in state.get("factor", {}).values())
        people = {
            logins[id_]: Seen(
                active=user["status"] in ACTIVE,
                number=user["profile"].get("employeeNumber") or "",
                given_name=user["profile"].get("firstName") or "",
                family_name=user["profile"].get("lastName") or "",
                title=user["profile"].get("title") or "",
                manager=logins.get(user["profile"].get("managerId"), ""),
                locked=user["status"] == "LOCKED_OUT",
                groups=frozenset(groups.get(id_, ())),
                roles=frozenset(role for owner, role in roles if owner == id_),
                applications=frozenset(apps.get(id_, ())),
                sessions=inside[id_],
                factors=factors[id_],
            )
            for id_, user in users.items()
            if logins[id_] != ADMINISTRATOR
        }
        return There(people=people, redirects=_redirects(state))

    def lets_in(self, login: str, secret: str) -> bool:
        asked = {"login": login, "password": secret}
        return bool(self.server.control("POST", "sign_in", asked)["signed_in"])

    def sign_in(self, login: str) -> None:
        assert self.server.can_sign_in(login)

    def enrol(self, login: str) -> None:
        user = self.server.user(login) or {}
        body = {"factorType": "sms", "provider": "OKTA", "profile": {"phoneNumber": "+34600600600"}}
        with self.server.client() as client:
            client.post(f"/api/v1/users/{user['id']}/factors", json=body).raise_for_status()

    def lock(self, login: str) -> None:
        self.server.control("POST", "lock", {"login": login})


def _of_each(state: Mapping[str, Any], kind: str, of: str, by: str, name: Any) -> Mapping[str, set[str]]:
    """The names of what each user has, by the user's id."""
    found: dict[str, set[str]] = {}
    for each in state.get(kind, {}).values():
        found.setdefault(each["userId"], set()).add(name(state[of][each[by]]))
    return found


def _redirects(state: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    return {
        app["label"]: frozenset(app["settings"]["oauthClient"]["redirect_uris"])
        for app in state.get("app", {}).values()
        if app["signOnMode"] == "OPENID_CONNECT"
    }
