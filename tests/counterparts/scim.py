"""SCIM servers."""

from __future__ import annotations

from typing import Any

import httpx

from tests.counterparts.process import UNENCRYPTED, Counterpart

GROUPS = ("Staff", "Engineering", "Sales")


class ScimServer(Counterpart):
    """`url` is the SCIM base, `token` the bearer token; the groups `GROUPS` exist and are empty."""

    fixture = "scim_server"
    module = "scim"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v2"

    @property
    def token(self) -> str:
        return self.secret

    def arguments(self) -> list[str]:
        return [*super().arguments(), *(part for group in GROUPS for part in ("--group", group))]

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, verify=UNENCRYPTED)

    def users(self) -> list[dict[str, Any]]:
        with self.client() as client:
            return list(client.get("/Users").json().get("Resources", []))

    def user(self, login: str) -> dict[str, Any] | None:
        return next((user for user in self.users() if user["userName"] == login), None)

    def groups_of(self, login: str) -> set[str]:
        user = self.user(login)
        return {group["display"] for group in (user or {}).get("groups", [])}

    def reset(self) -> None:
        with self.client() as client:
            for user in client.get("/Users").json().get("Resources", []):
                client.delete(f"/Users/{user['id']}").raise_for_status()
            for group in client.get("/Groups").json()["Resources"]:
                if group["displayName"] not in GROUPS:
                    client.delete(f"/Groups/{group['id']}").raise_for_status()


class ForgetfulScimServer(ScimServer):
    """Says yes to an employee number (`externalId`), and does not keep it."""

    fixture = "forgetful_scim_server"

    def arguments(self) -> list[str]:
        return [*super().arguments(), "--forgets", "externalId"]
