"""Accounts that are created, changed, closed and deleted."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families import Capability
from officeflow.connectors.families.identity import (
    Account,
    AccountChange,
    CreatesAccounts,
    DeletesAccounts,
    NewAccount,
    RenamesAccounts,
    SetsManagers,
    SuspendsAccounts,
    UpdatesAccounts,
)
from officeflow.connectors.scim import types
from officeflow.connectors.scim.edits import Edit, held
from officeflow.connectors.scim.finding import Finding
from officeflow.connectors.scim.reading import ENTERPRISE, USER
from officeflow.connectors.scim.resources import Read, path_of
from officeflow.connectors.scim.types import Created
from officeflow.connectors.scim.wishes import edits_of, otherwise
from officeflow.errors import NotFound, Rejected

if TYPE_CHECKING:
    import httpx


class Accounts(
    Finding,
    CreatesAccounts,
    UpdatesAccounts,
    RenamesAccounts,
    SuspendsAccounts,
    SetsManagers,
    DeletesAccounts,
):
    def create_account(self, account: NewAccount, *, key: str) -> Account:
        call = self.call("create_account", writes=True)
        response = self._resources.send(
            "POST", "Users", call, body=types.new_user(account, self._mark), key=key
        )
        with after_write():
            created = self._read_back(self._created_id(response, account, call), call)
            if wrong := _created_otherwise(created, account):
                raise call.nothing_happened(
                    f"account {created.login} reads back otherwise than it was created: {wrong}"
                )
            return created

    def update_account(self, account_id: str, change: AccountChange, *, key: str) -> Account:
        call = self.call("update_account", writes=True)
        read = self._read(account_id, call)
        edits = edits_of(change, read.whole, self._mark, "update_account")
        if not edits:
            return self._with_groups(read.user, call.reading())
        self._check_attributes(edits, call)
        return self._changed(read, [edits], call, key, lambda account: otherwise(account, change))

    def rename_account(self, account_id: str, login: str, *, keep_old: bool, key: str) -> Account:
        """SCIM has no aliases: nothing of the old login is kept."""
        del keep_old
        call = self.call("rename_account", writes=True)
        read = self._read(account_id, call)
        ways = [[Edit(("userName",), login)]]
        return self._changed(
            read,
            ways,
            call,
            key,
            lambda account: _unlike("login", account.login.casefold(), login.casefold()),
        )

    def set_active(self, account_id: str, *, active: bool, key: str) -> Account:
        call = self.call("set_active", writes=True)
        read = self._read(account_id, call)
        ways = [[Edit(("active",), active)]]
        if isinstance(held(read.whole, USER, "active"), str):
            ways.append([Edit(("active",), str(active))])

        def wrong(account: Account) -> str:
            return "" if account.active is active else f"active: {json.dumps(account.active)}"

        return self._changed(read, ways, call, key, wrong)

    def set_manager(self, account_id: str, manager_id: str | None, *, key: str) -> Account:
        call = self.call("set_manager", writes=True)
        read = self._read(account_id, call, Capability.SET_MANAGERS)
        ways = [[Edit(("manager",), None, ENTERPRISE)]]
        if manager_id is not None:
            self._check_manager(manager_id, call)
            ways = [[Edit(("manager",), value, ENTERPRISE)] for value in ({"value": manager_id}, manager_id)]
        return self._changed(
            read, ways, call, key, lambda account: _unlike("manager", account.manager_id, manager_id)
        )

    def delete_account(self, account_id: str, *, key: str) -> None:
        call = self.call("delete_account", writes=True)
        read = self._read(account_id, call)
        etag = self._writer.version(read.etag, call)
        self._resources.send("DELETE", path_of("Users", account_id), call, key=key, etag=etag)
        with after_write():
            try:
                user = self._resources.user(account_id, call).user
            except NotFound:
                return
            raise call.nothing_happened(f"account {user.userName} is still there")

    def _changed(
        self,
        read: Read,
        ways: Sequence[Sequence[Edit]],
        call: Call,
        key: str,
        wrong: Callable[[Account], str],
    ) -> Account:
        """The account when it is read again, and `wrong` says nothing against it."""
        self._writer.change_user(read, ways, call, key=key)
        with after_write():
            account = self._read_back(read.user.id, call)
            if reason := wrong(account):
                raise call.nothing_happened(f"account {account.login} still reads {reason}")
            return account

    def _check_attributes(self, edits: Sequence[Edit], call: Call) -> None:
        """`Rejected` where the server's own /Schemas have no such attribute, or nobody may write it."""
        known = self._discovery.schemas(call.reading())
        for edit in edits:
            name = edit.path[0]
            attribute = self._discovery.attribute(edit.schema, name, call.reading())
            if USER.casefold() in known and attribute is None:
                raise call.error(Rejected, f"{self.provider} has no attribute {name!r} by its /Schemas")
            if attribute is not None and attribute.mutability == "readOnly":
                raise call.error(Rejected, f"the attribute {name!r} is read only by its /Schemas")

    def _check_manager(self, manager_id: str, call: Call) -> None:
        try:
            self._resources.user(manager_id, call.reading())
        except NotFound as error:
            raise call.error(
                NotFound, f"the manager {manager_id} is not there", status=error.status
            ) from error

    def _created_id(self, response: httpx.Response, account: NewAccount, call: Call) -> str:
        """By the body, or the Location (RFC 7644 section 3.3 wants both), or a search for the login."""
        try:
            return Created.model_validate_json(response.content).id
        except ValueError:
            pass
        if location := urlsplit(response.headers.get("Location", "")).path.rstrip("/"):
            return unquote(location.rpartition("/")[2])
        found = self.find_account(login=account.login)
        if found is None:
            raise call.nothing_happened(
                f"its answer names no account, and there is none with the login {account.login}"
            )
        return found.id


def _unlike(name: str, found: str | None, wished: str | None) -> str:
    return "" if found == wished else f"{name} {found or 'missing'}"


def _created_otherwise(read: Account, wished: NewAccount) -> str:
    """What of that which later acts rely on is not as wished, in words."""
    checks = (
        ("login", read.login.casefold() == wished.login.casefold(), read.login),
        (
            "employee number",
            wished.external_id is None or (read.external_id == wished.external_id and not read.foreign),
            read.external_id,
        ),
        ("active", read.active is wished.active, read.active),
    )
    return ", ".join(
        f"{name} {value if value is not None else 'missing'}" for name, right, value in checks if not right
    )
