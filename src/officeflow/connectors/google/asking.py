"""How the client asks Google's APIs, turns their pages, and waits until they show a change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from officeflow.connectors.call import Call
from officeflow.connectors.connection import Connection, timeout_of
from officeflow.connectors.google import services
from officeflow.connectors.google.errors import NotGoogle
from officeflow.connectors.google.identity import identity
from officeflow.connectors.google.key import read as read_key
from officeflow.connectors.google.pages import pages
from officeflow.connectors.google.skus import skus_of
from officeflow.connectors.google.transport import Transport
from officeflow.connectors.http import HttpClient, base_url
from officeflow.errors import Conflict, InvalidInput, Rejected

if TYPE_CHECKING:
    import httpx

OURS = "my_customer"
"""How an administrator's own customer is called, whichever that is."""
SETTLE_SECONDS = 30.0
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
T = TypeVar("T")


class Asking(HttpClient):
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
        self._customer = str(extra.get("customer") or OURS)
        self._admin = str(connection.login or "")
        self._licences = skus_of(
            str(extra.get("licences") or ""), source=f"connection {connection.id}, licences"
        )
        self._managers: dict[str, str | None] = {}
        super().__init__(_placed(connection), correlation_id=correlation_id)

    def auth(self, connection: Connection) -> httpx.Auth:
        import httpx

        from officeflow.connectors.google.delegation import Delegated

        if not connection.password:
            return httpx.Auth()
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
        request = self._request(api, collection, method, call, parameters)
        try:
            return request.execute(http=Transport(self.http, call, key, hides))
        except (ValueError, RecursionError) as error:  # the latter where lists are nested without end
            raise call.not_in("JSON", "the body cannot be read", NotGoogle) from error

    def _body(self, api: str, collection: str, method: str, call: Call, **parameters: Any) -> bytes:
        """What it answers to a question, as it comes."""
        request = self._request(api, collection, method, call, parameters)
        request.postproc = _as_it_comes
        body: bytes = request.execute(http=Transport(self.http, call))
        return body

    def _request(
        self, api: str, collection: str, method: str, call: Call, parameters: Mapping[str, Any]
    ) -> Any:
        root = self._root or services.HOSTS[api]
        made = getattr(services.collection(api, collection, root), method)
        try:
            return made(**parameters)
        except (TypeError, ValueError) as error:  # a name that Google does not give, half a character
            raise call.error(Rejected, "Google cannot be asked for that: it has no such names") from error

    def _pages(
        self, api: str, collection: str, method: str, items: str, call: Call, **parameters: Any
    ) -> Iterator[list[Any]]:
        def ask(token: str | None) -> Mapping[str, Any]:
            further = {"pageToken": token} if token else {}
            return self._ask(api, collection, method, call, **parameters, **further)

        return pages(ask, items, call)

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

    def _one(self, found: Sequence[T], what: str, call: Call) -> T | None:
        if len(found) > 1:
            raise call.error(Conflict, f"{len(found)} {what}")
        return found[0] if found else None


def _as_it_comes(_: object, content: bytes) -> bytes:
    return content


def _placed(connection: Connection) -> Connection:
    """With Google's own addresses where the connection names no other one."""
    if connection.host:
        return connection
    directory, *others = dict.fromkeys(services.HOSTS.values())
    hosts = ", ".join(address.removeprefix("https://") for address in others)
    return replace(connection, host=directory, extra={**connection.extra, "trusted_hosts": hosts})
