"""What an account has, compared with what its person should have, and how it is given and taken."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from officeflow.access.entitled import Due
from officeflow.access.rules import EntitlementKind
from officeflow.connectors.families import Capability, capabilities_of
from officeflow.connectors.families.identity import (
    Account,
    AssignsApplications,
    Entitlement,
    FindsAccounts,
    KeepsGroups,
    KeepsLicences,
    KeepsRoles,
)
from officeflow.errors import NotFound, Rejected

APPLICATIONS, GROUPS, LICENCES, ROLES = (
    EntitlementKind.APPLICATIONS,
    EntitlementKind.GROUPS,
    EntitlementKind.LICENCES,
    EntitlementKind.ROLES,
)
NEEDED: Mapping[EntitlementKind, Capability] = {
    EntitlementKind.GROUPS: Capability.KEEP_GROUPS,
    EntitlementKind.ROLES: Capability.KEEP_ROLES,
    EntitlementKind.LICENCES: Capability.KEEP_LICENCES,
    EntitlementKind.APPLICATIONS: Capability.ASSIGN_APPLICATIONS,
}
BY_RULE = "a rule or another system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`left` are those that nothing here can take away or give: each with why."""

    add: tuple[Due, ...]
    remove: tuple[tuple[EntitlementKind, str], ...]
    left: tuple[str, ...]


class Holdings:
    """What one account has at its system, and the ways to change it."""

    def __init__(self, provider: FindsAccounts, account: Account) -> None:
        self.provider = provider
        self.account = account

    def can(self, kind: EntitlementKind) -> bool:
        return NEEDED[kind] in capabilities_of(type(self.provider))

    def there(self, kind: EntitlementKind) -> Sequence[Entitlement]:
        """All of the kind that the account has; `by_group` says what gives it where that is not the account
        itself.
        """
        provider: Any = self.provider
        match kind:
            case EntitlementKind.GROUPS:
                ruled = set(self.account.ruled_groups)
                return [
                    Entitlement(id=name, name=name, by_group=BY_RULE if name in ruled else None)
                    for name in self.account.groups
                ]
            case EntitlementKind.ROLES:
                return cast("KeepsRoles", provider).roles_of(self.account.id)
            case EntitlementKind.LICENCES:
                return cast("KeepsLicences", provider).licences_of(self.account.id)
            case EntitlementKind.APPLICATIONS:
                return cast("AssignsApplications", provider).applications_of(self.account.id)

    def fixed(self, due: Iterable[Due]) -> Mapping[str, str]:
        """Groups among these that nobody can join here, each with why. `NotFound` names one of whatever kind
        that the system has not.
        """
        listed = list(due)
        for each in listed:
            if each.kind is not GROUPS and self._found(each.kind, each.name) is None:
                raise self._missing(each.kind, each.name, each.rules)
        groups = [each for each in listed if each.kind is GROUPS]
        if not groups:
            return {}
        found = cast("KeepsGroups", self.provider).find_groups([each.name for each in groups])
        known = {group.name.casefold(): group for group in found}
        for each in groups:
            if each.name.casefold() not in known:
                raise self._missing(GROUPS, each.name, each.rules)
        return {name: group.fixed for name, group in known.items() if group.fixed}

    def give(self, due: Sequence[Due], key: str) -> None:
        """What it has already is left as it is."""
        provider: Any = self.provider
        groups = [each.name for each in due if each.kind is GROUPS]
        if groups:
            wanted = sorted({*self.account.groups, *groups})
            self.account = cast("KeepsGroups", provider).set_groups(
                self.account.id, wanted, key=_key(key, "groups", *groups)
            )
        for each in due:
            own = _key(key, "give", each.kind.value, each.label)
            match each.kind:
                case EntitlementKind.ROLES:
                    cast("KeepsRoles", provider).assign_role(self.account.id, each.name, key=own)
                case EntitlementKind.LICENCES:
                    cast("KeepsLicences", provider).assign_licence(self.account.id, each.name, key=own)
                case EntitlementKind.APPLICATIONS:
                    cast("AssignsApplications", provider).assign_application(
                        self.account.id, each.name, role=each.role, key=own
                    )

    def take(self, what: Sequence[tuple[EntitlementKind, str]], key: str) -> None:
        """By the names that the system gave; what it has not any more is left alone."""
        provider: Any = self.provider
        groups = [name for kind, name in what if kind is GROUPS]
        if groups:
            self.account = cast("KeepsGroups", provider).remove_groups(
                self.account.id, groups, key=_key(key, "leave", *groups)
            )
        for kind, name in what:
            own = _key(key, "take", kind.value, name)
            match kind:
                case EntitlementKind.ROLES:
                    cast("KeepsRoles", provider).unassign_role(self.account.id, name, key=own)
                case EntitlementKind.LICENCES:
                    cast("KeepsLicences", provider).unassign_licence(self.account.id, name, key=own)
                case EntitlementKind.APPLICATIONS:
                    cast("AssignsApplications", provider).unassign_application(self.account.id, name, key=own)

    def named(self, kind: EntitlementKind, label: str) -> Due:
        """What an act has taken, to be given back: an application's role stands behind its name."""
        name, slash, role = label.rpartition("/")
        if kind is APPLICATIONS and slash and self._found(kind, label) is None:
            return Due(connection="", kind=kind, name=name, role=role)
        return Due(connection="", kind=kind, name=label)

    def _found(self, kind: EntitlementKind, name: str) -> object | None:
        provider: Any = self.provider
        match kind:
            case EntitlementKind.GROUPS:
                return next(iter(cast("KeepsGroups", provider).find_groups([name])), None)
            case EntitlementKind.ROLES:
                return cast("KeepsRoles", provider).find_role(name)
            case EntitlementKind.LICENCES:
                return cast("KeepsLicences", provider).find_licence(name)
            case EntitlementKind.APPLICATIONS:
                return cast("AssignsApplications", provider).find_application(name)

    def _missing(self, kind: EntitlementKind, name: str, rules: Sequence[str]) -> NotFound:
        by = f", which the access rule {rules[0]!r} gives" if rules else ""
        return NotFound(
            f"there is no {singular(kind)} {name} at {self.provider.address}{by}", operation="apply_access"
        )


