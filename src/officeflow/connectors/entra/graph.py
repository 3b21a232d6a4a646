"""Microsoft Graph, asked by one session. Every answer is a success in Graph's words, or one of our errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel, Field

from officeflow.connectors.call import Call
from officeflow.connectors.entra.errors import NotGraph, refusal, says_not_there, valid
from officeflow.connectors.http import HttpSession, Request
from officeflow.errors import ConnectorError, NotFound, Rejected

if TYPE_CHECKING:
    import httpx

VERSION = "v1.0"
MAX_PAGES = 10_000
LARGEST_PAGE = "999"
EVENTUAL = {"ConsistencyLevel": "eventual"}
"""Advanced queries: https://learn.microsoft.com/graph/aad-advanced-queries."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Something to GET below the version. An `advanced` query is answered from an index that lags."""

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    advanced: bool = False

    def headers(self) -> Mapping[str, str]:
        return EVENTUAL if self.advanced else {}

    def options(self) -> Mapping[str, str]:
        return {**self.params, **({"$count": "true"} if self.advanced else {})}

    def address(self) -> str:
        """As a part of a batch has it."""
        options = self.options()
        return f"/{self.path}{'?' + urlencode(options, quote_via=quote) if options else ''}"


class Graph:
    """`settle` are the seconds in which what was written must be seen."""

    def __init__(self, http: HttpSession, *, settle: float) -> None:
        self._http = http
        self.settle = settle

    def address(self, path: str) -> str:
        return f"{self._http.address}/{VERSION}/{path}"

    def send(
        self, method: str, path: str, call: Call, *, body: Any = None, key: str = "", secret: str = ""
    ) -> httpx.Response:
        """`secret` is what no error may hold."""
        request = Request(method=method, url=self.address(path), json=body, key=key)
        response = self._http.send(request, call)
        if not response.is_success:
            raise refusal(response, call, secret=secret)
        return response

    def change(
        self, method: str, path: str, call: Call, *, body: Any = None, key: str = "", secret: str = ""
    ) -> httpx.Response:
        """As `send`, about what was read just now: that it is not there is the word of a replica that has not
        seen it yet, and asked again, for nothing was done. `NotFound` where that does not pass.
        """
        end, pause = time.monotonic() + self.settle, FIRST_PAUSE
        while True:
            try:
                return self.send(method, path, call, body=body, key=key, secret=secret)
            except NotFound:
                if (left := end - time.monotonic()) <= 0:
                    raise
                time.sleep(min(pause, left))
                pause = min(2 * pause, LONGEST_PAUSE)

    def answer(self, read: Read, call: Call) -> httpx.Response:
        """Whatever its status."""
        request = Request(
            method="GET", url=self.address(read.path), params=read.options(), headers=read.headers()
        )
        return self._http.send(request, call)

    def get(self, read: Read, model: type[M], call: Call) -> M:
        """`NotFound` only where Graph itself says that there is no such object."""
        return self.model_of(self.answer(read, call), model, call)

    def model_of(self, response: httpx.Response, model: type[M], call: Call) -> M:
        """As `get`, of an answer that came."""
        if not response.is_success:
            error = refusal(response, call)
            if isinstance(error, NotFound) and not says_not_there(response):
                reason = f"it says {response.status_code}, and not in its own words"
                raise call.not_in("Microsoft Graph", reason, NotGraph, status=response.status_code) from error
            raise error
        found: M = valid(model, json_of(response, call), call)
        return found

    def pages(self, read: Read, call: Call) -> Iterator[list[dict[str, Any]]]:
        """A list to its end, page by page, an empty one too; `Rejected` where a page comes again."""
        return self.pages_from(self.answer(read, call), read, call)

    def pages_from(self, first: httpx.Response, read: Read, call: Call) -> Iterator[list[dict[str, Any]]]:
        """The same where the first page came already, as a part of a batch."""
        response, seen = first, set[str]()
        while True:
            page = self.model_of(response, Page, call)
            yield page.value
            if page.next is None:
                return
            address = self._http.resolve(page.next, call)
            if address in seen or len(seen) >= MAX_PAGES:
                raise call.error(Rejected, f"the list of {read.path} has no end: a page of it comes again")
            seen.add(address)
            response = self._http.send(Request(method="GET", url=address, headers=read.headers()), call)

    def every(self, read: Read, model: type[M], call: Call) -> list[M]:
        """A whole list."""
        return [valid(model, each, call) for page in self.pages(read, call) for each in page]

    def page(self, address: str, call: Call) -> Page:
        """One page, by the link of an earlier answer."""
        url = self._http.resolve(address, call)
        return self.model_of(self._http.send(Request(method="GET", url=url), call), Page, call)

    def delete_each(self, paths: Iterable[str], call: Call, *, key: str) -> None:
        """One after the other; one that is not there any more does not matter."""
        done = False
        for path in paths:
            try:
                self.send("DELETE", path, call, key=key)
            except NotFound:
                continue
            except ConnectorError as error:
                raise partly(error, done=done) from error
            done = True

    def settled(self, look: Callable[[], T], right: Callable[[T], bool]) -> T:
        """What `look` finds as soon as it is right; else what it found last, after `settle` seconds.

        Entra shows what was written on all its replicas only after a while.
        """
        end, pause = time.monotonic() + self.settle, FIRST_PAUSE
        while not right(found := look()):
            left = end - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(pause, left))
            pause = min(2 * pause, LONGEST_PAUSE)
        return found


class Page(BaseModel):
    """`next` leads to the next page, `delta` to what changes after the last one."""

    value: list[dict[str, Any]]
    next: str | None = Field(None, alias="@odata.nextLink", min_length=1)
    delta: str | None = Field(None, alias="@odata.deltaLink", min_length=1)


def json_of(response: httpx.Response, call: Call) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError) as error:
        raise call.not_in("Microsoft Graph", "the body is not JSON", NotGraph) from error


def segment(identifier: str) -> str:
    """As it stands in an address."""
    return quote(identifier, safe="")


def quoted(value: str) -> str:
    """As it stands in a filter: no value can end the comparison (OData 4.01, URL conventions, 5.1.1)."""
    return "'" + value.replace("'", "''") + "'"


def partly(error: ConnectorError, *, done: bool) -> ConnectorError:
    """The error of one write out of several, of which some are done."""
    error.maybe_done = error.maybe_done or done
    return error
