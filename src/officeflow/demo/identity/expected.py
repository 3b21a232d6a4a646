"""What each system must say of a person after each step, and what is not so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from officeflow.demo.identity.people import SECOND, Newcomer, Place
from officeflow.demo.identity.reading.seen import Seen
from officeflow.demo.identity.systems import System


class Step(StrEnum):
    HIRED = "hired"
    MOVED = "moved"
    ENDED = "ended"


PEOPLE = {"ad": "OU=People,DC=acme,DC=example", "ldap": "ou=People,dc=acme,dc=example"}
GIVEN: Mapping[str, Mapping[str, Any]] = {
    "okta": {"applications": ("Wiki",)},
    "entra": {"applications": ("Wiki",), "licences": ("EMSPREMIUM",)},
    "google": {"licences": ("1010020028",)},
    "keycloak": {"roles": ("employee",)},
}
"""What joiners get beside groups, as the system writes it."""
MOVED: Mapping[str, Mapping[str, Any]] = {
    "okta": {"applications": ()},
    "entra": {"applications": (), "licences": ("EMSPREMIUM",)},
    "google": {"unit": "/Staff", "licences": ("1010020028",)},
    "keycloak": {"roles": ("employee", "expenses/submitter")},
    "ad": {"unit": f"OU={SECOND.department},{PEOPLE['ad']}"},
    "ldap": {"unit": f"ou={SECOND.department},{PEOPLE['ldap']}"},
}
LEFT: Mapping[str, Mapping[str, Any]] = {
    "okta": {"applications": (), "sessions": 0},
    "entra": {"applications": (), "licences": ()},
    "google": {"unit": "/Former staff", "licences": (), "sessions": 0},
    "keycloak": {"roles": (), "sessions": 0},
    "ad": {"unit": PEOPLE["ad"].replace("People", "Leavers")},
    "ldap": {"unit": PEOPLE["ldap"].replace("People", "Leavers")},
}


def wanted(system: System, step: Step, person: Newcomer) -> Mapping[str, Any]:
    """Field of `Seen` to what it has to be."""
    match step:
        case Step.HIRED:
            return {**_works(person, person.place), **GIVEN.get(system.key, {})}
        case Step.MOVED:
            return {**_works(person, SECOND), **MOVED.get(system.key, {})}
        case Step.ENDED:
            return {"active": False, "groups": (), **LEFT.get(system.key, {})}


def _works(person: Newcomer, place: Place) -> Mapping[str, Any]:
    return {
        "active": True,
        "title": place.title,
        "department": place.department,
        "manager": person.manager,
        "groups": tuple(sorted(("Staff", place.department))),
    }


def missing(system: System, step: Step, person: Newcomer, accounts: Sequence[Seen]) -> list[str]:
    """Everything that is not as it should be, in words; empty where all is."""
    if len(accounts) != 1:
        return [f"expected one account, found {len(accounts)}"]
    found = {name: getattr(accounts[0], name) for name in wanted(system, step, person)}
    return [
        f"{name} is {_told(found[name])}, expected {_told(value)}"
        for name, value in wanted(system, step, person).items()
        if _folded(found[name]) != _folded(value)
    ]


def _folded(value: Any) -> Any:
    """Names of units differ in case without being others."""
    return value.casefold() if isinstance(value, str) else value


def _told(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return str(value) or "none"
