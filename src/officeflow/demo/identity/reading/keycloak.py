"""A real Keycloak, by its admin interface and as its operator."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from officeflow.demo.evidence import TIMEOUT
from officeflow.demo.identity.reading.seen import ACCOUNT, SESSIONS, Closing, Seen, Where, names
from officeflow.stack.servers.keycloak import OPERATOR

REALM = "acme"
ADMIN = f"/admin/realms/{REALM}"


class Keycloak:
    def __init__(self, where: Where) -> None:
        self._where = where

    def accounts(self, number: str) -> list[Seen]:
        with self._operator() as client:
            found = _told(client, "users", q=f"employeeNumber:{number}", max=1000)
            return [_seen(client, user) for user in found if _attribute(user, "employeeNumber") == number]

    def sign_in(self, seen: Seen) -> None:
        """By a password that is set for it, at a client that each realm has."""
        password = f"{secrets.token_urlsafe(24)}-Aa1"
        credential = {"type": "password", "value": password, "temporary": False}
        form = {"grant_type": "password", "client_id": "admin-cli", "username": seen.login}
        with self._operator() as client:
            place = f"{ADMIN}/users/{seen.id}"
            client.put(f"{place}/reset-password", json=credential).raise_for_status()
            user = client.get(place).raise_for_status().json()
            client.put(place, json={**user, "requiredActions": []}).raise_for_status()
        self._token(REALM, {**form, "password": password})

    def closings(self, seen: Seen, since: dt.datetime) -> Iterator[Closing]:
        """By its admin events: the account's update that disables it, and the logout."""
        place = f"users/{seen.id}"
        with self._operator() as client:
            events = _told(client, "admin-events", resourcePath=f"{place}*", max=1000)
        left = {ACCOUNT: ("UPDATE", place), SESSIONS: ("ACTION", f"{place}/logout")}
        for event in sorted(events, key=lambda each: int(each["time"])):
            at = dt.datetime.fromtimestamp(event["time"] / 1000, dt.UTC)
            for door, (kind, path) in [*left.items()]:
                if at >= since and (event["operationType"], event["resourcePath"]) == (kind, path):
                    del left[door]
                    yield Closing(door, at, f"admin event {kind} {path}")

    def _operator(self) -> httpx.Client:
        secret = (self._where.folder / "operator").read_text()
        form = {"grant_type": "client_credentials", "client_id": OPERATOR, "client_secret": secret}
        token = self._token("master", form)
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self._where.url, headers=headers, timeout=TIMEOUT, trust_env=False)

    def _token(self, realm: str, form: Mapping[str, str]) -> str:
        place = f"{self._where.url}/realms/{realm}/protocol/openid-connect/token"
        answer = httpx.post(place, data=dict(form), timeout=TIMEOUT, trust_env=False)
        return str(answer.raise_for_status().json()["access_token"])


def _told(client: httpx.Client, what: str, **query: str | int) -> Any:
    return client.get(f"{ADMIN}/{what}", params=query).raise_for_status().json()


def _seen(client: httpx.Client, user: Mapping[str, Any]) -> Seen:
    own = f"users/{user['id']}"
    held, manager = _told(client, f"{own}/role-mappings"), _attribute(user, "manager")
    roles = [each["name"] for each in held.get("realmMappings", ())]
    for application, mapped in held.get("clientMappings", {}).items():
        roles += [f"{application}/{each['name']}" for each in mapped["mappings"]]
    return Seen(
        id=user["id"],
        login=user["username"],
        active=user["enabled"],
        title=_attribute(user, "title"),
        department=_attribute(user, "department"),
        manager=_attribute(_told(client, f"users/{manager}"), "employeeNumber") if manager else "",
        groups=names([each["name"] for each in _told(client, f"{own}/groups")]),
        roles=names([each for each in roles if not each.startswith("default-roles-")]),
        sessions=len(_told(client, f"{own}/sessions")),
    )


def _attribute(user: Mapping[str, Any], name: str) -> str:
    return str(next(iter(user.get("attributes", {}).get(name, ())), ""))
