"""An identity provider that speaks SCIM 2.0."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Account, NewAccount
from officeflow.connectors.http import Call, HttpSession, Request, after_write
from officeflow.connectors.scim import types
from officeflow.connectors.scim.errors import not_scim, refusal
from officeflow.connectors.scim.types import DIALECTS, MEDIA_TYPE, Group, Page, User
from officeflow.errors import Conflict, ConnectorError, InvalidInput, NotFound, NothingHappened, Rejected

if TYPE_CHECKING:
    import httpx

PROVIDER = "scim"
PAGE_SIZE = 100

M = TypeVar("M", bound=BaseModel)


class ScimProvider:
    """`officeflow.connectors.families.IdentityProvider` over SCIM 2.0.

    A change of an account carries the ETag that was read before it, where the server gives one; after every write, it is read again.
    """

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        name = str(connection.extra.get("dialect", "rfc7644"))
        if name not in DIALECTS:
            raise InvalidInput(f"connection {connection.id}: no SCIM dialect {name!r}", hint=f"one of {', '.join(DIALECTS)}")
        self._dialect = DIALECTS[name]
        self._http = HttpSession(connection, correlation_id=correlation_id, headers={"Accept": f"{MEDIA_TYPE}, application/json"})
        self.address = self._http.address

    def close(self) -> None:
        self._http.close()

    def find_account(self, *, login: str | None = None, external_id: str | None = None) -> Account | None:
        call = Call(provider=PROVIDER, operation="find_account")
        wanted = types.equals(userName=login, externalId=external_id)
        if not wanted:
            raise Rejected("neither a login nor an external id to find an account by", provider=PROVIDER, operation=call.operation)
        users = [user for user in self._list("Users", wanted, User, call) if _matches(user, login, external_id)]
        if len(users) > 1:
            raise Conflict(f"{len(users)} accounts match {wanted}", provider=PROVIDER, operation=call.operation)
        return self._with_groups(users[0], call) if users else None

    def get_account(self, account_id: str) -> Account:
        call = Call(provider=PROVIDER, operation="get_account")
        return self._with_groups(self._user(account_id, call)[0], call)

    def create_account(self, account: NewAccount, *, key: str) -> Account:
        call = Call(provider=PROVIDER, operation="create_account", writes=True)
        response = self._send("POST", "Users", call, body=types.new_user(account), key=key)
        with after_write():
            created = self._read_back(_model(response, User, call).id, call)
            if not _as_created(created, account):
                raise _nothing_happened(call, f"account {created.login} reads back otherwise than it was created")
            return created

    def set_active(self, account_id: str, *, active: bool, key: str) -> Account:
        call = Call(provider=PROVIDER, operation="set_active", writes=True)
        _, etag = self._user(account_id, Call(provider=PROVIDER, operation="set_active"))
        self._send("PATCH", _path("Users", account_id), call, body=types.patch_active(self._dialect, active=active), key=key, etag=etag)
        with after_write():
            account = self._read_back(account_id, call)
            if account.active is not active:
                raise _nothing_happened(call, f"account {account.login} still reads active: {json.dumps(account.active)}")
            return account

    def set_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        reading = Call(provider=PROVIDER, operation="set_groups")
        call = Call(provider=PROVIDER, operation="set_groups", writes=True)
        before = set(self._with_groups(self._user(account_id, reading)[0], reading).groups)
        wanted = set(groups)
        changes = [(self._group(name, reading), types.patch_add_member(account_id)) for name in sorted(wanted - before)]
        changes += [(self._group(n, reading), types.patch_remove_member(self._dialect, account_id)) for n in sorted(before - wanted)]
        for done, (group, patch) in enumerate(changes):
            self._patch_group(group, patch, call, key=key, others_done=done > 0)
        with after_write():
            account = self._read_back(account_id, call)
            if set(account.groups) != wanted:
                raise _nothing_happened(call, f"account {account.login} reads back in the groups {list(account.groups)}")
            return account

    def remove_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        reading = Call(provider=PROVIDER, operation="remove_groups")
        call = Call(provider=PROVIDER, operation="remove_groups", writes=True)
        before = self._with_groups(self._user(account_id, reading)[0], reading)
        leaving = [self._group(name, reading) for name in sorted(set(groups) & set(before.groups))]
        for done, group in enumerate(leaving):
            self._patch_group(group, types.patch_remove_member(self._dialect, account_id), call, key=key, others_done=done > 0)
        if not leaving:
            return before
        with after_write():
            account = self._read_back(account_id, call)
            if set(account.groups) & set(groups):
                raise _nothing_happened(call, f"account {account.login} reads back in the groups {list(account.groups)}")
            return account

    def delete_account(self, account_id: str, *, key: str) -> None:
        call = Call(provider=PROVIDER, operation="delete_account", writes=True)
        _, etag = self._user(account_id, Call(provider=PROVIDER, operation="delete_account"))
        self._send("DELETE", _path("Users", account_id), call, key=key, etag=etag)
        with after_write():
            try:
                user, _ = self._user(account_id, call)
            except NotFound:
                return
            raise _nothing_happened(call, f"account {user.userName} is still there")

    def _patch_group(self, group: Group, patch: dict[str, Any], call: Call, *, key: str, others_done: bool) -> None:
        """Without the group's version: somebody else's joining at the same moment is no conflict."""
        try:
            self._send("PATCH", _path("Groups", group.id), call, body=patch, key=key)
        except ConnectorError as error:
            error.maybe_done = error.maybe_done or others_done
            raise

    def _group(self, name: str, call: Call) -> Group:
        found = [g for g in self._list("Groups", types.equals(displayName=name), Group, call) if g.displayName == name]
        if not found:
            raise NotFound(f"there is no group {name!r}", provider=PROVIDER, operation=call.operation)
        if len(found) > 1:
            raise Conflict(f"{len(found)} groups are called {name!r}", provider=PROVIDER, operation=call.operation)
        return found[0]

    def _with_groups(self, user: User, call: Call) -> Account:
        if not self._dialect.groups_by_member:
            return user.account(reference.display or reference.value or "" for reference in user.groups or [])
        groups = self._list("Groups", f"members.value eq {types.quoted(user.id)}", Group, call, attributes="displayName")
        return user.account(group.displayName for group in groups)

    def _user(self, account_id: str, call: Call) -> tuple[User, str | None]:
        """The resource and its ETag: the header's, or `meta.version` (RFC 7644 section 3.14)."""
        response = self._send("GET", _path("Users", account_id), call)
        user = _model(response, User, call)
        return user, response.headers.get("ETag") or (user.meta.version if user.meta else None)

    def _read_back(self, account_id: str, call: Call) -> Account:
        try:
            return self._with_groups(self._user(account_id, call)[0], call)
        except NotFound as error:
            raise _nothing_happened(call, f"account {account_id} is not there when read back") from error

    def _list(self, endpoint: str, where: str, model: type[M], call: Call, *, attributes: str = "") -> Iterator[M]:
        """All that match, page by page (RFC 7644 section 3.4.2.4: `startIndex` counts from 1)."""
        seen = 0
        while True:
            params = {"filter": where, "startIndex": str(seen + 1), "count": str(PAGE_SIZE)}
            response = self._send("GET", endpoint, call, params={**params, **({"attributes": attributes} if attributes else {})})
            page = _model(response, Page, call)
            yield from (_valid(model, resource, call) for resource in page.resources)
            seen += len(page.resources)
            if not page.resources or seen >= page.totalResults:
                return

    def _send(
        self,
        method: str,
        path: str,
        call: Call,
        *,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        key: str = "",
        etag: str | None = None,
    ) -> httpx.Response:
        headers = {"If-Match": etag} if etag else {}
        content = None
        if body is not None:
            headers["Content-Type"] = MEDIA_TYPE
            content = json.dumps(body).encode()
        request = Request(method=method, url=f"{self.address}/{path}", headers=headers, params=params or {}, content=content, key=key)
        response = self._http.send(request, call)
        if not response.is_success:
            raise refusal(response, call)
        return response


