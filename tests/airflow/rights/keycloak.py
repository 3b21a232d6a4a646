"""The realm of `keycloak-realm.json` in the session's Keycloak."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from tests.counterparts.keycloak import KeycloakServer

REALM: dict[str, Any] = json.loads(Path(__file__).with_name("keycloak-realm.json").read_text())
CLIENT, SECRET = REALM["clients"][0]["clientId"], "keycloak-client-secret"


class Keycloak:
    """`issuer` is the realm's address."""

    def __init__(self, server: KeycloakServer) -> None:
        self._server = server
        self.realm = REALM["realm"]
        self.issuer = f"{server.url}/realms/{self.realm}"

    def remove_realm(self) -> None:
        self.admin("DELETE", "")

    def make_realm(self) -> None:
        client = {**REALM["clients"][0], "secret": SECRET}
        self.admin("POST", "", json={**REALM, "clients": [client]}, at="/admin/realms")

    def admin(self, method: str, path: str, *, at: str = "", **what: Any) -> httpx.Response:
        """Of the realm, unless another place is told."""
        with self._server.operator() as client:
            answer = client.request(method, (at or f"/admin/realms/{self.realm}") + path, **what)
        assert answer.is_success, answer.text
        return answer

    def add_user(self, login: str, password: str, groups: list[str], **differs: Any) -> str:
        """The id. `groups` are paths."""
        user = {
            "username": login,
            "email": f"{login}@north.example",
            "emailVerified": True,
            "firstName": "Ola",
            "lastName": "N.",
            "enabled": True,
            "groups": groups,
            "credentials": [{"type": "password", "value": password, "temporary": False}],
        }
        return self.admin("POST", "/users", json={**user, **differs}).headers["Location"].rpartition("/")[2]

    def change_user(self, user_id: str, **differs: Any) -> None:
        told = self.admin("GET", f"/users/{user_id}").json()
        self.admin("PUT", f"/users/{user_id}", json={**told, **differs})

    def set_groups(self, user_id: str, groups: list[str]) -> None:
        for group in self.admin("GET", f"/users/{user_id}/groups").json():
            self.admin("DELETE", f"/users/{user_id}/groups/{group['id']}")
        for path in groups:
            group = self.admin("GET", f"/group-by-path{path}").json()
            self.admin("PUT", f"/users/{user_id}/groups/{group['id']}")

    def change_keys(self) -> None:
        """Sign with a new key, and know the one before no more."""
        kind = "org.keycloak.keys.KeyProvider"
        before = self.admin("GET", "/components", params={"type": kind}).json()
        (old,) = [each for each in before if each["providerId"] == "rsa-generated"]
        new = {"name": "new", "providerId": "rsa-generated", "providerType": kind}
        self.admin("POST", "/components", json={**new, "config": {"priority": ["200"], "keySize": ["2048"]}})
        self.admin("DELETE", f"/components/{old['id']}")
