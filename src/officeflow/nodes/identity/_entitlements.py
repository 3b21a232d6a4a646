"""What the nodes about roles, applications and licences have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from pydantic import Field

from officeflow.connectors.families.identity import Account, Entitlement
from officeflow.errors import NotFound, NothingHappened
from officeflow.nodes.identity._before import before_of, keep_before
from officeflow.sdk import Act, FieldChange, NodeOutput, Planned, changes

Write = Callable[[], Sequence[Entitlement]]
WriteOf = Callable[[str], Sequence[Entitlement]]


class Held(NodeOutput):
    """What the account has after the act, and the difference that it made."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name.")
    name: str = Field(description="What it was about, as the provider calls it.")
    by_group: str | None = Field(
        description="The group that gives it to the account; null: none does, or it has it not."
    )
    held: list[str] = Field(description="All of its kind that the account has now.")
    added: list[str] = Field(description="Those that the account itself had not before.")
    removed: list[str] = Field(description="Those that the account itself had before.")


@dataclass(frozen=True, slots=True)
class Matter:
    """Something of a kind (`role`), and what an account has of that kind. Where it consists of parts, as an
    application of its roles, `part` is the one that is meant; None: whichever.
    """

    kind: str
    account: Account
    thing: Entitlement
    there: Sequence[Entitlement]
    address: str
    has_parts: bool = False
    part: str | None = None

    @property
    def what(self) -> str:
        return f"account {self.account.login} at {self.address}"

    @property
    def name(self) -> str:
        return f"{self.thing.name}/{self.part}" if self.part else self.thing.name

    def of(self, entries: Sequence[Entitlement]) -> list[Entitlement]:
        """Those of the entries that are meant."""
        return [
            each
            for each in entries
            if self._is_of_thing(each)
            and (self.part is None or _same(part_of(each.name, self.thing.name), self.part))
        ]

    def own(self, entries: Sequence[Entitlement]) -> list[str]:
        """The names of those that are meant and that no group gives."""
        return sorted({each.name for each in self.of(entries) if each.by_group is None})

    def own_whole(self, entries: Sequence[Entitlement]) -> list[str]:
        """The same, of every part."""
        return sorted({each.name for each in entries if self._is_of_thing(each) and each.by_group is None})

    def giver(self, entries: Sequence[Entitlement]) -> str | None:
        """The group that gives it."""
        return next((each.by_group for each in self.of(entries) if each.by_group is not None), None)

    def _is_of_thing(self, entry: Entitlement) -> bool:
        is_part = self.has_parts and part_of(entry.name, self.thing.name) is not None
        return entry.id == self.thing.id or entry.name == self.thing.name or is_part


def part_of(name: str, thing: str) -> str | None:
    """The `editor` of `crm/editor`; None where it is no part of the thing."""
    return name[len(thing) + 1 :] if name.casefold().startswith(f"{thing}/".casefold()) else None


def known(
    kind: str, wanted: str, found: Entitlement | None, there: Sequence[Entitlement], address: str
) -> Entitlement:
    """The thing that is wanted; one that the account has is known, whatever a search finds.

    `NotFound` names one that there is not.
    """
    if found is not None:
        return found
    for each in there:
        if wanted == each.id or _same(wanted, each.name):
            return each
    raise NotFound(f"there is no {kind} {wanted} at {address}", operation=f"find_{kind}")


def assigned(matter: Matter, act: Act, write: Write) -> Held:
    """Have it assigned where the account has it not, and seen among what the account has."""
    before = before_of(act, matter.account.id, matter.own_whole(matter.there))
    there = matter.there
    if not matter.of(there):
        keep_before(act, matter.account.id, before)
        there = write()
        if not matter.of(there):
            raise _not_so(matter.kind, matter.what, f"{matter.name} is not among those that it has")
    output = _held(matter, there, before)
    if output.changed:
        act.changed(f"{matter.kind} {matter.name} assigned to {matter.what}")
        act.read_back(_told(matter.account, matter.kind, there))
    else:
        given = f": the group {output.by_group} gives it" if output.by_group is not None else ""
        act.note(f"it has {matter.name} already{given}")
    return output


