"""A Keycloak with the realm `acme` of `counterparts/keycloak/realm.json`."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from counterparts.keycloak.realm import CLIENT, seeds
from officeflow.layout import Layout
from officeflow.stack.progress import TextProgress
from officeflow.stack.servers import keycloak
from tests.counterparts.process import UNENCRYPTED, Counterpart

LAYOUT = Layout.from_environment()
"""Of the checkout: tests themselves have a home where nothing is kept."""

OF_PEOPLE = frozenset({"USER", "GROUP_MEMBERSHIP", "REALM_ROLE_MAPPING", "CLIENT_ROLE_MAPPING"})
"""Kinds of changes that are gone when the person is."""


class KeycloakServer(Counterpart):
    """`url` is the server, `realm` the realm, `client_id` with `secret` its service account of OfficeFlow."""

    fixture = "keycloak_server"
    module = "keycloak"
    start_seconds = 600
    realm = "acme"
    client_id = CLIENT

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        if not self.alive:
            self._start()

    def _start(self) -> None:
        with TextProgress().step("Keycloak") as step:
            keycloak.prepare(LAYOUT, step)
        super().start()
        deadline = time.monotonic() + self.start_seconds
        while not self._is_seeded():
            if time.monotonic() > deadline or not self.alive:
                pytest.fail(f"Keycloak has no realm:\n{self.output()}")
            time.sleep(0.05)

    def output(self) -> str:
        return (self.folder / "output").read_text()

    def operator_secret(self) -> str:
        return (self.folder / "operator").read_text()

    def client(self) -> httpx.Client:
        """Of the realm's admin API, as OfficeFlow's service account."""
        return self._signed_in(self.realm, self.client_id, self.secret, f"/admin/realms/{self.realm}")

    def operator(self) -> httpx.Client:
        """Of the whole server, as one who may do everything."""
        return self._signed_in("master", keycloak.OPERATOR, self.operator_secret())

    def sign_in(self, realm: str, client_id: str, secret: str) -> httpx.Response:
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        with self._anonymous() as client:
            return client.post(f"/realms/{realm}/protocol/openid-connect/token", data=form)

    def users(self) -> list[dict[str, Any]]:
        with self.client() as client:
            return _all_users(client, "")

    def user(self, login: str) -> dict[str, Any] | None:
        return next((user for user in self.users() if user["username"] == login), None)

    def requests(self) -> list[dict[str, Any]]:
        raise NotImplementedError("Keycloak tells of changes alone")

    def all_requests(self) -> list[dict[str, Any]]:
        raise NotImplementedError("Keycloak tells of changes alone")

    def writes(self) -> list[dict[str, Any]]:
        """The admin events of OfficeFlow's service account since the test began, in order: every change that
        took effect (`operationType`, `resourceType`, `resourcePath`), and none that was refused.
        """
        with self.operator() as client:
            own = self._service_account(client)
            return [event for event in self._events(client) if event["authDetails"].get("userId") == own]

    def begin(self) -> None:
        self.start()
        self.reset()

    def reset(self) -> None:
        """People are removed. Whatever else was changed, by whomever, the realm is made anew: with new keys,
        and tokens that were given out before are worth nothing.
        """
        with self.operator() as client:
            if self._only_people_changed(client):
                for user in _all_users(client, f"/admin/realms/{self.realm}"):
                    client.delete(f"/admin/realms/{self.realm}/users/{user['id']}").raise_for_status()
                for kind in ("admin-events", "events"):
                    client.delete(f"/admin/realms/{self.realm}/{kind}").raise_for_status()
                return
            client.delete(f"/admin/realms/{self.realm}").raise_for_status()
            client.post("/admin/realms", json=seeds(self.secret)).raise_for_status()

    def _only_people_changed(self, client: httpx.Client) -> bool:
        told = client.get(f"/admin/realms/{self.realm}")
        if not told.is_success or not told.json()["adminEventsEnabled"]:
            return False
        own = f"users/{self._service_account(client)}"
        return all(
            event["resourceType"] in OF_PEOPLE
            and event["resourcePath"].startswith("users/")
            and not event["resourcePath"].startswith(own)
            for event in self._events(client)
        )

    def _service_account(self, client: httpx.Client) -> str:
        place = f"/admin/realms/{self.realm}/users"
        asked = {"username": f"service-account-{self.client_id}", "exact": "true"}
        found = client.get(place, params=asked).raise_for_status().json()
        return str(found[0]["id"]) if found else ""

    def _events(self, client: httpx.Client) -> list[dict[str, Any]]:
        place = f"/admin/realms/{self.realm}/admin-events"
        told: list[dict[str, Any]] = client.get(place, params={"max": 100_000}).raise_for_status().json()
        return told[::-1]

    def _is_seeded(self) -> bool:
        try:
            return self.sign_in(self.realm, self.client_id, self.secret).is_success
        except httpx.HTTPError:
            return False

    def _signed_in(self, realm: str, client_id: str, secret: str, below: str = "") -> httpx.Client:
        token = self.sign_in(realm, client_id, secret).raise_for_status().json()["access_token"]
        client = self._anonymous(below)
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def _anonymous(self, below: str = "") -> httpx.Client:
        return httpx.Client(base_url=self.url + below, trust_env=False, verify=UNENCRYPTED, timeout=60)


def _all_users(client: httpx.Client, below: str) -> list[dict[str, Any]]:
    """Without service accounts, which Keycloak does not list."""
    params: dict[str, int | str] = {"max": 100_000, "briefRepresentation": "false"}
    found: list[dict[str, Any]] = client.get(f"{below}/users", params=params).raise_for_status().json()
    return found
