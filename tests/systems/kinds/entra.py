"""A Microsoft 365 / Entra tenant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from officeflow.connectors.connection import Connection
from tests.counterparts.entra import CLIENT, TENANT, fixed, made
from tests.systems.system import Seen, System, There

PASS = "temporaryAccessPass"
LONG_AGO = "2020-01-01T00:00:00Z"


class Entra(System):
    """Ana's sessions are those that were begun long ago, while such ones count."""

    provider = "entra"
    fixture = "entra_server"
    role = "Helpdesk Administrator"
    application = "Wiki"
    application_role = "Editor"
    licence = "EMSPREMIUM"
    attributes: ClassVar[Mapping[str, str]] = {"usageLocation": "ES"}

    def connection(self) -> Connection:
        return Connection(
            id="acme.entra",
            provider="entra",
            host=self.server.url,
            login=CLIENT,
            password=self.server.secret,
            extra={"tenant": TENANT, "login_url": self.server.url},
        )

    def crowd(self, count: int) -> tuple[str, Callable[[], int]]:
        name = self.groups[0]
        group = fixed(name)
        self.server.control("POST", "people", {"group": group, "number": count})
        members = self.server.state
        return name, lambda: sum(each["source"] == group for each in members("member").values())

    def add(self, name: str, number: str, *, title: str = "") -> str:
        names = {"givenName": name.title(), "surname": "Pérez", "jobTitle": title or None}
        with self.server.client() as graph:
            return made(graph, name, employeeId=number, usageLocation="ES", **names)

    def there(self) -> There:
        state = self.server.control("GET", "state")
        users = state.get("user", {})
        logins = {id_: user["userPrincipalName"] for id_, user in users.items()}
        parts = {each["skuId"]: each["skuPartNumber"] for each in state["subscribedSku"].values()}
        groups, roles, applications = _groups(state), _roles(state), _applications(state)
        managers = {each["source"]: each["target"] for each in state.get("manager", {}).values()}
        methods = state.get("authenticationMethod", {}).values()
        factors = Counter(each["_user"] for each in methods if each["_method"] != PASS)
        people = {
            logins[id_]: Seen(
                active=user["accountEnabled"],
                number=user.get("employeeId") or "",
                given_name=user.get("givenName") or "",
                family_name=user.get("surname") or "",
                title=user.get("jobTitle") or "",
                manager=logins.get(managers.get(id_, ""), ""),
                groups=groups.get(id_, frozenset()),
                roles=roles.get(id_, frozenset()),
                applications=applications.get(id_, frozenset()),
                licences=frozenset(parts[each["skuId"]] for each in user.get("assignedLicenses") or ()),
                sessions=int(user["signInSessionsValidFromDateTime"] == LONG_AGO),
                factors=factors[id_],
            )
            for id_, user in users.items()
        }
        redirects = {
            each["displayName"]: frozenset(each["web"]["redirectUris"])
            for each in state["application"].values()
        }
        return There(people=people, redirects=redirects)

    def lets_in(self, login: str, secret: str) -> bool:
        return self.server.sign_in(login, secret) is None

    def sign_in(self, login: str) -> None:
        user = self.server.user(login)
        self.server.put("user", user["id"], {**user, "signInSessionsValidFromDateTime": LONG_AGO})

    def enrol(self, login: str) -> None:
        phone = {"kind": "phone", "phoneNumber": "+49 301234567", "phoneType": "mobile"}
        self.server.control("POST", "register", {"user": self.server.user(login)["id"], **phone})


def _groups(state: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    known = state["group"]
    return _gathered(
        (each["target"], known[each["source"]]["displayName"])
        for each in state.get("member", {}).values()
        if each["source"] in known
    )


def _roles(state: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    names = {each["id"]: each["displayName"] for each in state["directoryRoleTemplate"].values()}
    held = state.get("roleAssignment", {}).values()
    return _gathered((each["principalId"], names[each["roleDefinitionId"]]) for each in held)


def _applications(state: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    held = state.get("appRoleAssignment", {}).values()
    return _gathered((each["principalId"], each["resourceDisplayName"]) for each in held)


def _gathered(pairs: Any) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for owner, name in pairs:
        found[owner] = found.get(owner, frozenset()) | {name}
    return found
