"""An identity provider, as far as tests need one."""

from __future__ import annotations

import secrets
from typing import Any

import httpx2
from starlette.testclient import TestClient

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Provider:
    def __init__(self, client: TestClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        given = {**self._headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self._client.request(method, path, json=body, headers=given)

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers).json()

    def post(self, path: str, body: Any) -> Any:
        answer = self.ask("POST", path, body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> httpx2.Response:
        return self.ask("PATCH", path, {"schemas": [PATCH], "Operations": operations}, **headers)

    def user(self, **more: Any) -> Any:
        """A new one, of a name that nobody has."""
        return self.post("/Users", user(**more))

    def group(self, name: str = "", members: list[Any] | None = None) -> Any:
        """A new one, of these users."""
        listed = [{"value": each["id"]} for each in members or []]
        shown = name or f"Group {secrets.token_hex(4)}"
        return self.post("/Groups", {"schemas": [GROUP], "displayName": shown, "members": listed})

    def found(self, kind: str, condition: str) -> list[Any]:
        answer = self.ask("GET", f"/{kind}?filter={condition}")
        assert answer.status_code == 200, answer.text
        found: list[Any] = answer.json().get("Resources", [])
        return found


def user(**more: Any) -> dict[str, Any]:
    name = f"u{secrets.token_hex(5)}@acme.example"
    return {
        "schemas": [USER],
        "userName": name,
        "displayName": "Ana Pérez",
        "emails": [{"value": name, "type": "work", "primary": True}],
        "active": True,
    } | more
