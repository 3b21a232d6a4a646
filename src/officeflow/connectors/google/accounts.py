"""Accounts created, changed, renamed, suspended, deleted and brought back."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import (
    Account,
    AccountChange,
    CreatesAccounts,
    DeletesAccounts,
    NewAccount,
    RenamesAccounts,
    RestoresAccounts,
    SuspendsAccounts,
    UpdatesAccounts,
)
from officeflow.connectors.google import services, writing
from officeflow.connectors.google.attributes import custom
from officeflow.connectors.google.finding import Finding
from officeflow.connectors.google.types import Created, User, valid
from officeflow.connectors.google.workspace import reads
from officeflow.errors import Conflict, NotFound, Rejected


class Accounts(
    Finding,
    CreatesAccounts,
    UpdatesAccounts,
    RenamesAccounts,
    SuspendsAccounts,
    DeletesAccounts,
    RestoresAccounts,
):
    def create_account(self, account: NewAccount, *, key: str) -> Account:
        call = self.call("create_account", writes=True)
        if not account.given_name or not account.family_name:
            raise call.error(Rejected, "Google Workspace wants a given name and a family name")
        reading = call.reading()
        more = custom(account.attributes, lambda name: self._schema(name, reading), reading)
        body = writing.new_user(account, self._identity, more.values)
        answer = self._users("insert", call, key=key, hides=[body["password"]], body=body)
        with after_write():
            made = valid(Created, answer, call).id

            def wrong(user: User) -> str:
                return writing.otherwise(self._as_account(user, call), account, more.texts)

            user = self._seen(made, lambda user: not wrong(user), call)
            if user is None:
                raise call.nothing_happened(f"account {account.login} is not there when read back")
            if said := wrong(user):
                raise call.nothing_happened(
                    f"account {account.login} reads back otherwise than it was created: {said}"
                )
            return self._as_account(user, call)

    def update_account(self, account_id: str, change: AccountChange, *, key: str) -> Account:
        call = self.call("update_account", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        more = custom(change.attributes, lambda name: self._schema(name, reading), reading)
        body = writing.changed(user, change, self._identity, more.values)
        if not body:
            return self._account(user, reading)
        self._update(account_id, body, call, key=key)

        def wrong(found: User) -> str:
            return writing.otherwise(self._as_account(found, call), change, more.texts)

        return self._read_back(account_id, lambda found: not wrong(found), wrong, call)

    def rename_account(self, account_id: str, login: str, *, keep_old: bool, key: str) -> Account:
        """One that has the login already is left as it is: which alias was its old login nobody can tell."""
        call = self.call("rename_account", writes=True)
        user = self._user(account_id, call.reading())
        old = user.primaryEmail
        if old.casefold() == login.casefold():
            return self._account(user, call.reading())
        self._update(account_id, {"primaryEmail": login}, call, key=key)

        def kept(found: User) -> bool:
            return old.casefold() in {alias.casefold() for alias in found.aliases or ()}

        with after_write():
            found = self._seen(account_id, lambda user: _has_login(user, login) and kept(user), call)
            if found is None or not _has_login(found, login):
                raise call.nothing_happened(reads(found, found.primaryEmail if found else ""))
            if keep_old and not kept(found):
                raise call.nothing_happened(f"account {login} has no alias {old}")
            if not keep_old and kept(found):
                self._remove_alias(account_id, old, call, key=key)
        if keep_old:
            return self._account(found, call)
        return self._read_back(account_id, lambda user: not kept(user), lambda _: f"alias {old}", call)

    def set_active(self, account_id: str, *, active: bool, key: str) -> Account:
        """To make it active takes it out of the archive too."""
        call = self.call("set_active", writes=True)
        user = self._user(account_id, call.reading())
        if user.active is active:
            return self._account(user, call.reading())
        body = {"suspended": True}
        if active:
            body = {name: False for name in ("suspended", "archived") if getattr(user, name)}
        self._update(account_id, body, call, key=key)
        return self._read_back(
            account_id, lambda found: found.active is active, lambda found: f"active {found.active}", call
        )

    def delete_account(self, account_id: str, *, key: str) -> None:
        call = self.call("delete_account", writes=True)
        user = self._user(account_id, call.reading())
        self._do(services.DIRECTORY, "users", "delete", call, key=key, userKey=account_id)
        with after_write():

            def look() -> tuple[User | None, bool]:
                found = self._user_at(account_id, call)
                return found, found is None

            if self._settled(look) is not None:
                raise call.nothing_happened(f"account {user.primaryEmail} is still there")

    def find_deleted(self, *, login: str | None = None, external_id: str | None = None) -> Sequence[Account]:
        call = self.call("find_deleted")
        if login is None and not external_id:
            raise call.error(Rejected, "neither a login nor an external id to find a deleted account by")
        found = {user.id: user for user in self._deleted(call) if self._is(user, login, external_id)}
        accounts = [self._as_account(user, call) for user in found.values()]
        ended = [(each.deleted_at.timestamp() if each.deleted_at else 0.0, each) for each in accounts]
        return [each for _, each in sorted(ended, key=lambda pair: pair[0], reverse=True)]

    def restore_account(self, account_id: str, *, key: str) -> Account:
        """Into the unit that it was in, or the topmost one where that is gone."""
        call = self.call("restore_account", writes=True)
        reading = call.reading()
        user = next((each for each in self._deleted(reading) if each.id == account_id), None)
        if user is None:
            raise call.error(NotFound, f"there is no deleted account {account_id}", status=404)
        taken = self._user_at(user.primaryEmail, reading)
        if taken is not None and taken.id != account_id:
            raise call.error(Conflict, f"the address {user.primaryEmail} is taken again", status=409)
        unit = self._unit(user.orgUnitPath or "/", reading)
        body = {"orgUnitPath": unit.orgUnitPath if unit else "/"}
        self._do(services.DIRECTORY, "users", "undelete", call, key=key, userKey=account_id, body=body)
        return self._read_back(account_id, lambda _: True, lambda _: "", call)

    def _deleted(self, call: Call) -> list[User]:
        return [user for page in self._listed(call, showDeleted="true") for user in page]


def _has_login(user: User, login: str) -> bool:
    return user.primaryEmail.casefold() == login.casefold()
