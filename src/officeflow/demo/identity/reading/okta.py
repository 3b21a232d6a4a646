"""Okta, played."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from officeflow.demo.identity.reading.journal import closings
from officeflow.demo.identity.reading.played import Documents, Played, of
from officeflow.demo.identity.reading.seen import ACCOUNT, SESSIONS, Closing, Seen, names

ACTIVE = frozenset({"ACTIVE", "PASSWORD_EXPIRED", "PROVISIONED", "RECOVERY", "LOCKED_OUT"})
"""Statuses whose people get in."""
INSIDE = ("session", "refreshToken", "grant")


class Okta(Played):
    def accounts(self, number: str) -> list[Seen]:
        state = self.state()
        users = [user for user in of(state, "user") if user["profile"].get("employeeNumber") == number]
        return [_seen(state, user) for user in users]

    def sign_in(self, seen: Seen) -> None:
        self._control("POST", "sign_in", {"login": seen.login})

    def closings(self, seen: Seen, since: dt.datetime) -> Iterator[Closing]:
        place = f"/api/v1/users/{seen.id}"
        doors = {ACCOUNT: ("POST", f"{place}/lifecycle/suspend"), SESSIONS: ("DELETE", f"{place}/sessions")}
        return closings(self._where.folder, since, doors)


def _seen(state: Mapping[str, Documents], user: Mapping[str, Any]) -> Seen:
    own, profile = user["id"], user["profile"]
    manager = state["user"].get(profile.get("managerId") or "", {}).get("profile", {})
    groups = (each["groupId"] for each in of(state, "membership") if each["userId"] == own)
    apps = (each["appId"] for each in of(state, "appUser") if each["userId"] == own)
    return Seen(
        id=own,
        login=profile["login"],
        active=user["status"] in ACTIVE,
        title=profile.get("title") or "",
        department=profile.get("department") or "",
        manager=manager.get("employeeNumber") or "",
        groups=names(state["group"][each]["profile"]["name"] for each in groups),
        applications=names(state["app"][each]["label"] for each in apps),
        sessions=sum(each["userId"] == own for kind in INSIDE for each in of(state, kind)),
    )
