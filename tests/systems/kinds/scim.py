"""SCIM servers: one that keeps to the RFC, and one that departs from it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, ClassVar

from officeflow.connectors.connection import Connection
from tests.systems.system import Seen, System, There

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


class Scim(System):
    provider = "scim"
    fixture = "scim_server"
    role = "auditor"
    small: ClassVar[Mapping[str, Any]] = {"officeflow.connectors.scim.listing.PAGE_SIZE": 1}

    def connection(self) -> Connection:
        return Connection(id="acme.scim", provider="scim", host=self.server.url, password=self.server.token)

    def add(self, name: str, number: str, *, title: str = "") -> str:
        body = {
            "schemas": [USER],
            "userName": self.login(name),
            "externalId": number,
            "name": {"givenName": name.title(), "familyName": "Pérez"},
            "emails": [{"value": self.login(name), "type": "work", "primary": True}],
            "title": title or None,
            "active": True,
        }
        with self.server.client() as client:
            return str(client.post("/Users", json=body).raise_for_status().json()["id"])

    def there(self) -> There:
        users = self.server.users()
        logins = {user["id"]: user["userName"] for user in users}
        people = {
            user["userName"]: Seen(
                active=user["active"],
                number=user.get("externalId", ""),
                given_name=user.get("name", {}).get("givenName", ""),
                family_name=user.get("name", {}).get("familyName", ""),
                title=user.get("title", ""),
                manager=logins.get(user.get(ENTERPRISE, {}).get("manager", {}).get("value"), ""),
                groups=frozenset(group["display"] for group in user.get("groups", [])),
                roles=frozenset(role["value"] for role in user.get("roles", [])),
            )
            for user in users
        }
        return There(people=people)

    def crowd(self, count: int) -> tuple[str, Callable[[], int]]:
        """Of its own, which the counterpart's reset takes away."""
        members = [{"value": f"member-{number}"} for number in range(count)]
        body = {"schemas": [GROUP], "displayName": "Crowd", "members": members}
        with self.server.client() as client:
            place = f"/Groups/{client.post('/Groups', json=body).raise_for_status().json()['id']}"

        def size() -> int:
            with self.server.client() as client:
                return len(client.get(place).raise_for_status().json()["members"])

        return "Crowd", size

    def lets_in(self, login: str, secret: str) -> bool:
        """Nobody signs in at this server: what it keeps is in its file."""
        user = self.server.user(login) or {}
        with closing(sqlite3.connect(self.server.folder / "scim.sqlite")) as file:
            [(body,)] = file.execute("SELECT body FROM resources WHERE id = ?", (user["id"],)).fetchall()
        return bool(json.loads(body)["password"] == secret)


class OddScim(System):
    """One that takes no PATCH: what is changed is written whole, in the version that was read."""

    provider = "scim"
    fixture = "odd_scim"
    dialect = "put-only"
    role = "auditor"

    def connection(self) -> Connection:
        return Connection(
            id="acme.scim", provider="scim", host=self.server.url(self.dialect), password=self.server.secret
        )

    def add(self, name: str, number: str, *, title: str = "") -> str:
        body = {"schemas": [USER], "userName": self.login(name), "externalId": number, "active": True}
        with self.server.client(f"{self.dialect}/v2") as client:
            answer = client.post("/Users", json={**body, **({"title": title} if title else {})})
            return str(answer.raise_for_status().json()["id"])

    def there(self) -> There:
        groups = self._kept("Groups").values()
        people = {
            user["userName"]: Seen(
                active=user["active"],
                number=user.get("externalId", ""),
                title=user.get("title", ""),
                roles=frozenset(role["value"] for role in user.get("roles", ())),
                groups=frozenset(
                    group["displayName"]
                    for group in groups
                    if id_ in {member["value"] for member in group.get("members", ())}
                ),
            )
            for id_, user in self._kept("Users").items()
        }
        return There(people=people)

    def _kept(self, kind: str) -> dict[str, Any]:
        kept: dict[str, Any] = self.server.state(self.dialect).get(kind, {})
        return kept
