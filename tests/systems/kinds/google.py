"""A Google Workspace customer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from officeflow.connectors.connection import Connection
from tests.systems.system import Seen, System, There

USERS = "/admin/directory/v1/users"
APPLICATION = {"clientId": "calendar.apps.example", "displayText": "Calendar", "scopes": []}
OFFICE = "1010020028"


class Google(System):
    provider = "google"
    fixture = "google_workspace"
    role = "_HELP_DESK_ADMIN_ROLE"
    licence = "Google Workspace Business Standard"
    unit = "/Staff"

    def connection(self) -> Connection:
        return Connection(
            id="acme.google",
            provider="google",
            host=self.server.url,
            login=self.server.admin,
            password=json.dumps(self.server.key),
            extra={"licences": f"Google-Apps/{OFFICE}", "customer": "C03az79cb"},
        )

    def crowd(self, count: int) -> tuple[str, Callable[[], int]]:
        name = self.groups[0]
        self.server.control("POST", "crowd", {"count": count, "group": self.login(name.lower())})
        return name, lambda: len(self.server.state("members"))

    def add(self, name: str, number: str, *, title: str = "") -> str:
        body = {
            "primaryEmail": self.login(name),
            "name": {"givenName": name.title(), "familyName": "Pérez"},
            "password": "Corr3ct-horse battery",
            "externalIds": [{"type": "organization", "value": number}],
            "organizations": [{"primary": True, "title": title}],
        }
        with self.server.client() as client:
            return str(client.post(USERS, json=body).raise_for_status().json()["id"])

    def there(self) -> There:
        state = self.server.control("GET", "state")
        users, groups = state["users"], state["groups"]
        roles, units = state["roles"], state["orgUnits"]
        tokens = Counter(each["userKey"] for each in state.get("tokens", {}).values())
        sessions = {each["id"]: each["open"] for each in state.get("sessions", {}).values()}
        people = {
            user["primaryEmail"]: Seen(
                active=not user["suspended"],
                number=_first(user, "externalIds", "organization"),
                given_name=user["name"].get("givenName", ""),
                family_name=user["name"].get("familyName", ""),
                title=next((each.get("title", "") for each in user.get("organizations") or ()), ""),
                manager=_first(user, "relations", "manager"),
                unit=_path(units, user["orgUnitId"]),
                aliases=frozenset(user.get("aliases") or ()),
                groups=frozenset(
                    groups[each["groupId"]]["name"]
                    for each in state.get("members", {}).values()
                    if each["memberId"] == id_
                ),
                roles=frozenset(
                    roles[str(each["roleId"])]["roleName"]
                    for each in state["roleAssignments"].values()
                    if each["assignedTo"] == id_
                ),
                licences=frozenset(
                    self.licence
                    for each in state.get("licenses", {}).values()
                    if (each["userId"], each["skuId"]) == (id_, OFFICE)
                ),
                sessions=sessions.get(id_, 0) + tokens[id_],
                factors=int(user["isEnrolledIn2Sv"]),
            )
            for id_, user in users.items()
            if user["primaryEmail"] != self.server.admin
        }
        return There(people=people, sign_ons=_sign_ons(state))

    def lets_in(self, login: str, secret: str) -> bool:
        return bool(self.server.can_sign_in(login, secret))

    def sign_in(self, login: str) -> None:
        assert self.server.can_sign_in(login)
        self.server.control("POST", "let_in", {"user": login, "tokens": [APPLICATION]})

    def enrol(self, login: str) -> None:
        self.server.control("POST", "let_in", {"user": login, "isEnrolledIn2Sv": True})


def _sign_ons(state: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    named = {
        **{f"groups/{each['id']}": each["name"] for each in state["groups"].values()},
        **{f"orgUnits/{id_.removeprefix('id:')}": _path(state["orgUnits"], id_) for id_ in state["orgUnits"]},
    }
    assigned = state.get("inboundSsoAssignments", {}).values()
    return {
        profile["idpConfig"]["singleSignOnServiceUri"]: frozenset(
            named[each.get("targetGroup") or each["targetOrgUnit"]]
            for each in assigned
            if each["samlSsoInfo"]["inboundSamlSsoProfile"] == profile["name"]
        )
        for profile in state.get("inboundSamlSsoProfiles", {}).values()
    }


def _first(user: Mapping[str, Any], kind: str, type_: str) -> str:
    found = (each["value"] for each in user.get(kind) or () if each["type"] == type_)
    return str(next(found, ""))


def _path(units: Mapping[str, Any], id_: str) -> str:
    unit = units[id_]
    return f"{_path(units, unit['parent']).rstrip('/')}/{unit['name']}" if unit["parent"] else "/"
