"""Okta's resources, asked for, and checked to be what was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import BaseModel, ValidationError

from officeflow.connectors.call import Call
from officeflow.connectors.http import HttpSession, Request
from officeflow.connectors.okta.errors import NotOkta, refusal
from officeflow.connectors.okta.types import Keyed
from officeflow.errors import Rejected

if TYPE_CHECKING:
    import httpx

PAGE_SIZE = "200"
MAX_PAGES = 5000
"""What a list may have at most; one that is longer has no end."""

M = TypeVar("M", bound=BaseModel)
K = TypeVar("K", bound=Keyed)


def path_of(*parts: str) -> str:
    """An address below `/api/v1/`; no part of it can be more than one."""
    return "/".join(quote(part, safe="") for part in parts)


class Api:
    """Asks and sends by one session. Every answer is a success in Okta's language, or one of our errors."""

    def __init__(self, http: HttpSession) -> None:
        self._http = http

    def send(
        self,
        method: str,
        path: str,
        call: Call,
        *,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        key: str = "",
        masked: str = "",
    ) -> httpx.Response:
        """`masked` is a secret in the body, which no error shows."""
        url = f"{self._http.address}/api/v1/{path}"
        response = self._http.send(
            Request(method=method, url=url, params=params or {}, json=body, key=key), call
        )
        if not response.is_success:
            raise refusal(response, call, masked=masked)
        return response

    def one(self, path: str, model: type[M], call: Call, params: Mapping[str, str] | None = None) -> M:
        return model_of(self.send("GET", path, call, params=params), model, call)

    def every(
        self, path: str, model: type[K], call: Call, params: Mapping[str, str] | None = None
    ) -> Iterator[K]:
        """What a list has, page by page to its end; what comes twice, because the list changes meanwhile, is
        given once.

        `Rejected` where the place of a next page comes again.
        """
        found: set[str] = set()
        for item in self._items(path, call, params):
            read = valid(model, item, call)
            if read.id not in found:
                found.add(read.id)
                yield read

    def _items(self, path: str, call: Call, params: Mapping[str, str] | None) -> Iterator[Any]:
        seen: set[str] = set()
        after = ""
        for _ in range(MAX_PAGES):
            items, following = self.page(
                path, call, {**(params or {}), **({"after": after} if after else {})}
            )
            if following is not None and following in seen:
                raise call.error(Rejected, f"{call.provider} gives a page that came before, in {path}")
            yield from items
            if following is None:
                return
            seen.add(following)
            after = following
        raise call.error(Rejected, f"after {MAX_PAGES} pages {call.provider} has no end of {path}")

    def page(self, path: str, call: Call, params: Mapping[str, str]) -> tuple[list[Any], str | None]:
        """A page's items, and where the next one begins; None behind the last one."""
        response = self.send("GET", path, call, params=params)
        items = json_of(response, call)
        if not isinstance(items, list):
            raise call.not_in("Okta's language", "the body is no list", NotOkta)
        return items, _next(response, call)


def _next(response: httpx.Response, call: Call) -> str | None:
    """The place of the next page by the Link header. Of its address no more is taken: it may be written with
    another host than ours, and everything else in it is what we have asked.
    """
    address = response.links.get("next", {}).get("url")
    if address is None:
        return None
    try:
        after = parse_qs(urlsplit(address).query).get("after")
    except ValueError:
        after = None
    if not after:
        raise call.error(Rejected, f"{call.provider} names a next page, and not where it begins")
    return after[0]


def json_of(response: httpx.Response, call: Call) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError) as error:  # the latter where lists are nested without end
        raise call.not_in("Okta's language", "the body is not JSON", NotOkta) from error


def model_of(response: httpx.Response, model: type[M], call: Call) -> M:
    return valid(model, json_of(response, call), call)


def valid(model: type[M], data: object, call: Call) -> M:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        reason = f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}"
        raise call.not_in("Okta's language", reason, NotOkta) from None
