"""What accounts on paper may do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from officeflow.connectors.call import Call
from officeflow.connectors.families.identity import (
    Account,
    Application,
    AssignsApplications,
    Entitlement,
    Group,
    KeepsGroups,
    KeepsLicences,
    KeepsRoles,
    Seats,
)
from officeflow.errors import Conflict, NotFound, Rejected
from tests.nodes.paper.connectors.paper.base import PaperClient

T = TypeVar("T", Group, Entitlement, Application)


class Groups(PaperClient, KeepsGroups):
    def find_groups(self, names: Sequence[str]) -> Sequence[Group]:
        call = self._reads("find_groups")
        found = (named(self._directory.groups, name, call) for name in dict.fromkeys(names))
        return [each for each in found if each is not None]

    def set_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self._writes("set_groups", key)
        before = self._directory.known(account_id, call)
        wanted = {self._existing(name, call) for name in groups}
        different = wanted ^ set(before.groups)
        for group in self._directory.groups:
            if group.fixed and group.name in different and group.name not in before.ruled_groups:
                raise call.error(Rejected, f"the group {group.name} is fixed: {group.fixed}")
        after = tuple(sorted(wanted | set(before.ruled_groups)))
        return self._directory.change(call, account_id, groups=after)

    def add_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self._writes("add_groups", key)
        before = self._directory.known(account_id, call)
        joining = {self._existing(name, call) for name in groups} - set(before.groups)
        for group in self._directory.groups:
            if group.fixed and group.name in joining:
                raise call.error(Rejected, f"the group {group.name} is fixed: {group.fixed}")
        return self._directory.change(call, account_id, groups=tuple(sorted(joining | set(before.groups))))

    def remove_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self._writes("remove_groups", key)
        before = self._directory.known(account_id, call)
        exact = set(groups) & set(before.groups)
        folded = {name.casefold() for name in groups if name not in exact}
        leaving = exact | {name for name in before.groups if name.casefold() in folded}
        for name in before.ruled_groups:
            if name in leaving:
                raise call.error(Rejected, f"a rule keeps it in the group {name}")
        after = tuple(name for name in before.groups if name not in leaving)
        return self._directory.change(call, account_id, groups=after)

    def _existing(self, name: str, call: Call) -> str:
        group = named(self._directory.groups, name, call)
        if group is None:
            raise call.error(NotFound, f"there is no group {name}")
        return group.name


class Holding(PaperClient):
    """What roles, applications and licences have in common."""

    def _held(self, kind: str, account_id: str, call: Call) -> list[Entitlement]:
        self._directory.known(account_id, call)
        return list(self._directory.held[kind][account_id])

    def _of(self, kind: str, account_id: str, what: Entitlement | Application) -> list[Entitlement]:
        return [each for each in self._directory.held[kind][account_id] if each.id == what.id]

    def _give(self, kind: str, account_id: str, what: Entitlement, call: Call) -> Sequence[Entitlement]:
        held = self._directory.held[kind][account_id]
        if what not in held:
            self._directory.write(call, lambda: held.append(what), lambda: what in held, account_id)
        return list(held)

    def _take(
        self, kind: str, account_id: str, there: Collection[Entitlement], call: Call
    ) -> Sequence[Entitlement]:
        self._directory.known(account_id, call)
        held = self._directory.held[kind][account_id]
        going = [each for each in there if not each.by_group]
        staying = [each for each in held if each not in going]
        if there and not going:
            raise call.error(Rejected, f"only a group gives {next(iter(there)).name}")
        if going:
            self._directory.write(
                call,
                lambda: held.__setitem__(slice(None), staying),
                lambda: held == staying,
                account_id,
            )
        return list(held)


class Roles(Holding, KeepsRoles):
    def roles_of(self, account_id: str) -> Sequence[Entitlement]:
        return self._held("roles", account_id, self._reads("roles_of"))

    def find_role(self, role: str) -> Entitlement | None:
        return named(self._directory.roles, role, self._reads("find_role"))

    def assign_role(self, account_id: str, role: str, *, key: str) -> Sequence[Entitlement]:
        call = self._writes("assign_role", key)
        self._directory.known(account_id, call)
        return self._give("roles", account_id, existing(self._directory.roles, role, "role", call), call)

    def unassign_role(self, account_id: str, role: str, *, key: str) -> Sequence[Entitlement]:
        call = self._writes("unassign_role", key)
        wanted = existing(self._directory.roles, role, "role", call)
        return self._take("roles", account_id, self._of("roles", account_id, wanted), call)


class Applications(Holding, AssignsApplications):
    def applications_of(self, account_id: str) -> Sequence[Entitlement]:
        return self._held("applications", account_id, self._reads("applications_of"))

    def find_application(self, application: str) -> Entitlement | None:
        found = named(self._directory.applications, application, self._reads("find_application"))
        return Entitlement(id=found.id, name=found.name) if found else None

    def assign_application(
        self, account_id: str, application: str, *, role: str | None = None, key: str
    ) -> Sequence[Entitlement]:
        call = self._writes("assign_application", key)
        self._directory.known(account_id, call)
        found = existing(self._directory.applications, application, "application", call)
        if role is not None and role not in self._directory.application_roles.get(found.id, ()):
            raise call.error(NotFound, f"the application {found.name} has no role {role}")
        name = f"{found.name}/{role}" if role else found.name
        return self._give("applications", account_id, Entitlement(id=found.id, name=name), call)

    def unassign_application(self, account_id: str, application: str, *, key: str) -> Sequence[Entitlement]:
        call = self._writes("unassign_application", key)
        held = self._directory.held["applications"][account_id]
        if "/" in application:
            there = [each for each in held if each.name == application]
            return self._take("applications", account_id, there, call)
        wanted = existing(self._directory.applications, application, "application", call)
        return self._take("applications", account_id, self._of("applications", account_id, wanted), call)


class Licences(Holding, KeepsLicences):
    def licences_of(self, account_id: str) -> Sequence[Entitlement]:
        return self._held("licences", account_id, self._reads("licences_of"))

    def find_licence(self, licence: str) -> Seats | None:
        call = self._reads("find_licence")
        found = named([each.licence for each in self._directory.licences], licence, call)
        return self._seats(found) if found else None

    def assign_licence(self, account_id: str, licence: str, *, key: str) -> Sequence[Entitlement]:
        call = self._writes("assign_licence", key)
        self._directory.known(account_id, call)
        wanted = existing([each.licence for each in self._directory.licences], licence, "licence", call)
        held = self._directory.held["licences"][account_id]
        if wanted not in held and self._seats(wanted).free == 0:
            raise call.error(Rejected, f"no seat of {wanted.name} is left")
        return self._give("licences", account_id, wanted, call)

    def unassign_licence(self, account_id: str, licence: str, *, key: str) -> Sequence[Entitlement]:
        call = self._writes("unassign_licence", key)
        wanted = existing([each.licence for each in self._directory.licences], licence, "licence", call)
        return self._take("licences", account_id, self._of("licences", account_id, wanted), call)

    def _seats(self, licence: Entitlement) -> Seats:
        kept = next(each for each in self._directory.licences if each.licence.id == licence.id)
        holders = self._directory.held["licences"].values()
        used = sum(licence.id in {each.id for each in held} for held in holders)
        return replace(kept, used=None if kept.total is None else used)


def named(all_of_them: Iterable[T], wanted: str, call: Call) -> T | None:
    """By id or name, whose case only counts where it tells two apart."""
    found = [each for each in all_of_them if wanted == each.id or wanted.casefold() == each.name.casefold()]
    exact = [each for each in found if wanted in {each.id, each.name}]
    if len(exact or found) > 1:
        raise call.error(Conflict, f"{len(found)} are called {wanted}")
    return next(iter(exact or found), None)


def existing(all_of_them: Iterable[T], wanted: str, what: str, call: Call) -> T:
    found = named(all_of_them, wanted, call)
    if found is None:
        raise call.error(NotFound, f"there is no {what} {wanted}")
    return found
