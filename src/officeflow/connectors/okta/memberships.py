"""Which groups a user is in, which of them nobody can change here, and which one a name means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from officeflow.connectors.call import Call
from officeflow.connectors.okta.api import PAGE_SIZE, Api, path_of
from officeflow.connectors.okta.types import Group, Rule, equals
from officeflow.errors import Conflict, NotFound, Unauthorized

BY_TYPE: Mapping[str, str] = {
    "BUILT_IN": "Okta itself keeps its members",
    "APP_GROUP": "the application that it comes from keeps its members",
}
OWN = "OKTA_GROUP"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """`ruled` says in a few words why nobody's membership can be changed here; empty where it can."""

    group: Group
    ruled: str = ""


class Memberships:
    """A group that an active rule puts people into is ruled for everybody: Okta does not tell who is in it by
    the rule, and makes whoever is taken out an exception of the rule for ever.

    For one act: the rules are read once, where they matter. `strict` raises where they cannot be read; else
    they then do not count.
    """

    def __init__(self, api: Api, *, strict: bool) -> None:
        self._api = api
        self._strict = strict
        self._known: dict[str, str] | None = None

    def of(self, user_id: str, call: Call) -> list[Membership]:
        groups = list(self._api.every(path_of("users", user_id, "groups"), Group, call))
        rules = self._rules(groups, call)
        return [Membership(group=group, ruled=_ruled(group, rules)) for group in groups]

    def named(self, name: str, call: Call) -> Membership:
        """The group of this name; one that differs from it in case only, where none is called exactly so."""
        wanted = {"search": equals({"profile.name": name}), "limit": PAGE_SIZE}
        found = called(name, list(self._api.every("groups", Group, call, wanted)), lambda group: group.name)
        if not found:
            raise call.error(NotFound, f"there is no group {name!r}")
        if len(found) > 1:
            raise call.error(Conflict, f"{len(found)} groups are called {name!r}")
        return Membership(group=found[0], ruled=_ruled(found[0], self._rules(found, call)))

    def _rules(self, groups: Iterable[Group], call: Call) -> dict[str, str]:
        if self._known is None and any(group.type == OWN for group in groups):
            self._known = self._read(call)
        return self._known or {}

    def _read(self, call: Call) -> dict[str, str]:
        """The names of active rules, by the ids of the groups that they put people into."""
        try:
            rules = list(self._api.every("groups/rules", Rule, call, {"limit": PAGE_SIZE}))
        except Unauthorized as error:
            if self._strict or error.status != 403:
                raise
            return {}
        return {
            group: rule.name or rule.id
            for rule in rules
            if rule.status == "ACTIVE"
            for group in rule.actions.assigned.groups
        }


def _ruled(group: Group, rules: Mapping[str, str]) -> str:
    if group.type != OWN:
        return BY_TYPE.get(group.type, f"Okta's groups of the type {group.type} are not changed here")
    return f"the rule {rules[group.id]!r} keeps its members" if group.id in rules else ""


def called(name: str, among: Sequence[T], name_of: Callable[[T], str]) -> list[T]:
    """Those that are called so; those that differ in case only, where none is called exactly so."""
    return [each for each in among if name_of(each) == name] or [
        each for each in among if name_of(each).casefold() == name.casefold()
    ]
