"""What all of the client's parts have: asking, reading a user back, waiting until Google shows a change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.connection import Connection, timeout_of
from officeflow.connectors.families.identity import Account
from officeflow.connectors.google import reading, services
from officeflow.connectors.google.errors import NotGoogle
from officeflow.connectors.google.identity import identity
from officeflow.connectors.google.key import read as read_key
from officeflow.connectors.google.pages import pages
from officeflow.connectors.google.transport import Transport
from officeflow.connectors.google.types import Group, Schema, Unit, User, valid
from officeflow.connectors.http import HttpClient, base_url
from officeflow.errors import Conflict, InvalidInput, NotFound

if TYPE_CHECKING:
    import httpx

OURS = "my_customer"
"""How an administrator's own customer is called."""
SETTLE_SECONDS = 30.0
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
T = TypeVar("T")


class Workspace(HttpClient):
    """One customer's Google Workspace, as the administrator that the connection acts for sees it."""

    provider = "google"

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        extra = connection.extra
        self._root = base_url(connection) if connection.host else ""
        self._settle = timeout_of(connection, "settle", SETTLE_SECONDS)
        mark = str(extra.get("mark") or "")
        if ":" in mark:
            raise InvalidInput(
                f"connection {connection.id}: the mark {mark!r} has a colon",
                hint="letters and digits, such as acme",
            )
        self._identity = identity(
            str(extra.get("identity") or "organization"),
            mark=mark,
            source=f"connection {connection.id}, identity",
        )
        self._admin = str(connection.login or "")
        self._licences = str(extra.get("licences") or "")
        self._managers: dict[str, str | None] = {}
        super().__init__(_placed(connection), correlation_id=correlation_id)

    def auth(self, connection: Connection) -> httpx.Auth | None:
        from officeflow.connectors.google.delegation import Delegated

        if not connection.password:
            return None
        account = read_key(connection.password, source=f"connection {connection.id}, key")
        return Delegated(account, str(connection.login or ""), provider=self.provider)

    def _ask(
        self,
        api: str,
        collection: str,
        method: str,
        call: Call,
        *,
        key: str = "",
        hides: Sequence[str] = (),
        **parameters: Any,
    ) -> Mapping[str, Any]:
        """What the API's method answers."""
        found = self._raw(api, collection, method, call, key=key, hides=hides, **parameters)
        if not isinstance(found, dict):
            raise call.not_in("JSON", "the body is no JSON object", NotGoogle)
        return found

    def _do(self, api: str, collection: str, method: str, call: Call, *, key: str, **parameters: Any) -> None:
        """The same where nothing of the answer matters but that it is a yes."""
        self._raw(api, collection, method, call, key=key, **parameters)

    def _raw(
        self,
        api: str,
        collection: str,
        method: str,
        call: Call,
        *,
        key: str = "",
        hides: Sequence[str] = (),
        **parameters: Any,
    ) -> Any:
        root = self._root or services.HOSTS[api]
        request = getattr(services.collection(api, collection, root), method)(**parameters)
        try:
            return request.execute(http=Transport(self.http, call, key, hides))
        except (ValueError, RecursionError) as error:  # the latter where lists are nested without end
            raise call.not_in("JSON", "the body cannot be read", NotGoogle) from error

    def _pages(
        self, api: str, collection: str, method: str, items: str, call: Call, **parameters: Any
    ) -> Iterator[list[Any]]:
        def ask(token: str | None) -> Mapping[str, Any]:
            further = {"pageToken": token} if token else {}
            return self._ask(api, collection, method, call, **parameters, **further)

        return pages(ask, items, call)

    def _users(self, method: str, call: Call, **parameters: Any) -> Mapping[str, Any]:
        return self._ask(services.DIRECTORY, "users", method, call, **parameters)

    def _user(self, account_id: str, call: Call) -> User:
        """The user of this very id: an address that names one is not taken for it."""
        found = self._user_at(account_id, call)
        if found is None or found.id != account_id:
            raise call.error(NotFound, f"there is no account {account_id}", status=404)
        return found

    def _user_at(self, name: str, call: Call) -> User | None:
        """The user whose id, address or alias this is."""
        if not name.strip():
            return None
        try:
            found = self._users("get", call, userKey=name, projection="full")
        except NotFound:
            return None
        return valid(User, found, call)

    def _seen(self, account_id: str, holds: Callable[[User], bool], call: Call) -> User | None:
        """The user as soon as this holds of it; as it is when time is up, None where it is not there."""

        def look() -> tuple[User | None, bool]:
            found = self._user_at(account_id, call)
            return found, found is not None and found.id == account_id and holds(found)

        return self._settled(look)

    def _settled(self, look: Callable[[], tuple[T, bool]]) -> T:
        """What `look` finds as soon as it says that this is it, or when the time is over."""
        until, pause = time.monotonic() + self._settle, FIRST_PAUSE
        while True:
            found, settled = look()
            left = until - time.monotonic()
            if settled or left <= 0:
                return found
            time.sleep(min(pause, left))
            pause = min(2 * pause, LONGEST_PAUSE)

    def _update(
        self,
        account_id: str,
        body: Mapping[str, Any],
        call: Call,
        *,
        key: str,
        hides: Sequence[str] = (),
    ) -> None:
        self._users("update", call, key=key, hides=hides, userKey=account_id, body=dict(body))

    def _read_back(
        self, account_id: str, holds: Callable[[User], bool], told: Callable[[User], str], call: Call
    ) -> Account:
        """The account after a write, as soon as this holds of it; `NothingHappened` with what is `told`."""
        with after_write():
            found = self._seen(account_id, holds, call)
            if found is None or not holds(found):
                raise call.nothing_happened(reads(found, told(found) if found else ""))
            return self._account(found, call)

    def _remove_alias(self, account_id: str, alias: str, call: Call, *, key: str) -> None:
        """One that it has not is left alone."""
        try:
            self._do(
                services.DIRECTORY, "users.aliases", "delete", call, key=key, userKey=account_id, alias=alias
            )
        except NotFound:
            return

    def _account(self, user: User, call: Call) -> Account:
        groups = self._groups_of(user, call)
        return self._as_account(user, call, groups=[group.name for group in groups])

    def _as_account(self, user: User, call: Call, *, groups: Sequence[str] = ()) -> Account:
        return reading.account(
            user, self._identity, groups=groups, manager_id=self._manager_id(user, call.reading())
        )

    def _manager_id(self, user: User, call: Call) -> str | None:
        """None too where nobody has the address that stands there."""
        if not user.manager:
            return None
        address = user.manager.casefold()
        if address not in self._managers:
            found = self._user_at(address, call)
            self._managers[address] = found.id if found else None
        return self._managers[address]

    def _groups_of(self, user: User, call: Call) -> list[Group]:
        """Those that it is directly in."""
        listed = self._pages(services.DIRECTORY, "groups", "list", "groups", call, userKey=user.id)
        found = [valid(Group, each, call) for page in listed for each in page]
        return list({group.id: group for group in found}.values())

    def _unit(self, unit: str, call: Call) -> Unit | None:
        """By its path, whose case does not count."""
        from urllib.parse import quote

        path = unit.strip("/")
        if not path:
            return Unit(orgUnitId="/", orgUnitPath="/")
        try:
            found = self._ask(
                services.DIRECTORY, "orgunits", "get", call, customerId=OURS, orgUnitPath=quote(path)
            )
        except NotFound:
            return None
        read = valid(Unit, found, call)
        asked_by_id = path.startswith("id:") and read.orgUnitId == path
        if not asked_by_id and read.orgUnitPath.casefold() != f"/{path}".casefold():
            raise call.contradiction(f"asked for the unit {unit}, it gives {read.orgUnitPath}")
        return read

    def _schema(self, name: str, call: Call) -> Schema:
        asked = self._ask(services.DIRECTORY, "schemas", "get", call, customerId=OURS, schemaKey=name)
        return valid(Schema, asked, call)

    def _one(self, found: Sequence[T], what: str, call: Call) -> T | None:
        if len(found) > 1:
            raise call.error(Conflict, f"{len(found)} {what}")
        return found[0] if found else None


def _placed(connection: Connection) -> Connection:
    """With Google's own addresses where the connection names no other one."""
    if connection.host:
        return connection
    directory, *others = dict.fromkeys(services.HOSTS.values())
    hosts = ", ".join(address.removeprefix("https://") for address in others)
    return replace(connection, host=directory, extra={**connection.extra, "trusted_hosts": hosts})


def reads(user: User | None, told: str) -> str:
    """For what reads back otherwise than it was written: `told` is what stands there."""
    if user is None:
        return "the account is not there when read back"
    return f"account {user.primaryEmail} reads back: {told}"
