"""A realm of a Keycloak."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import httpx

from officeflow.connectors.connection import Connection
from tests.counterparts.process import UNENCRYPTED
from tests.systems.system import Seen, System, There

REALM = "/admin/realms/acme"
PASSWORD = "Correct-Horse-42-Battery"
RIGHT_BUT_TO_BE_CHANGED = "Account is not fully set up"


class Keycloak(System):
    provider = "keycloak"
    fixture = "keycloak_server"
    role = "expenses/approver"
    some = 200
    small: ClassVar[Mapping[str, Any]] = {
        "officeflow.connectors.keycloak.accounts.PAGE_SIZE": 2,
        "officeflow.connectors.keycloak.accounts.OVERLAP": 1,
    }

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self._operator: httpx.Client = server.operator()
        self._locks = False
        """Whether the realm locks anybody out."""

    def connection(self) -> Connection:
        return Connection(
            id="acme.keycloak",
            provider="keycloak",
            host=self.server.url,
            schema=self.server.realm,
            login=self.server.client_id,
            password=self.server.secret,
        )

    def crowd(self, count: int) -> tuple[str, Callable[[], int]]:
        """By imports of a hundred: Keycloak takes longer for each of many."""
        name = self.groups[0]
        people = [{"username": f"person-{number:05}", "groups": [f"/{name}"]} for number in range(count)]
        for begin in range(0, count, 100):
            body = {"ifResourceExists": "FAIL", "users": people[begin : begin + 100]}
            self._operator.post(f"{REALM}/partialImport", json=body, timeout=300).raise_for_status()
        [group] = self._told(f"groups?search={name}&exact=true")
        return name, lambda: len(self._told(f"groups/{group['id']}/members?max=100000"))

    def add(self, name: str, number: str, *, title: str = "") -> str:
        attributes = {"employeeNumber": [number], **({"title": [title]} if title else {})}
        person = {
            "username": self.login(name),
            "email": self.login(name),
            "firstName": name.title(),
            "lastName": "Pérez",
            "enabled": True,
            "attributes": attributes,
            "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
        }
        return self._made(person)

    def there(self) -> There:
        users = self._told("users?max=1000")
        logins = {user["id"]: user["username"] for user in users}
        redirects = {
            each["clientId"]: frozenset(each.get("redirectUris") or ()) for each in self._told("clients")
        }
        people = {user["username"]: self._seen(user, logins) for user in users}
        return There(people=people, redirects=redirects)

    def lets_in(self, login: str, secret: str) -> bool:
        answer = self._signed_in(login, secret)
        told = "" if answer.is_success else answer.json().get("error_description", "")
        return answer.is_success or told == RIGHT_BUT_TO_BE_CHANGED

    def sign_in(self, login: str) -> None:
        """Who was made without a password has one afterwards."""
        place = f"{REALM}/users/{self.server.user(login)['id']}/reset-password"
        password = {"type": "password", "value": PASSWORD, "temporary": False}
        self._operator.put(place, json=password).raise_for_status()
        self._signed_in(login, PASSWORD).raise_for_status()

    def enrol(self, login: str) -> None:
        """An account with a factor in the place of the one that was there: none is added to one that is."""
        secret = json.dumps({"value": "not-to-be-told"})
        told = {"subType": "totp", "digits": 6, "period": 30, "algorithm": "HmacSHA1", "counter": 0}
        otp = {"type": "otp", "secretData": secret, "credentialData": json.dumps(told)}
        user = self.server.user(login)
        place = f"{REALM}/users/{user['id']}"
        self._operator.put(place, json={**user, "credentials": [otp]}).raise_for_status()

    def lock(self, login: str) -> None:
        """In a realm that locks people out, which it is until the test ends."""
        self._set_realm(bruteForceProtected=True, failureFactor=1)
        self._locks = True
        deadline = time.monotonic() + 60
        while not self.there().people[login].locked:
            assert time.monotonic() < deadline, "nobody is locked out"
            self._signed_in(login, "wrong")

    def tidy(self) -> None:
        """The realm need not be made anew for what is easily taken back."""
        portals = self._told("clients?clientId=Portal")
        for client in portals:
            self._operator.delete(f"{REALM}/clients/{client['id']}").raise_for_status()
        if self._locks:
            self._set_realm(bruteForceProtected=False)
        if portals or self._locks:
            self._operator.delete(f"{REALM}/admin-events").raise_for_status()
        self._operator.close()

    def _seen(self, user: dict[str, Any], logins: dict[str, str]) -> Seen:
        def told(what: str) -> Any:
            return self._told(f"users/{user['id']}/{what}")

        locked = self._locks and self._told(f"attack-detection/brute-force/users/{user['id']}")["disabled"]
        attributes = user.get("attributes", {})
        roles = told("role-mappings")
        named = {each["name"] for each in roles.get("realmMappings", ())}
        for client, held in roles.get("clientMappings", {}).items():
            named |= {f"{client}/{each['name']}" for each in held["mappings"]}
        return Seen(
            active=user["enabled"],
            number=next(iter(attributes.get("employeeNumber", ())), ""),
            given_name=user.get("firstName", ""),
            family_name=user.get("lastName", ""),
            title=next(iter(attributes.get("title", ())), ""),
            manager=logins.get(next(iter(attributes.get("manager", ())), ""), ""),
            locked=bool(locked),
            groups=frozenset(each["name"] for each in told("groups")),
            roles=frozenset(named),
            sessions=len(told("sessions")),
            factors=sum(each["type"] != "password" for each in told("credentials")),
        )

    def _told(self, what: str) -> Any:
        return self._operator.get(f"{REALM}/{what}").raise_for_status().json()

    def _made(self, person: dict[str, Any]) -> str:
        answer = self._operator.post(f"{REALM}/users", json=person).raise_for_status()
        return str(answer.headers["Location"].rpartition("/")[2])

    def _signed_in(self, login: str, password: str) -> httpx.Response:
        """By a client that every realm has, and that people may give their passwords to."""
        form = {"grant_type": "password", "client_id": "admin-cli", "username": login}
        place = f"{self.server.url}/realms/{self.server.realm}/protocol/openid-connect/token"
        with httpx.Client(trust_env=False, verify=UNENCRYPTED) as client:
            return client.post(place, data={**form, "password": password})

    def _set_realm(self, **settings: Any) -> None:
        realm = self._operator.get(REALM).raise_for_status().json()
        self._operator.put(REALM, json={**realm, **settings}).raise_for_status()
