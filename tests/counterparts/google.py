"""A Google Workspace customer."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx

from counterparts.google.scopes import USUAL
from tests.counterparts.process import UNENCRYPTED
from tests.counterparts.vendors import VendorFake

if TYPE_CHECKING:
    from counterparts.vendors.discovery import Discovery

DOMAIN = "acme.example"
GROUPS = ("Staff", "Engineering", "Sales")
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://oauth2.googleapis.com/token"


@cache
def description() -> Discovery:
    from counterparts.google import described as google

    described = google.description()
    assert described is not None
    return described


class GoogleWorkspace(VendorFake):
    """`url` takes the place of every API's host, `key` is the key file of a service account with domain-wide
    delegation, `admin` the super administrator to act for; the groups `GROUPS` exist and are empty.
    """

    fixture = "google_workspace"
    module = "google"
    admin = f"admin@{DOMAIN}"

    def arguments(self) -> list[str]:
        groups = [part for group in GROUPS for part in ("--group", group)]
        return [*super().arguments(), "--domain", DOMAIN, "--domain", "acme.test", *groups]

    @property
    def key(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads((self.folder / "service-account.json").read_text())
        return read

    def assertion(self, **claims: Any) -> str:
        """Signed by the service account; `claims` take the place of those that would be right."""
        import jwt

        now, key = int(time.time()), self.key
        usual = {"iss": key["client_email"], "aud": AUDIENCE, "iat": now, "exp": now + 3600}
        usual |= {"sub": self.admin, "scope": " ".join(USUAL)}
        headers = {"kid": key["private_key_id"]}
        given = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        return jwt.encode(given, _private(key["private_key"]), algorithm="RS256", headers=headers)

    def ask_for_token(self, assertion: str) -> httpx.Response:
        form = {"grant_type": GRANT, "assertion": assertion}
        return httpx.post(f"{self.url}/token", data=form, trust_env=False, verify=UNENCRYPTED)

    def token(self, scopes: Iterable[str] = USUAL, subject: str | None = None) -> str:
        assertion = self.assertion(scope=" ".join(scopes), sub=subject or self.admin)
        token: str = self.ask_for_token(assertion).raise_for_status().json()["access_token"]
        return token

    def client(self, token: str = "") -> httpx.Client:
        """Its successful answers are those of the description."""
        return httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token or self.token()}"},
            event_hooks={"response": [_is_described]},
            trust_env=False,
            verify=UNENCRYPTED,
        )

    def user(self, address: str) -> dict[str, Any] | None:
        """The document of whom the address belongs to, first or as an alias."""
        owner = self.state("addresses").get(address.lower(), {})
        return self.state("users").get(owner.get("id", ""))

    def groups_of(self, address: str) -> set[str]:
        """The names of the groups that the user is a direct member of."""
        user, groups = self.user(address) or {}, self.state("groups")
        members = self.state("members").values()
        return {groups[each["groupId"]]["name"] for each in members if each["memberId"] == user.get("id")}

    def can_sign_in(self, address: str, password: str | None = None) -> bool:
        """A session is open afterwards."""
        asked = {"user": address, "password": password}
        return bool(self.control("POST", "sign_in", asked)["allowed"])


@cache
def _private(pem: str) -> Any:
    """Reading one takes longer than a call."""
    from cryptography.hazmat.primitives import serialization

    return serialization.load_pem_private_key(pem.encode(), password=None)


def _is_described(response: httpx.Response) -> None:
    response.read()
    if response.headers.get("content-type", "").startswith("application/json"):
        request, status = response.request, response.status_code
        problems = description().answer_problems(request.method, request.url.path, status, response.json())
        assert problems == [], (request.method, request.url.path, problems)
