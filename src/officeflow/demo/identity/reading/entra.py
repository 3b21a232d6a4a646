"""Microsoft Entra, played."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from officeflow.demo.identity.reading.journal import closings
from officeflow.demo.identity.reading.played import Documents, Played, of
from officeflow.demo.identity.reading.seen import ACCOUNT, SESSIONS, Closing, Seen, names


class Entra(Played):
    def accounts(self, number: str) -> list[Seen]:
        state = self.state()
        return [_seen(state, user) for user in of(state, "user") if user.get("employeeId") == number]

    def sign_in(self, seen: Seen) -> None:
        """It wants a password, which nobody knows."""

    def closings(self, seen: Seen, since: dt.datetime) -> Iterator[Closing]:
        place = f"/v1.0/users/{seen.id}"
        doors = {ACCOUNT: ("PATCH", place), SESSIONS: ("POST", f"{place}/revokeSignInSessions")}
        return closings(self._where.folder, since, doors)


def _seen(state: Mapping[str, Documents], user: Mapping[str, Any]) -> Seen:
    own, groups = user["id"], state["group"]
    parts = {each["skuId"]: each["skuPartNumber"] for each in of(state, "subscribedSku")}
    managers = (each["target"] for each in of(state, "manager") if each["source"] == own)
    members = (each["source"] for each in of(state, "member") if each["target"] == own)
    assigned = (each for each in of(state, "appRoleAssignment") if each["principalId"] == own)
    return Seen(
        id=own,
        login=user["userPrincipalName"],
        active=user["accountEnabled"],
        title=user.get("jobTitle") or "",
        department=user.get("department") or "",
        manager=next((state["user"][each].get("employeeId") or "" for each in managers), ""),
        groups=names(groups[each]["displayName"] for each in members if each in groups),
        licences=names(parts[each["skuId"]] for each in user.get("assignedLicenses") or ()),
        applications=names(each["resourceDisplayName"] for each in assigned),
    )
