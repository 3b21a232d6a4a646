"""What `query` of `users.list` finds.

https://developers.google.com/workspace/admin/directory/v1/guides/search-users. Clauses stand side by side and
all have to hold; a value with a space stands in single quotes, in which a quote is written with a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

User = Mapping[str, Any]
Managers = Callable[[User], list[User]]
"""The chain of managers above a user, the nearest first."""

NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9_\-]+)?")
OPERATOR = re.compile(r">=|<=|=|:|>|<")
QUOTED = re.compile(r"'((?:\\.|[^'\\])*)'(\*?)|\"((?:\\.|[^\"\\])*)\"(\*?)")
BARE = re.compile(r"[^\s'\"]+")

BOOLEANS = {
    "isAdmin": "isAdmin",
    "isDelegatedAdmin": "isDelegatedAdmin",
    "isSuspended": "suspended",
    "isArchived": "archived",
    "isEnrolledIn2Sv": "isEnrolledIn2Sv",
    "isEnforcedIn2Sv": "isEnforcedIn2Sv",
}
LISTS = {
    "im": ("ims", ("im",)),
    "externalId": ("externalIds", ("value",)),
    "address": ("addresses", ("poBox", "extendedAddress", "streetAddress", "locality", "region", "postalCode",
                              "country", "formatted")),
    "addressPoBox": ("addresses", ("poBox",)),
    "addressExtended": ("addresses", ("extendedAddress",)),
    "addressStreet": ("addresses", ("streetAddress",)),
    "addressLocality": ("addresses", ("locality",)),
    "addressRegion": ("addresses", ("region",)),
    "addressPostalCode": ("addresses", ("postalCode",)),
    "addressCountry": ("addresses", ("country",)),
    "orgName": ("organizations", ("name",)),
    "orgTitle": ("organizations", ("title",)),
    "orgDepartment": ("organizations", ("department",)),
    "orgDescription": ("organizations", ("description",)),
    "orgCostCenter": ("organizations", ("costCenter",)),
    "phone": ("phones", ("value",)),
}  # fmt: skip
"""By field of the query: the user's list, and what of its entries is looked at."""
NAMES = frozenset({"name", "email", "givenName", "familyName"})
MANAGERS = frozenset({"manager", "managerId", "directManager", "directManagerId"})
EXACTLY = frozenset({"phone", *MANAGERS, *BOOLEANS, "orgUnitPath"})
"""Those that take `=` alone."""
PREFIXES = frozenset({"email", "givenName", "familyName"})
"""Those that take a value that ends in `*`."""


class WrongQuery(ValueError):
    """The text is no query."""


@dataclass(frozen=True)
class Clause:
    """Without a field, the value is looked for in names and addresses."""

    field: str
    operator: str
    value: str
    prefix: bool = False


def parse(text: str) -> list[Clause]:
    """Raises `WrongQuery`."""
    return list(_clauses(text))


def finds(clauses: list[Clause], user: User, managers: Managers) -> bool:
    return all(_holds(clause, user, managers) for clause in clauses)


def _clauses(text: str) -> Iterator[Clause]:
    place = _after_space(text, 0)
    while place < len(text):
        name = NAME.match(text, place)
        operator = OPERATOR.match(text, name.end()) if name else None
        start = operator.end() if operator else place
        value, prefix, place = _value(text, start)
        if name and operator:
            yield _checked(Clause(name.group(), operator.group(), value, prefix))
        else:
            yield Clause("", ":", value, prefix)
        if place < len(text) and not text[place].isspace():
            raise WrongQuery("a clause does not end where its value does")
        place = _after_space(text, place)


def _after_space(text: str, place: int) -> int:
    while place < len(text) and text[place].isspace():
        place += 1
    return place


def _value(text: str, start: int) -> tuple[str, bool, int]:
    """The value, whether it is a beginning only, and where it ends."""
    if quoted := QUOTED.match(text, start):
        inner = quoted.group(1) if quoted.group(1) is not None else quoted.group(3)
        return re.sub(r"\\(.)", r"\1", inner), bool(quoted.group(2) or quoted.group(4)), quoted.end()
    bare = BARE.match(text, start)
    if bare is None:
        raise WrongQuery("a value is missing, or a quote is not closed")
    value = bare.group()
    return value.removesuffix("*"), value.endswith("*"), bare.end()


def _checked(clause: Clause) -> Clause:
    known = clause.field in NAMES | MANAGERS | set(BOOLEANS) | set(LISTS) | {"orgUnitPath"}
    if not known and "." not in clause.field:
        raise WrongQuery("a field is unknown")
    if known and clause.operator not in {"=", ":"}:
        raise WrongQuery("the field does not take this operator")
    if clause.field in EXACTLY and clause.operator != "=":
        raise WrongQuery("the field takes = alone")
    if clause.prefix and "." not in clause.field and (clause.operator != ":" or clause.field not in PREFIXES):
        raise WrongQuery("the field takes no beginnings")
    if clause.field in BOOLEANS and clause.value.lower() not in {"true", "false"}:
        raise WrongQuery("the field takes true or false")
    return clause


def _holds(clause: Clause, user: User, managers: Managers) -> bool:
    if clause.field in BOOLEANS:
        return bool(user.get(BOOLEANS[clause.field])) == (clause.value.lower() == "true")
    if clause.field in MANAGERS:
        return _managed(clause, managers(user))
    if clause.field == "orgUnitPath":
        return _within(str(user.get("orgUnitPath", "/")), clause.value)
    if "." in clause.field:
        return any(_compares(clause, value) for value in _custom(user, clause.field))
    return any(_matches(clause, text) for text in _texts(user, clause.field))


def _texts(user: User, field: str) -> list[str]:
    name = user.get("name", {})
    given, family = str(name.get("givenName", "")), str(name.get("familyName", ""))
    addresses = [str(user["primaryEmail"]), *user.get("aliases", ())]
    if field in LISTS:
        place, keys = LISTS[field]
        return [str(each[key]) for each in user.get(place) or () for key in keys if each.get(key)]
    return {
        "name": [f"{given} {family}"],
        "email": addresses,
        "givenName": [given],
        "familyName": [family],
    }.get(field, [given, family, *addresses])


def _matches(clause: Clause, text: str) -> bool:
    wanted, found = clause.value.casefold(), text.casefold()
    if clause.operator == "=":
        return found == wanted
    if clause.prefix:
        return found.startswith(wanted)
    return wanted in found


def _within(path: str, unit: str) -> bool:
    """A unit is its own and all below it; `/` is everybody's."""
    path, unit = path.casefold(), unit.casefold().rstrip("/")
    return path == unit or path.startswith(unit + "/")


def _managed(clause: Clause, chain: list[User]) -> bool:
    above = chain[:1] if clause.field.startswith("direct") else chain
    if clause.field.endswith("Id"):
        return any(each["id"] == clause.value for each in above)
    return any(each["primaryEmail"] == clause.value.lower() for each in above)


def _custom(user: User, field: str) -> list[Any]:
    schema, _, name = field.partition(".")
    value = user.get("customSchemas", {}).get(schema, {}).get(name)
    if isinstance(value, list):
        return [each.get("value") for each in value]
    return [] if value is None else [value]


def _compares(clause: Clause, value: Any) -> bool:
    if clause.operator in {"=", ":"}:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return _matches(clause, text)
    try:
        found, wanted = float(value), float(clause.value)
    except ValueError:
        return False
    return {
        ">": found > wanted,
        ">=": found >= wanted,
        "<": found < wanted,
        "<=": found <= wanted,
    }[clause.operator]
