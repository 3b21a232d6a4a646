"""What happens to accounts on paper between their beginning and their end, and after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from officeflow.connectors.families.identity import (
    Account,
    Changes,
    ExpiresAccounts,
    FollowsChanges,
    KeepsAliases,
    MovesUnits,
    RenamesAccounts,
    RestoresAccounts,
    SetsManagers,
    SuspendsAccounts,
    UnlocksAccounts,
)
from officeflow.errors import Conflict, NotFound
from tests.nodes.paper.connectors.paper.accounts import Listing


class Changing(
    Listing,
    RenamesAccounts,
    SuspendsAccounts,
    UnlocksAccounts,
    ExpiresAccounts,
    SetsManagers,
    MovesUnits,
    KeepsAliases,
):
    def rename_account(self, account_id: str, login: str, *, keep_old: bool, key: str) -> Account:
        call, directory = self._writes("rename_account", key), self._directory
        before = directory.known(account_id, call)
        directory.check_free(login, call, account_id)
        old = before.login.casefold()
        others = [each for each in before.aliases if each.casefold() not in {old, login.casefold()}]
        aliases = (*others, before.login) if keep_old and before.login != login else tuple(others)
        return directory.change(call, account_id, login=login, aliases=aliases)

    def set_active(self, account_id: str, *, active: bool, key: str) -> Account:
        return self._directory.change(self._writes("set_active", key), account_id, active=active)

    def unlock_account(self, account_id: str, *, key: str) -> Account:
        return self._directory.change(self._writes("unlock_account", key), account_id, locked=False)

    def set_expiry(self, account_id: str, expires_at: dt.datetime | None, *, key: str) -> Account:
        return self._directory.change(self._writes("set_expiry", key), account_id, expires_at=expires_at)

    def set_manager(self, account_id: str, manager_id: str | None, *, key: str) -> Account:
        call = self._writes("set_manager", key)
        if manager_id is not None:
            self._directory.known(manager_id, call, "manager")
        return self._directory.change(call, account_id, manager_id=manager_id)

    def find_unit(self, unit: str) -> str | None:
        self._reads("find_unit")
        return next((each for each in self._directory.units if each.casefold() == unit.casefold()), None)

    def move_account(self, account_id: str, unit: str, *, key: str) -> Account:
        call = self._writes("move_account", key)
        there = next((each for each in self._directory.units if each.casefold() == unit.casefold()), None)
        if there is None:
            raise call.error(NotFound, f"there is no unit {unit}")
        return self._directory.change(call, account_id, unit=there)

    def add_alias(self, account_id: str, alias: str, *, key: str) -> Account:
        call, directory = self._writes("add_alias", key), self._directory
        before = directory.known(account_id, call)
        directory.check_free(alias, call, account_id)
        if alias.casefold() in {each.casefold() for each in before.aliases}:
            return before
        return directory.change(call, account_id, aliases=(*before.aliases, alias))

    def remove_alias(self, account_id: str, alias: str, *, key: str) -> Account:
        call, directory = self._writes("remove_alias", key), self._directory
        before = directory.known(account_id, call)
        kept = tuple(each for each in before.aliases if each.casefold() != alias.casefold())
        return directory.change(call, account_id, aliases=kept)


class Restoring(Listing, RestoresAccounts, FollowsChanges):
    def find_deleted(self, *, login: str | None = None, external_id: str | None = None) -> Sequence[Account]:
        self._reads("find_deleted")
        return [
            each
            for each in self._directory.deleted.values()
            if (login is None or each.login.casefold() == login.casefold())
            and (external_id is None or each.external_id == external_id)
        ]

    def restore_account(self, account_id: str, *, key: str) -> Account:
        call, directory = self._writes("restore_account", key), self._directory
        if account_id not in directory.deleted:
            raise call.error(NotFound, f"there is no deleted account {account_id}")
        kept = directory.deleted[account_id]
        directory.check_free(kept.login, call)

        def do() -> None:
            del directory.deleted[account_id]
            directory.put(replace(kept, deleted_at=None))

        directory.write(call, do, lambda: account_id in directory.accounts)
        return directory.accounts[account_id]

    def changes_since(self, cursor: str | None) -> Changes:
        call, directory = self._reads("changes_since"), self._directory
        if cursor is None:
            return Changes(accounts=(), deleted=(), cursor=str(len(directory.changed)))
        if not cursor.isdigit() or int(cursor) > len(directory.changed):
            raise call.error(Conflict, f"the cursor {cursor} is not known any more")
        end = int(cursor) + directory.page
        ids = list(dict.fromkeys(directory.changed[int(cursor) : end]))
        return Changes(
            accounts=tuple(
                replace(directory.accounts[each], groups=()) for each in ids if each in directory.accounts
            ),
            deleted=tuple(each for each in ids if each not in directory.accounts),
            cursor=str(min(end, len(directory.changed))),
            complete=end >= len(directory.changed),
        )
