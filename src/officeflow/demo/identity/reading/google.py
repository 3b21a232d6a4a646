"""Google Workspace, played."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from officeflow.demo.identity.reading.journal import closings
from officeflow.demo.identity.reading.played import Documents, Played, of
from officeflow.demo.identity.reading.seen import ACCOUNT, SESSIONS, Closing, Seen, names

USERS = "/admin/directory/v1/users"


class Google(Played):
    def accounts(self, number: str) -> list[Seen]:
        state = self.state()
        return [_seen(state, user) for user in of(state, "users") if _number(user) == number]

    def sign_in(self, seen: Seen) -> None:
        self._control("POST", "sign_in", {"user": seen.login})

    def closings(self, seen: Seen, since: dt.datetime) -> Iterator[Closing]:
        place = f"{USERS}/{seen.id}"
        doors = {ACCOUNT: ("PATCH|PUT", place), SESSIONS: ("POST", f"{place}/signOut")}
        return closings(self._where.folder, since, doors)


def _seen(state: Mapping[str, Documents], user: Mapping[str, Any]) -> Seen:
    own: str = user["id"]
    job: Mapping[str, Any] = next(iter(user.get("organizations") or ()), {})
    manager = _first(user, "relations", "manager")
    members = (each["groupId"] for each in of(state, "members") if each["memberId"] == own)
    tokens = sum(each["userKey"] == own for each in of(state, "tokens"))
    return Seen(
        id=own,
        login=user["primaryEmail"],
        active=not user["suspended"],
        title=job.get("title") or "",
        department=job.get("department") or "",
        manager=next((_number(u) for u in of(state, "users") if u["primaryEmail"] == manager), ""),
        unit=_path(state["orgUnits"], user["orgUnitId"]),
        groups=names(state["groups"][each]["name"] for each in members),
        licences=names(each["skuId"] for each in of(state, "licenses") if each["userId"] == own),
        sessions=tokens + state.get("sessions", {}).get(own, {}).get("open", 0),
    )


def _number(user: Mapping[str, Any]) -> str:
    return _first(user, "externalIds", "organization")


def _first(user: Mapping[str, Any], kind: str, type_: str) -> str:
    return next((str(each["value"]) for each in user.get(kind) or () if each["type"] == type_), "")


def _path(units: Documents, own: str) -> str:
    unit = units[own]
    return f"{_path(units, unit['parent']).rstrip('/')}/{unit['name']}" if unit["parent"] else "/"
