"""What the nodes about groups have in common."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Protocol

from pydantic import Field

from officeflow.connectors.families.identity import Account, FindsAccounts, Group, KeepsGroups
from officeflow.errors import NotFound, Rejected

Name = Annotated[str, Field(min_length=1, max_length=1024)]
MOST = 5000
"""As many groups as one act deals with: more than directories let an account be in."""


class Directory(FindsAccounts, KeepsGroups, Protocol):
    """What the nodes need of an identity provider."""


def meant(names: Collection[str], there: Collection[str]) -> set[str]:
    """Of the groups that are there, those that the names mean: called exactly so, or in another case where
    none is called exactly so.
    """
    exact = set(names) & set(there)
    folded = {name.casefold() for name in names if name not in exact}
    return exact | {group for group in there if group.casefold() in folded}


def existing(names: Sequence[str], provider: KeepsGroups) -> list[Group]:
    """`NotFound` names those that there are not."""
    if not names:
        return []
    there = list(provider.find_groups(names))
    known = {group.name.casefold() for group in there}
    if missing := [name for name in names if name.casefold() not in known]:
        text = f"there is no group {', '.join(missing)} at {provider.address}"
        raise NotFound(text, operation="find_groups")
    return there


def check_free(groups: Collection[Group], operation: str) -> None:
    """`Rejected` names one whose members nobody can change here."""
    for group in groups:
        if group.fixed:
            raise Rejected(f"the group {group.name} is fixed: {group.fixed}", operation=operation)


def to_join(account: Account, names: Sequence[str], provider: KeepsGroups) -> list[str]:
    """Of the groups that are named, as they are called, those that the account is not in.

    `NotFound` names one that there is not, `Rejected` one that is fixed.
    """
    unsure = [name for name in dict.fromkeys(names) if name not in account.groups]
    new = {group.name: group for group in existing(unsure, provider) if group.name not in account.groups}
    check_free(new.values(), "add_groups")
    return list(new)