def unassigned(matter: Matter, act: Act, write: Write) -> Held:
    """Have it taken from the account, and seen no more among what the account has itself.

    What a group gives is told and left.
    """
    before = before_of(act, matter.account.id, matter.own_whole(matter.there))
    there = matter.there
    if matter.own(there):
        keep_before(act, matter.account.id, before)
        there = write()
        if left := matter.own(there):
            raise _not_so(matter.kind, matter.what, f"it still has {', '.join(left)}")
    output = _held(matter, there, before)
    if output.changed:
        act.changed(f"{matter.kind} {', '.join(output.removed)} taken from {matter.what}")
        act.read_back(_told(matter.account, matter.kind, there))
    elif not matter.of(there):
        act.note(f"it has not {matter.name}")
    if output.by_group is not None:
        act.note(f"the group {output.by_group} gives it {matter.name}: that is left")
    return output


def gain(matter: Matter, further: Sequence[FieldChange] = (), note: str = "") -> Planned:
    """What assigning it would do; `further` is told only where it would be assigned."""
    if matter.of(matter.there):
        return _planned(matter, _names(matter.there))
    return _planned(matter, [*_names(matter.there), matter.name], further, note)


def loss(matter: Matter, further: Sequence[FieldChange] = ()) -> Planned:
    """What taking it would do; `further` is told only where it would be taken."""
    going = matter.own(matter.there)
    left = [each.name for each in matter.there if each.by_group is not None or each.name not in going]
    return _planned(matter, left, further if going else ())


def take_back(
    kind: str,
    account: Account,
    output: Held,
    there: Sequence[Entitlement],
    act: Act,
    *,
    take: WriteOf,
    give: WriteOf,
) -> None:
    """The account itself has again what it had before; what is so already is left."""
    own = {each.name for each in there if each.by_group is None}
    taken = [name for name in output.added if name in own]
    given = [name for name in output.removed if name not in own]
    if not taken and not given:
        act.note(f"its {kind}s are as before already")
        return
    for name in taken:
        there = take(name)
    for name in given:
        there = give(name)
    now = {each.name for each in there if each.by_group is None}
    if now & set(taken) or set(given) - now:
        raise _not_so(kind, f"account {account.login}", f"it has {', '.join(sorted(now)) or 'none'}")
    act.changed(f"{kind} {', '.join(given) or 'none'} assigned again; {', '.join(taken) or 'none'} taken")
    act.read_back(_told(account, kind, there))


def _same(one: str | None, other: str) -> bool:
    return one is not None and one.casefold() == other.casefold()


def _names(entries: Sequence[Entitlement]) -> list[str]:
    return sorted({each.name for each in entries})


def _told(account: Account, kind: str, there: Sequence[Entitlement]) -> str:
    return f"account {account.login} has the {kind}s {', '.join(_names(there)) or 'none'}"


def _planned(
    matter: Matter, after: Collection[str], further: Sequence[FieldChange] = (), note: str = ""
) -> Planned:
    group = matter.giver(matter.there)
    given = f"the group {group} gives it {matter.name}" if group is not None else ""
    field = FieldChange(field=f"{matter.kind}s", before=_names(matter.there), after=sorted(set(after)))
    return changes(matter.what, [field, *further], "; ".join(filter(None, (given, note))))


def _not_so(kind: str, what: str, text: str) -> NothingHappened:
    return NothingHappened(
        f"the answer was yes, but of the {kind}s of {what} {text}", operation=f"{kind}s_of", taken=True
    )


def _held(matter: Matter, there: Sequence[Entitlement], before: Collection[str]) -> Held:
    now = matter.own_whole(there)
    added, removed = sorted(set(now) - set(before)), sorted(set(before) - set(now))
    return Held(
        changed=bool(added or removed),
        account_id=matter.account.id,
        login=matter.account.login,
        name=matter.thing.name,
        by_group=matter.giver(there),
        held=_names(there),
        added=added,
        removed=removed,
    )
