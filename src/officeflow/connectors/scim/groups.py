"""Which groups a user is in, and which one a name means."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from officeflow.connectors.call import Call
from officeflow.connectors.scim import types
from officeflow.connectors.scim.discovery import Discovery
from officeflow.connectors.scim.resources import Resources
from officeflow.connectors.scim.types import Dialect, Group, Reference, User
from officeflow.errors import Conflict, NotFound, Rejected


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be done so that a user is in exactly the groups that are wanted."""

    add: tuple[Group, ...]
    remove: tuple[Group, ...]
    wanted: frozenset[str]
    """Ids of the groups at the end."""


class Memberships:
    """Direct memberships, by the groups' own word; by the user's where the dialect says so."""

    def __init__(self, resources: Resources, dialect: Dialect, discovery: Discovery) -> None:
        self._resources = resources
        self._discovery = discovery
        self._by_member = dialect.groups_by_member
        self._filters: bool | None = None

    def of(self, user: User, call: Call) -> list[Group]:
        """The groups that the user is a member of."""
        told = [reference for reference in user.groups or () if reference.direct]
        if not self._by_member:
            return [self._referred(reference, call) for reference in told]
        where = f"members.value eq {types.quoted(user.id)}"
        try:
            listed = self._resources.every("Groups", where, Group, call, attributes="displayName")
        except Rejected as error:
            if not self._is_unsearchable(error, call):
                raise
            groups = self._resources.every("Groups", "", Group, call, attributes="displayName,members")
            return [group for group in groups if group.has(user.id)]
        if listed and not self._filters_members(call):
            return self._with_member((group.id for group in listed), user, call)
        known = {group.id for group in listed}
        return listed + self._with_member(
            (each.value for each in told if each.value and each.value not in known), user, call
        )

    def named(self, name: str, call: Call) -> Group:
        """The group of this name; one that differs from it in case only, where none is called exactly so (RFC
        7643 section 8.7.1).
        """
        listed = self._searched(name, call)
        found = [group for group in listed if group.displayName == name]
        found = found or [group for group in listed if group.displayName.casefold() == name.casefold()]
        if not found:
            raise call.error(NotFound, f"there is no group {name!r}")
        if len(found) > 1:
            raise call.error(Conflict, f"{len(found)} groups are called {name!r}")
        return found[0]

    def among(self, before: Collection[Group], names: Collection[str], call: Call) -> list[Group]:
        """Those of the groups that are named; case counts as in `named`.

        A name of none of them does not matter.
        """
        found = [group for group in before if group.displayName in names]
        folded = {group.displayName.casefold() for group in before}
        near = sorted(
            name for name in set(names) - {group.displayName for group in before} if name.casefold() in folded
        )
        meant = {self.named(name, call).id for name in near} - {group.id for group in found}
        return found + [group for group in before if group.id in meant]

    def changes(self, before: Collection[Group], names: Iterable[str], call: Call) -> Changes:
        """From the groups that the user is in to those that are named; `NotFound` and `Conflict` as in
        `named`.
        """
        wanted = set(names)
        kept = [group for group in before if group.displayName in wanted]
        named = [self.named(name, call) for name in sorted(wanted - {group.displayName for group in kept})]
        there = {group.id for group in before}
        target = frozenset(group.id for group in [*kept, *named])
        return Changes(
            add=tuple(group for group in named if group.id not in there),
            remove=tuple(group for group in before if group.id not in target),
            wanted=target,
        )

    def _searched(self, name: str, call: Call) -> list[Group]:
        where = types.equals(displayName=name)
        try:
            return self._resources.every("Groups", where, Group, call, attributes="displayName")
        except Rejected as error:
            if not self._is_unsearchable(error, call):
                raise
        return self._resources.every("Groups", "", Group, call, attributes="displayName")

    def _is_unsearchable(self, error: Rejected, call: Call) -> bool:
        """Whether a search was refused because the server has no filters."""
        return error.status in {400, 501} and self._discovery.has_no_filters(call.reading())

    def _referred(self, reference: Reference, call: Call) -> Group:
        if reference.value and reference.display:
            return Group(id=reference.value, displayName=reference.display)
        return (
            self._resources.group(reference.value, call)
            if reference.value
            else self.named(reference.display or "", call)
        )

    def _filters_members(self, call: Call) -> bool:
        """Whether the server looks at the filter at all: asked for a member that nobody can be, it must have
        no group to give.
        """
        if self._filters is None:
            nobody = {
                "filter": f"members.value eq {types.quoted(uuid.uuid4().hex)}",
                "startIndex": "1",
                "count": "1",
            }
            try:
                page = self._resources.page("Groups", call, nobody)
            except Rejected:
                self._filters = False
            else:
                self._filters = not page.totalResults and not page.resources
        return self._filters

    def _with_member(self, group_ids: Iterable[str], user: User, call: Call) -> list[Group]:
        """Of these groups, those that have the user among their members when they are read one by one."""
        found = []
        for group_id in group_ids:
            try:
                group = self._resources.group(group_id, call)
            except NotFound:
                continue
            if group.has(user.id):
                found.append(group)
        return found
