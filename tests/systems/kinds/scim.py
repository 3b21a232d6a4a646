"""A SCIM server."""

from __future__ import annotations

from officeflow.connectors.connection import Connection
from tests.systems.system import Seen, System, There

USER = "urn:ietf:params:scim:schemas:core:2.0:User"


class Scim(System):
    provider = "scim"
    fixture = "scim_server"

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
        people = {
            user["userName"]: Seen(
                active=user["active"],
                number=user.get("externalId", ""),
                title=user.get("title", ""),
                groups=frozenset(group["display"] for group in user.get("groups", [])),
            )
            for user in self.server.users()
        }
        return There(people=people)
