"""An identity provider that speaks SCIM 2.0."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urlsplit

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import identity
from officeflow.connectors.families.identity import (
    Account,
    CreatesAccounts,
    DeletesAccounts,
    FindsAccounts,
    KeepsGroups,
    NewAccount,
    SuspendsAccounts,
)
from officeflow.connectors.http import HttpClient, Request
from officeflow.connectors.scim import types
from officeflow.connectors.scim.errors import NoEndpoint, NotScim
from officeflow.connectors.scim.groups import Memberships
from officeflow.connectors.scim.resources import Resources, path_of
from officeflow.connectors.scim.types import DIALECTS, MEDIA_TYPE, Created, Group, User
from officeflow.counts import counted
from officeflow.errors import Conflict, ConnectorError, InvalidInput, NotFound, Rejected

if TYPE_CHECKING:
    import httpx

USUAL_PATHS = ("v2", "scim/v2", "scim", "api/scim/v2")


class ScimProvider(
    HttpClient, FindsAccounts, CreatesAccounts, SuspendsAccounts, KeepsGroups, DeletesAccounts
):
    """Accounts over SCIM 2.0.

    A change of an account carries the ETag that was read before it, where the server gives one; after every
    write, it is read again. The connection's `mark` stands before every employee number that is written or
    searched.
    """

    provider = "scim"
    headers: ClassVar = {"Accept": f"{MEDIA_TYPE}, application/json"}

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        name = str(connection.extra.get("dialect", "rfc7644"))
        if name not in DIALECTS:
            raise InvalidInput(
                f"connection {connection.id}: no SCIM dialect {name!r}", hint=f"one of {', '.join(DIALECTS)}"
            )
        self._dialect = DIALECTS[name]
        self._mark = str(connection.extra.get("mark") or "")
        if ":" in self._mark:
            raise InvalidInput(
                f"connection {connection.id}: the mark {self._mark!r} has a colon",
                hint="letters and digits, such as acme",
            )
        super().__init__(connection, correlation_id=correlation_id)
        self._resources = Resources(self.http)
        self._memberships = Memberships(self._resources, self._dialect)

    def check(self) -> str:
        """Asks for one account.

        Where no SCIM server answers, looks for one nearby.
        """
        call = self.call("GET /Users")
        try:
            found = self._resources.page("Users", call, {"startIndex": "1", "count": "1"})
        except NotScim as error:
            status = f"answered {error.status}" if error.status else "did not answer in SCIM"
            near = self._nearby(call)
            hint = (
                f"{near} answers in SCIM: write url={near}"
                if near
                else "url ends where /Users begins, such as https://id.example.com/scim/v2"
            )
            asked = f"GET {self.address}/Users"
            text = f"{self.provider} {status} to {asked}: there is no SCIM server at this address"
            raise call.error(Rejected, text, status=error.status, hint=hint) from error
        return f"a SCIM server with {counted(found.totalResults, 'account')}"

    def _nearby(self, call: Call) -> str | None:
        """An address of the same server that answers in SCIM."""
        for address in (f"{self.address}/{path}" for path in USUAL_PATHS):
            try:
                response = self.http.send(
                    Request(method="GET", url=f"{address}/Users", params={"startIndex": "1", "count": "1"}),
                    call,
                )
            except ConnectorError:
                return None
            if response.is_success and (
                b'"Resources"' in response.content or b'"totalResults"' in response.content
            ):
                return address
        return None

    def find_account(self, *, login: str | None = None, external_id: str | None = None) -> Account | None:
        call = self.call("find_account")
        number = types.marked(external_id, self._mark)
        wanted = types.equals(userName=login, externalId=number)
        if not wanted:
            raise call.error(Rejected, "neither a login nor an external id to find an account by")
        users = [
            user
            for user in self._resources.every("Users", wanted, User, call)
            if _matches(user, login, number)
        ]
        if len(users) > 1:
            raise call.error(Conflict, f"{len(users)} accounts match {wanted}")
        return self._with_groups(users[0], call) if users else None

    def find_accounts(
        self, *, employee_number: str | None = None, email: str | None = None
    ) -> Sequence[Account]:
        call = self.call("find_accounts")
        wanted = {f"{types.ENTERPRISE}:employeeNumber": employee_number, "emails.value": email}
        try:
            users = self._resources.every("Users", types.equals(**wanted), User, call)
        except Rejected as error:
            if error.status in {
                400,
                501,
            }:  # RFC 7644 section 3.4.2.2: a server need not search by every attribute
                return []
            raise
        accounts = [user.account((), self._mark) for user in users]
        return [account for account in accounts if _has(account, employee_number, email)]

    def get_account(self, account_id: str) -> Account:
        call = self.call("get_account")
        return self._with_groups(self._resources.user(account_id, call)[0], call)

    def create_account(self, account: NewAccount, *, key: str) -> Account:
        call = self.call("create_account", writes=True)
        response = self._resources.send(
            "POST", "Users", call, body=types.new_user(account, self._mark), key=key
        )
        with after_write():
            created = self._read_back(self._created_id(response, account, call), call)
            if wrong := _otherwise(created, account):
                raise call.nothing_happened(
                    f"account {created.login} reads back otherwise than it was created: {wrong}"
                )
            return created

    def set_active(self, account_id: str, *, active: bool, key: str) -> Account:
        call = self.call("set_active", writes=True)
        _, etag = self._resources.user(account_id, call.reading())
        body = types.patch_active(self._dialect, active=active)
        self._resources.send("PATCH", path_of("Users", account_id), call, body=body, key=key, etag=etag)
        with after_write():
            account = self._read_back(account_id, call)
            if account.active is not active:
                raise call.nothing_happened(
                    f"account {account.login} still reads active: {json.dumps(account.active)}"
                )
            return account

    def find_groups(self, names: Sequence[str]) -> Sequence[identity.Group]:
        call = self.call("find_groups")
        found = []
        for name in dict.fromkeys(names):
            try:
                group = self._memberships.named(name, call)
            except NotFound:
                continue
            found.append(identity.Group(id=group.id, name=group.displayName))
        return found

    def set_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("set_groups", writes=True)
        reading = call.reading()
        user, _ = self._resources.user(account_id, reading)
        before = self._memberships.of(user, reading)
        changes = self._memberships.changes(before, groups, reading)
        if not changes.add and not changes.remove:
            return self._account(user, before)
        patches = [(group, types.patch_add_member(account_id)) for group in changes.add]
        patches += [(group, types.patch_remove_member(self._dialect, account_id)) for group in changes.remove]
        self._patch_groups(patches, call, key=key)
        with after_write():
            user, after = self._read_back_groups(account_id, call)
            if {group.id for group in after} != changes.wanted:
                raise _other_groups(call, user, after)
            return self._account(user, after)

    def add_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("add_groups", writes=True)
        reading = call.reading()
        user, _ = self._resources.user(account_id, reading)
        before = self._memberships.of(user, reading)
        named = [*(group.displayName for group in before), *groups]
        joining = {group.id: group for group in self._memberships.changes(before, named, reading).add}
        if not joining:
            return self._account(user, before)
        patch = types.patch_add_member(account_id)
        self._patch_groups([(group, patch) for group in joining.values()], call, key=key)
        with after_write():
            user, after = self._read_back_groups(account_id, call)
            if joining.keys() - {group.id for group in after}:
                raise _other_groups(call, user, after)
            return self._account(user, after)

    def remove_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("remove_groups", writes=True)
        reading = call.reading()
        user, _ = self._resources.user(account_id, reading)
        before = self._memberships.of(user, reading)
        leaving = {group.id: group for group in self._memberships.among(before, groups, reading)}
        if not leaving:
            return self._account(user, before)
        patch = types.patch_remove_member(self._dialect, account_id)
        self._patch_groups([(group, patch) for group in leaving.values()], call, key=key)
        with after_write():
            user, after = self._read_back_groups(account_id, call)
            if leaving.keys() & {group.id for group in after}:
                raise _other_groups(call, user, after)
            return self._account(user, after)

    def delete_account(self, account_id: str, *, key: str) -> None:
        call = self.call("delete_account", writes=True)
        _, etag = self._resources.user(account_id, call.reading())
        self._resources.send("DELETE", path_of("Users", account_id), call, key=key, etag=etag)
        with after_write():
            try:
                user, _ = self._resources.user(account_id, call)
            except NotFound:
                return
            raise call.nothing_happened(f"account {user.userName} is still there")

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

    def _patch_groups(self, patches: Sequence[tuple[Group, dict[str, Any]]], call: Call, *, key: str) -> None:
        """Without the groups' versions: somebody else's joining at the same moment is no conflict."""
        for done, (group, patch) in enumerate(patches):
            try:
                self._resources.send("PATCH", path_of("Groups", group.id), call, body=patch, key=key)
            except ConnectorError as error:
                error.maybe_done = error.maybe_done or done > 0
                raise

    def _account(self, user: User, groups: Sequence[Group] = ()) -> Account:
        return user.account((group.displayName for group in groups), self._mark)

    def _with_groups(self, user: User, call: Call) -> Account:
        """What is known of the account does not depend on its groups: a server without groups has accounts
        all the same.
        """
        try:
            return self._account(user, self._memberships.of(user, call))
        except NoEndpoint:
            return replace(self._account(user), groups_known=False)

    def _read_back(self, account_id: str, call: Call) -> Account:
        return self._with_groups(self._user_read_back(account_id, call), call)

    def _read_back_groups(self, account_id: str, call: Call) -> tuple[User, list[Group]]:
        user = self._user_read_back(account_id, call)
        return user, self._memberships.of(user, call)

    def _user_read_back(self, account_id: str, call: Call) -> User:
        try:
            return self._resources.user(account_id, call)[0]
        except NotFound as error:
            raise call.nothing_happened(f"account {account_id} is not there when read back") from error


def _matches(user: User, login: str | None, external_id: str | None) -> bool:
    """Whether the user is one that we asked for: a server that does not know a filter may answer with
    everybody.

    `userName` is case-insensitive, `externalId` is not (RFC 7643 section 4.1.1 and 3.1).
    """
    return (login is None or user.userName.casefold() == login.casefold()) and (
        external_id is None or user.externalId == external_id
    )


def _has(account: Account, employee_number: str | None, email: str | None) -> bool:
    mails = {each.casefold() for each in account.emails}
    return (employee_number is None or account.employee_number == employee_number) and (
        email is None or email.casefold() in mails
    )


def _otherwise(read: Account, wished: NewAccount) -> str:
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


def _other_groups(call: Call, user: User, groups: Sequence[Group]) -> ConnectorError:
    return call.nothing_happened(
        f"account {user.userName} reads back in the groups {sorted(group.displayName for group in groups)}",
    )
