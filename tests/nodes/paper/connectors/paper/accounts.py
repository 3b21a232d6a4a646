"""Accounts on paper: found, created, updated, deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from officeflow.connectors.families.identity import (
    Account,
    AccountChange,
    CreatesAccounts,
    DeletesAccounts,
    FindsAccounts,
    ListsAccounts,
    NewAccount,
    UpdatesAccounts,
)
from officeflow.errors import Conflict, Rejected
from tests.nodes.paper.connectors.paper.base import PaperClient

PLAIN = (
    *("external_id", "given_name", "family_name", "display_name", "email"),
    *("title", "department", "location", "phone"),
)
ATTRIBUTES = frozenset({"employeeNumber", "costCenter", "preferredLanguage"})


class Finding(PaperClient, FindsAccounts):
    def find_account(self, *, login: str | None = None, external_id: str | None = None) -> Account | None:
        call = self._reads("find_account")
        found = [
            each
            for each in self._directory.search()
            if (login is None or each.login.casefold() == login.casefold())
            and (external_id is None or each.external_id == external_id)
        ]
        if len(found) > 1:
            raise call.error(Conflict, f"{len(found)} accounts match")
        return found[0] if found else None

    def find_accounts(
        self, *, employee_number: str | None = None, email: str | None = None
    ) -> Sequence[Account]:
        self._reads("find_accounts")
        return [
            each
            for each in self._directory.search()
            if (employee_number is None or each.employee_number == employee_number)
            and (email is None or email.casefold() in _addresses(each))
        ]

    def get_account(self, account_id: str) -> Account:
        return self._directory.known(account_id, self._reads("get_account"))


class Listing(PaperClient, ListsAccounts):
    def list_accounts(self) -> Iterator[Account]:
        self._reads("list_accounts")
        yield from list(self._directory.accounts.values())


class Creating(PaperClient, CreatesAccounts):
    def create_account(self, account: NewAccount, *, key: str) -> Account:
        call, directory = self._writes("create_account", key), self._directory
        directory.check_free(account.login, call)
        made = Account(
            id=directory.new_id("a"),
            login=account.login,
            active=account.active,
            unit=account.unit,
            employee_number=account.attributes.get("employeeNumber"),
            attributes=dict(account.attributes),
            created_at=dt.datetime.now(dt.UTC),
            **{name: getattr(account, name) for name in PLAIN},
        )
        directory.write(call, lambda: directory.put(made), lambda: made.id in directory.accounts)
        return directory.accounts[made.id]


class Updating(PaperClient, UpdatesAccounts):
    def update_account(self, account_id: str, change: AccountChange, *, key: str) -> Account:
        call = self._writes("update_account", key)
        before = self._directory.known(account_id, call)
        if before.mastered_elsewhere:
            raise call.error(Rejected, "another system writes the account's fields")
        if unknown := sorted(set(change.attributes) - ATTRIBUTES):
            raise call.error(Rejected, f"there is no attribute {unknown[0]}")
        fields: dict[str, Any] = {
            name: value or None for name in PLAIN if (value := getattr(change, name)) is not None
        }
        if change.attributes:
            fields["attributes"] = _merged(before.attributes, change.attributes)
        return self._directory.change(call, account_id, **fields)


class Deleting(PaperClient, DeletesAccounts):
    def delete_account(self, account_id: str, *, key: str) -> None:
        call, directory = self._writes("delete_account", key), self._directory
        directory.known(account_id, call)
        directory.write(
            call,
            lambda: directory.remove(account_id),
            lambda: account_id not in directory.accounts,
            account_id,
        )


def _addresses(account: Account) -> set[str]:
    return {each.casefold() for each in (account.email or "", *account.emails, *account.aliases)} - {""}


def _merged(before: Mapping[str, str], change: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in {**before, **change}.items() if value}
