"""A SCIM server (RFC 7644)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from officeflow.demo.evidence import TIMEOUT
from officeflow.demo.identity.reading.journal import closings
from officeflow.demo.identity.reading.seen import ACCOUNT, Closing, Seen, Where, names

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


class Scim:
    def __init__(self, where: Where) -> None:
        self._where = where

    def accounts(self, number: str) -> list[Seen]:
        headers = {"Authorization": f"Bearer {self._where.secret}"}
        with httpx.Client(
            base_url=self._where.url, headers=headers, timeout=TIMEOUT, trust_env=False
        ) as client:
            users = _resources(client, "/Users", filter=f'externalId eq "{number}"')
            groups = _resources(client, "/Groups", count=200) if users else []
            return [_seen(client, user, groups) for user in users]

    def sign_in(self, seen: Seen) -> None:
        """Nobody signs in there."""

    def closings(self, seen: Seen, since: dt.datetime) -> Iterator[Closing]:
        place = f"{urlsplit(self._where.url).path}/Users/{seen.id}"
        return closings(self._where.folder, since, {ACCOUNT: ("PATCH|PUT", place)})


def _resources(client: httpx.Client, path: str, **query: str | int) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = (
        client.get(path, params=query).raise_for_status().json().get("Resources", [])
    )
    return found


def _seen(client: httpx.Client, user: Mapping[str, Any], groups: list[Mapping[str, Any]]) -> Seen:
    more = user.get(ENTERPRISE) or {}
    manager = (more.get("manager") or {}).get("value")
    told = client.get(f"/Users/{manager}").raise_for_status().json() if manager else {}
    mine = (each for each in groups if any(m["value"] == user["id"] for m in each.get("members", ())))
    return Seen(
        id=user["id"],
        login=user["userName"],
        active=bool(user.get("active")),
        title=user.get("title") or "",
        department=more.get("department") or "",
        manager=told.get("externalId") or "",
        groups=names(each["displayName"] for each in mine),
    )