def _path(endpoint: str, resource_id: str) -> str:
    return f"{endpoint}/{quote(resource_id, safe='')}"


def _model(response: httpx.Response, model: type[M], call: Call) -> M:
    try:
        data = response.json()
    except ValueError as error:
        raise not_scim(call, "the body is not JSON") from error
    return _valid(model, data, call)


def _valid(model: type[M], data: object, call: Call) -> M:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise not_scim(call, f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}") from error


def _matches(user: User, login: str | None, external_id: str | None) -> bool:
    """Whether the user is one that we asked for: a server that does not know a filter may answer with everybody.

    `userName` is case-insensitive, `externalId` is not (RFC 7643 section 4.1.1 and 3.1).
    """
    return (login is None or user.userName.casefold() == login.casefold()) and (external_id is None or user.externalId == external_id)


def _as_created(read: Account, wished: NewAccount) -> bool:
    """Whether what later acts rely on is as wished."""
    same_id = wished.external_id is None or read.external_id == wished.external_id
    return same_id and read.active is wished.active and read.login.casefold() == wished.login.casefold()


def _nothing_happened(call: Call, text: str) -> NothingHappened:
    return NothingHappened(f"{call.provider} said yes to {call.operation}, but {text}", provider=call.provider, operation=call.operation)
