"""Accounts: found, created, changed, closed and brought back."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from officeflow.connectors.families.opened import Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account in an identity provider. `id` is the provider's own, `login` the user name.

    `active` is whether its person can sign in. `active_told` is False where the provider does not say that.
    `status` is the provider's own word for its state, where there are more than two. `foreign` is True where
    `external_id`, then as it stands there, is another organization's. `employee_number` is what the directory
    itself calls so, whatever identity we gave the account. `groups` are those that it is directly in;
    `groups_known` is False where the provider has no groups that could be asked. `ruled_groups` are those
    among them that a rule or another system puts it into, so that nobody can take it out.

    `manager_id` is the provider's id of its manager's account, `unit` the path of the organizational unit as
    the provider writes it. `locked` is None where that is not told. `mastered_elsewhere` is True where
    another system writes most of its fields, so that this one refuses to. `attributes` are further ones, by
    the names that `NewAccount` and `AccountChange` take.
    """

    id: str
    login: str
    active: bool
    active_told: bool = True
    status: str | None = None
    external_id: str | None = None
    foreign: bool = False
    employee_number: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    display_name: str | None = None
    email: str | None = None
    emails: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    title: str | None = None
    department: str | None = None
    location: str | None = None
    phone: str | None = None
    manager_id: str | None = None
    unit: str | None = None
    locked: bool | None = None
    expires_at: dt.datetime | None = None
    mastered_elsewhere: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    ruled_groups: tuple[str, ...] = ()
    groups_known: bool = True
    created_at: dt.datetime | None = None
    deleted_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What an account is created with. None means: the field is not sent at all.

    A provider that wants a password gets one that nobody knows, to be changed at the first sign-in.
    """

    login: str
    external_id: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    display_name: str | None = None
    email: str | None = None
    title: str | None = None
    department: str | None = None
    location: str | None = None
    phone: str | None = None
    unit: str | None = None
    active: bool = True
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """What is to be different about an account; None leaves a field as it is, and it is not sent.

    An empty text removes what the field holds.
    """

    external_id: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    display_name: str | None = None
    email: str | None = None
    title: str | None = None
    department: str | None = None
    location: str | None = None
    phone: str | None = None
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


class ListsAccounts(Opened, Protocol):
    @abstractmethod
    def list_accounts(self) -> Iterator[Account]:
        """Every account, without groups, page by page; nobody twice, whatever changes meanwhile.

        `Rejected` where the list contradicts itself, such as a page that comes again.
        """
        ...


class CreatesAccounts(Opened, Protocol):
    @abstractmethod
    def create_account(self, account: NewAccount, *, key: str) -> Account:
        """`Conflict` where the login exists already; `NothingHappened` where it reads back otherwise than it
        was created.
        """
        ...


class UpdatesAccounts(Opened, Protocol):
    @abstractmethod
    def update_account(self, account_id: str, change: AccountChange, *, key: str) -> Account:
        """Only the fields of the change are sent. `NotFound` where there is no such account, `Rejected`
        naming the attribute where there is none of that name, or where another system writes it.
        """
        ...


class RenamesAccounts(Opened, Protocol):
    @abstractmethod
    def rename_account(self, account_id: str, login: str, *, keep_old: bool, key: str) -> Account:
        """Give it another login. `keep_old` lets mail to the old one still arrive, where the system has
        aliases; otherwise the old login is an alias no more, where the system would make it one by itself.

        `Conflict` where the login is taken.
        """
        ...


class SuspendsAccounts(Opened, Protocol):
    @abstractmethod
    def set_active(self, account_id: str, *, active: bool, key: str) -> Account:
        """Suspend it or take that back. `NotFound` where there is no such account."""
        ...


class UnlocksAccounts(Opened, Protocol):
    @abstractmethod
    def unlock_account(self, account_id: str, *, key: str) -> Account:
        """Let it be used after too many wrong passwords; one that is not locked is left as it is."""
        ...


class ExpiresAccounts(Opened, Protocol):
    @abstractmethod
    def set_expiry(self, account_id: str, expires_at: dt.datetime | None, *, key: str) -> Account:
        """Let it end by itself at this moment (aware), or never."""
        ...


class SetsManagers(Opened, Protocol):
    @abstractmethod
    def set_manager(self, account_id: str, manager_id: str | None, *, key: str) -> Account:
        """`manager_id` is the provider's id of the manager's account; None takes the manager away.

        `NotFound` names which of the two is not there.
        """
        ...


class MovesUnits(Opened, Protocol):
    @abstractmethod
    def find_unit(self, unit: str) -> str | None:
        """The path of the unit as the provider writes it; None where there is none."""
        ...

    @abstractmethod
    def move_account(self, account_id: str, unit: str, *, key: str) -> Account:
        """Into another organizational unit; `NotFound` names the unit where there is none."""
        ...


class KeepsAliases(Opened, Protocol):
    @abstractmethod
    def add_alias(self, account_id: str, alias: str, *, key: str) -> Account:
        """`Conflict` where another account has the address."""
        ...

    @abstractmethod
    def remove_alias(self, account_id: str, alias: str, *, key: str) -> Account:
        """One that it has not is left alone."""
        ...


class DeletesAccounts(Opened, Protocol):
    @abstractmethod
    def delete_account(self, account_id: str, *, key: str) -> None:
        """`NotFound` where there is no such account."""
        ...


class RestoresAccounts(Opened, Protocol):
    @abstractmethod
    def find_deleted(self, *, login: str | None = None, external_id: str | None = None) -> Sequence[Account]:
        """Deleted accounts that can still be brought back and match all that is given, the last deleted
        first.
        """
        ...

    @abstractmethod
    def restore_account(self, account_id: str, *, key: str) -> Account:
        """Bring back a deleted account with the id that it had. `NotFound` where it is not there any more,
        `Conflict` where its login is taken again.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Accounts that were created or changed, without groups, and ids of deleted ones, since a cursor.

    `cursor` is where the next question begins. `complete` is False where there is more already.
    """

    accounts: tuple[Account, ...]
    deleted: tuple[str, ...]
    cursor: str
    complete: bool = True


class FollowsChanges(Opened, Protocol):
    @abstractmethod
    def changes_since(self, cursor: str | None) -> Changes:
        """What has changed since the cursor of an earlier answer; None asks for a cursor that begins now, and
        no accounts.

        `Conflict` where the provider does not know the cursor any more: everything has to be listed again.
        """
        ...
