"""The family `identity`: accounts in a directory, their groups and their end.

Each protocol is a capability: a system has it or has not, and a node type says by its own protocol which ones
it needs.
"""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from officeflow.connectors.families.opened import Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account in an identity provider. `id` is the provider's own, `login` the user name.

    `active_told` is False where the provider does not say whether it is active. `foreign` is True where
    `external_id`, then as it stands there, is another organization's. `employee_number` is what the directory
    itself calls so, whatever identity we gave the account. `groups_known` is False where the provider has no
    groups that could be asked.
    """

    id: str
    login: str
    active: bool
    active_told: bool = True
    external_id: str | None = None
    foreign: bool = False
    employee_number: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    display_name: str | None = None
    email: str | None = None
    emails: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    groups_known: bool = True
    created_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What an account is created with. None means: the field is not sent at all."""

    login: str
    external_id: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    display_name: str | None = None
    email: str | None = None
    title: str | None = None
    department: str | None = None
    active: bool = True
    attributes: Mapping[str, str] = field(default_factory=dict)


class FindsAccounts(Opened, Protocol):
    @abstractmethod
    def find_account(self, *, login: str | None = None, external_id: str | None = None) -> Account | None:
        """The one account that matches all that is given, with its groups; None where there is none;
        `Conflict` where there are several.
        """
        ...

    @abstractmethod
    def find_accounts(
        self, *, employee_number: str | None = None, email: str | None = None
    ) -> Sequence[Account]:
        """Every account that matches all that is given, without groups; empty too where the provider cannot
        be asked for that.
        """
        ...

    @abstractmethod
    def get_account(self, account_id: str) -> Account:
        """The account with its groups; `NotFound` where there is none."""
        ...


class CreatesAccounts(Opened, Protocol):
    @abstractmethod
    def create_account(self, account: NewAccount, *, key: str) -> Account:
        """`Conflict` where the login exists already; `NothingHappened` where it reads back otherwise than it
        was created.
        """
        ...


class SuspendsAccounts(Opened, Protocol):
    @abstractmethod
    def set_active(self, account_id: str, *, active: bool, key: str) -> Account:
        """Suspend it or take that back. `NotFound` where there is no such account."""
        ...


class KeepsGroups(Opened, Protocol):
    @abstractmethod
    def set_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        """Make the account a direct member of exactly these groups, by display name, whose case only counts
        where it tells two apart.

        A group that does not exist is `NotFound` naming it.
        """
        ...

    @abstractmethod
    def remove_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        """End the account's membership in these groups, by display name, and in no other; one that it is not
        in is left alone.
        """
        ...


class DeletesAccounts(Opened, Protocol):
    @abstractmethod
    def delete_account(self, account_id: str, *, key: str) -> None:
        """`NotFound` where there is no such account."""
        ...
