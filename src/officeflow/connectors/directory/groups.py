"""Groups by their own word: which have the account as a member is asked of the groups, so that no list of
thousands of members is read.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.directory import names as dn
from officeflow.connectors.directory.changes import Change, add, exchange, take
from officeflow.connectors.directory.entries import Entry
from officeflow.connectors.directory.errors import (
    ALREADY_EXISTS,
    NO_SUCH_ATTRIBUTE,
    OBJECT_CLASS_VIOLATION,
    VALUE_EXISTS,
)
from officeflow.connectors.directory.finding import Finding
from officeflow.connectors.families.identity import Account, Group, KeepsGroups
from officeflow.errors import Conflict, ConnectorError, NotFound, Rejected

LOOKS = (0.0, 0.1, 0.3)
"""Seconds before each look whether the directory itself has put the members right."""
AT_ONCE = 50
"""Members that one search asks for."""


@dataclass(frozen=True, slots=True)
class Place:
    """A group where it stands."""

    dn: str
    id: str
    name: str


class Grouping(Finding, KeepsGroups):
    """Direct memberships. Nested ones give an account what its groups' groups may do; they are the groups',
    and are not changed for one person.
    """

    def find_groups(self, names: Sequence[str]) -> Sequence[Group]:
        call = self.call("find_groups")
        found = [self._named(name, call) for name in dict.fromkeys(names)]
        return [Group(id=each.id, name=each.name) for each in found if each]

    def set_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        del key
        call = self.call("set_groups", writes=True)
        reading = call.reading()
        entry = self._entry(account_id, reading)
        ruled = {group.name.casefold() for group in self._ruled(entry, reading)}
        before = {group.id: group for group in self._direct(entry, reading)}
        wanted = {
            group.id: group
            for name in groups
            if name.casefold() not in ruled
            for group in [self._one(name, reading)]
        }
        joining = [group for group in wanted.values() if group.id not in before]
        leaving = [group for group in before.values() if group.id not in wanted]
        entry = self._join_and_leave(entry, joining, leaving, call)
        return self._read_back_groups(entry, call, wanted=wanted.keys(), wrote=bool(joining or leaving))

    def add_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        del key
        call = self.call("add_groups", writes=True)
        reading = call.reading()
        entry = self._entry(account_id, reading)
        ruled = {group.name.casefold() for group in self._ruled(entry, reading)}
        there = {group.id for group in self._direct(entry, reading)}
        named = [self._one(name, reading) for name in groups if name.casefold() not in ruled]
        joining = [group for group in {each.id: each for each in named}.values() if group.id not in there]
        entry = self._join_and_leave(entry, joining, [], call)
        joined = {group.id for group in joining}
        return self._read_back_groups(entry, call, joined=joined, wrote=bool(joining))

    def remove_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        del key
        call = self.call("remove_groups", writes=True)
        reading = call.reading()
        entry = self._entry(account_id, reading)
        before = self._direct(entry, reading)
        leaving = _among(before, groups)
        self._check_others(entry, before, groups, reading)
        entry = self._join_and_leave(entry, [], leaving, call)
        return self._read_back_groups(
            entry, call, unwanted={group.id for group in leaving}, wrote=bool(leaving)
        )

    def _groups_of(self, entry: Entry, call: Call) -> Sequence[Group]:
        direct = [Group(id=each.id, name=each.name) for each in self._direct(entry, call)]
        return [*direct, *self._ruled(entry, call)]

    def _ruled(self, entry: Entry, call: Call) -> Sequence[Group]:
        """Groups that it is in by something else than their members."""
        del entry, call
        return ()

    # ── which groups ──

    def _member(self, entry: Entry) -> str:
        """How groups name the account."""
        if self._dialect.groups.members == "dn":
            return entry.dn
        return entry.text(self._dialect.login) or ""

    def _direct(self, entry: Entry, call: Call) -> list[Place]:
        return self._with_members([self._member(entry)], call)

    def _with_members(self, members: Iterable[str], call: Call) -> list[Place]:
        attribute = self._dialect.groups.member
        return self._places(dn.either(dn.equal(attribute, member) for member in members), call)

    def _places(self, where: str, call: Call) -> list[Place]:
        kind = self._dialect.groups
        classes = dn.either(dn.equal("objectClass", name) for name in kind.classes)
        entries = self._session.search(
            self._groups_base,
            dn.every(classes, where),
            call,
            attributes=[self._dialect.id_attribute, kind.name, "cn"],
        )
        return [
            Place(entry.dn, self._id(entry, call), entry.text(kind.name) or entry.text("cn") or entry.dn)
            for entry in entries
        ]

    def _named(self, name: str, call: Call) -> Place | None:
        """One that differs in case only, where none is called exactly so."""
        listed = self._places(dn.equal(self._dialect.groups.name, name), call)
        found = [group for group in listed if group.name == name]
        found = found or [group for group in listed if group.name.casefold() == name.casefold()]
        if len(found) > 1:
            raise call.error(Conflict, f"{len(found)} groups are called {name!r}")
        return found[0] if found else None

    def _one(self, name: str, call: Call) -> Place:
        found = self._named(name, call)
        if found is None:
            raise call.error(NotFound, f"there is no group {name!r}")
        return found

    def _check_others(self, entry: Entry, direct: Sequence[Place], names: Sequence[str], call: Call) -> None:
        """`Rejected` names a group among these that the account is in by another way than as a member."""
        wanted = {name.casefold() for name in names} - {group.name.casefold() for group in direct}
        if not wanted:
            return
        for ruled in self._ruled(entry, call):
            if ruled.name.casefold() in wanted:
                raise call.error(Rejected, f"nobody is taken out of {ruled.name}: {ruled.fixed}")
        for group, by in self._nested(direct, call):
            if group.name.casefold() in wanted:
                raise call.error(
                    Rejected,
                    f"{entry.dn} is in {group.name} only by way of {by.name}",
                    hint=f"take it out of {by.name}",
                )

    def _nested(self, direct: Sequence[Place], call: Call) -> list[tuple[Place, Place]]:
        """Groups above the direct ones, each with the direct one that it comes by. Circles end."""
        if self._dialect.groups.members != "dn":
            return []
        known = {group.id for group in direct}
        found: list[tuple[Place, Place]] = []
        for start in direct:
            level = [start]
            while level:
                above = self._with_members([group.dn for group in level[:AT_ONCE]], call)
                rest = level[AT_ONCE:]
                fresh = [group for group in above if group.id not in known]
                known |= {group.id for group in fresh}
                found += [(group, start) for group in fresh]
                level = [*rest, *fresh]
        return found

    # ── members ──

    def _join_and_leave(
        self, entry: Entry, joining: Sequence[Place], leaving: Sequence[Place], call: Call
    ) -> Entry:
        """The entry as it reads afterwards; as it was where there is nothing to write."""
        member = self._member(entry)
        acts = [(group, add([member])) for group in joining] + [(group, take([member])) for group in leaving]
        for done, (group, change) in enumerate(acts):
            try:
                self._change_members(group, change, call)
            except ConnectorError as error:
                error.maybe_done = error.maybe_done or done > 0
                if isinstance(error, NotFound):
                    self._still_named(entry, joining[:done], call, wrote=done > 0)
                raise
        return self._still_named(entry, joining, call, wrote=True) if acts else entry

    def _still_named(self, entry: Entry, joined: Sequence[Place], call: Call, *, wrote: bool) -> Entry:
        """The entry as it is now. Groups name their members: `NothingHappened`, and the old name in none of
        those that were joined, where the account was moved or renamed at the same moment.

        That it is gone is `NothingHappened` where something was written, and else `NotFound`.
        """
        now = self._changed(entry, call) if wrote else self._entry(self._id(entry, call), call.reading())
        before, after = self._member(entry), self._member(now)
        if before == after:
            return now
        with after_write():
            for group in () if self._dialect.refers else joined:
                self._change_members(group, take([before]), call)
        raise call.nothing_happened(f"{before} is {after} by now")

    def _change_members(self, group: Place, change: Sequence[Change], call: Call) -> None:
        """What somebody else has done meanwhile is done: reading back shows it."""
        try:
            self._session.modify(group.dn, {self._dialect.groups.member: [*change]}, call)
        except ConnectorError as error:
            if error.status in {NO_SUCH_ATTRIBUTE, VALUE_EXISTS, ALREADY_EXISTS}:
                return
            if error.status == OBJECT_CLASS_VIOLATION and self._dialect.groups.needs_member:
                raise call.error(
                    Rejected,
                    f"nobody else is in {group.name}, and a {self._dialect.groups.classes[0]} must have one",
                    status=error.status,
                    hint="make somebody else, or an entry that is nobody, a member of it first",
                ) from error
            raise

    def _read_back_groups(
        self,
        entry: Entry,
        call: Call,
        *,
        wanted: Collection[str] | None = None,
        unwanted: Collection[str] = (),
        joined: Collection[str] = (),
        wrote: bool,
    ) -> Account:
        if not wrote:
            return self._whole(entry, call)
        with after_write():
            now = self._direct(entry, call)
            ids = {group.id for group in now}
            is_other = wanted is not None and ids != set(wanted)
            if is_other or ids & set(unwanted) or set(joined) - ids:
                there = sorted(group.name for group in now)
                raise call.nothing_happened(f"{entry.dn} reads back in the groups {there}")
            return self._whole(entry, call)

    def _follow(self, old: Entry, new: Entry | None, groups: Sequence[Place], call: Call) -> None:
        """Let its groups name the account as it is called now, or not at all: whoever gets the old name one
        day must not find itself in them. Directories that see to it are waited for.
        """
        before, after = self._member(old), self._member(new) if new else None
        if self._dialect.refers or not groups or before == after:
            return
        looks = LOOKS if self._dialect.groups.members == "dn" else LOOKS[:1]
        left = list(groups)
        for pause in looks:
            time.sleep(pause)
            left = self._with_members([before], call)
            if not left:
                break
        for group in left:
            self._change_members(group, exchange(before, after), call)
        if after is not None:
            there = {group.id for group in self._with_members([after], call)}
            for group in groups:
                if group.id not in there:
                    self._change_members(group, add([after]), call)


def _among(groups: Sequence[Place], names: Sequence[str]) -> list[Place]:
    """Those that are named; case counts where it tells two apart."""
    exact = [group for group in groups if group.name in names]
    taken = {group.name for group in exact}
    folded = {name.casefold() for name in names if name not in taken}
    return [group for group in groups if group in exact or group.name.casefold() in folded]