def difference(
    holdings: Holdings,
    due: Sequence[Due],
    ruled: Mapping[EntitlementKind, Sequence[Due]],
    *,
    strict: bool = False,
) -> Difference:
    """What the person lacks, and what they have beyond the rules. What no rule names is left, unless
    `strict`.

    `NotFound` names what rules give and the system has not; `Rejected` a kind that it cannot keep.
    """
    remove = list[tuple[EntitlementKind, str]]()
    add, left = list[Due](), list[str]()
    for kind in EntitlementKind:
        own, named = [each for each in due if each.kind is kind], ruled[kind]
        if not named and not (strict and holdings.can(kind)):
            continue
        if not holdings.can(kind):
            raise Rejected(
                f"the access rules give {kind.value}, and {holdings.provider.address} cannot"
                f" {NEEDED[kind].value}",
                operation="apply_access",
            )
        there = holdings.there(kind)
        lacking = [each for each in own if not any(is_it(each, one) for one in there)]
        fixed = holdings.fixed(lacking)
        add += [each for each in lacking if each.name.casefold() not in fixed]
        left += [
            f"{singular(kind)} {each.name}: {fixed[each.name.casefold()]}"
            for each in lacking
            if each.name.casefold() in fixed
        ]
        beyond = _beyond(there, own, named, strict=strict)
        remove += [(kind, one.name) for one in beyond if one.by_group is None]
        left += [
            f"{singular(kind)} {one.name}: {one.by_group} gives it"
            for one in beyond
            if one.by_group is not None
        ]
    return Difference(add=tuple(add), remove=tuple(remove), left=tuple(left))


def beyond(
    holdings: Holdings, due: Sequence[Due], ruled: Mapping[EntitlementKind, Sequence[Due]]
) -> list[tuple[EntitlementKind, str]]:
    """What the person has and rules give to others alone, whatever it comes from; of kinds that the system
    keeps.
    """
    return [
        (kind, one.name)
        for kind in EntitlementKind
        if ruled[kind] and holdings.can(kind)
        for one in _beyond(holdings.there(kind), [each for each in due if each.kind is kind], ruled[kind])
    ]


def _beyond(
    there: Sequence[Entitlement], own: Sequence[Due], named: Sequence[Due], *, strict: bool = False
) -> list[Entitlement]:
    extra = [one for one in there if not any(is_it(each, one) for each in own)]
    if not strict:
        extra = [one for one in extra if any(_names(each, one) for each in named)]
    return [one for one in extra if not _is_wanted(one, own)]


def is_it(due: Due, there: Entitlement) -> bool:
    """Whether the account has what is due; an application without a role is there with any."""
    return due.label.casefold() in _labels(there) or (due.role is None and _names(due, there))


def singular(kind: EntitlementKind) -> str:
    return kind.value.removesuffix("s")


def _names(due: Due, there: Entitlement) -> bool:
    """Whether it is the same thing, with whatever role."""
    name = due.name.casefold()
    labels = _labels(there)
    if due.kind is not APPLICATIONS:
        return name in labels
    return any(label == name or label.startswith(f"{name}/") for label in labels)


def _is_wanted(there: Entitlement, own: Sequence[Due]) -> bool:
    """Taking away an application takes away every role in it: one that is due in another role stays."""
    return any(each.kind is APPLICATIONS and _names(each, there) for each in own)


def _labels(there: Entitlement) -> set[str]:
    name, own_id = there.name.casefold(), there.id.casefold()
    return {name, own_id, f"{own_id}/{name.rpartition('/')[2]}"}


def _key(key: str, *what: str) -> str:
    """Of one of an act's several writes: the same whenever it is tried again."""
    return hashlib.sha256("\0".join((key, *what)).encode()).hexdigest()
