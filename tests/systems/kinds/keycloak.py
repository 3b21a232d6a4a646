"""A realm of a Keycloak."""

from __future__ import annotations

import json
import time
from typing import Any

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

    def connection(self) -> Connection:
        return Connection(
            id="acme.keycloak",
            provider="keycloak",
            host=self.server.url,
            schema=self.server.realm,
            login=self.server.client_id,
            password=self.server.secret,
        )

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
        with self.server.operator() as operator:
            users = operator.get(f"{REALM}/users", params={"max": 1000}).raise_for_status().json()
            logins = {user["id"]: user["username"] for user in users}
            people = {user["username"]: self._seen(operator, user, logins) for user in users}
            clients = operator.get(f"{REALM}/clients").raise_for_status().json()
        redirects = {each["clientId"]: frozenset(each.get("redirectUris") or ()) for each in clients}
        return There(people=people, redirects=redirects)

    def lets_in(self, login: str, secret: str) -> bool:
        answer = self._signed_in(login, secret)
        told = "" if answer.is_success else answer.json().get("error_description", "")
        return answer.is_success or told == RIGHT_BUT_TO_BE_CHANGED

    def sign_in(self, login: str) -> None:
        self._signed_in(login, PASSWORD).raise_for_status()

    def enrol(self, login: str) -> None:
        """An account with a factor in the place of the one that was there: none is added to one that is."""
        secret = json.dumps({"value": "not-to-be-told"})
        told = {"subType": "totp", "digits": 6, "period": 30, "algorithm": "HmacSHA1", "counter": 0}
        otp = {"type": "otp", "secretData": secret, "credentialData": json.dumps(told)}
        user = self.server.user(login)
        with self.server.operator() as operator:
            place = f"{REALM}/users/{user['id']}"
            operator.put(place, json={**user, "credentials": [otp]}).raise_for_status()

    def lock(self, login: str) -> None:
        """In a realm that locks people out, which it is until the test ends."""
        self._set_realm(bruteForceProtected=True, failureFactor=1)
        deadline = time.monotonic() + 60
        while not self.there().people[login].locked:
            assert time.monotonic() < deadline, "nobody is locked out"
            self._signed_in(login, "wrong")

    def tidy(self) -> None:
        """The realm need not be made anew for what is easily taken back."""
        with self.server.operator() as operator:
            for client in operator.get(f"{REALM}/clients", params={"clientId": "Portal"}).json():
                operator.delete(f"{REALM}/clients/{client['id']}").raise_for_status()
        self._set_realm(bruteForceProtected=False)
        with self.server.operator() as operator:
            operator.delete(f"{REALM}/admin-events").raise_for_status()

    def _seen(self, operator: httpx.Client, user: dict[str, Any], logins: dict[str, str]) -> Seen:
        def told(what: str) -> Any:
            return operator.get(f"{REALM}/users/{user['id']}/{what}").raise_for_status().json()

        locked = operator.get(f"{REALM}/attack-detection/brute-force/users/{user['id']}").json()
        attributes = user.get("attributes", {})
        roles = told("role-mappings")
        named = {each["name"] for each in roles.get("realmMappings", ())}
        for client, held in roles.get("clientMappings", {}).items():
            named |= {f"{client}/{each['name']}" for each in held["mappings"]}
        return Seen(
            active=user["enabled"],
            number=next(iter(attributes.get("employeeNumber", ())), ""),
            title=next(iter(attributes.get("title", ())), ""),
            manager=logins.get(next(iter(attributes.get("manager", ())), ""), ""),
            locked=bool(locked["disabled"]),
            groups=frozenset(each["name"] for each in told("groups")),
            roles=frozenset(named),
            sessions=len(told("sessions")),
            factors=sum(each["type"] != "password" for each in told("credentials")),
        )

    def _made(self, person: dict[str, Any]) -> str:
        with self.server.operator() as operator:
            answer = operator.post(f"{REALM}/users", json=person).raise_for_status()
        return str(answer.headers["Location"].rpartition("/")[2])

    def _signed_in(self, login: str, password: str) -> httpx.Response:
        """By a client that every realm has, and that people may give their passwords to."""
        form = {"grant_type": "password", "client_id": "admin-cli", "username": login}
        place = f"{self.server.url}/realms/{self.server.realm}/protocol/openid-connect/token"
        with httpx.Client(trust_env=False, verify=UNENCRYPTED) as client:
            return client.post(place, data={**form, "password": password})

    def _set_realm(self, **settings: Any) -> None:
        with self.server.operator() as operator:
            realm = operator.get(REALM).raise_for_status().json()
            if any(realm[name] != value for name, value in settings.items()):
                operator.put(REALM, json={**realm, **settings}).raise_for_status()
