"""A SCIM server's resources, asked for, and checked to be what was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from officeflow.connectors.call import Call
from officeflow.connectors.http import HttpSession, Request
from officeflow.connectors.scim.errors import NoEndpoint, NotScim, contradiction, is_scim_error, refusal
from officeflow.connectors.scim.types import MEDIA_TYPE, Group, Page, User
from officeflow.errors import NotFound

if TYPE_CHECKING:
    import httpx

PAGE_SIZE = 100
MAX_PAGES = 2000
"""What a search may have at most; a list that is longer than this has no end."""

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R", User, Group)


@dataclass
class Listing(Generic[R]):
    """A list as it comes, page by page: complete, without repetition, or a contradiction."""

    call: Call
    found: dict[str, R] = field(default_factory=dict)
    given: int = 0
    pages: int = 0
    complete: bool = False

    def add(self, total: int, items: list[R]) -> None:
        """Take a page in; `total` is how many there are by the server's own word."""
        before = len(self.found)
        for item in items:
            if self.found.setdefault(item.id, item) != item:
                raise contradiction(self.call, f"{item.id} comes twice, with different values")
        self.given += len(items)
        self.pages += 1
        if self.given > total or (not items and self.given < total):
            raise contradiction(self.call, f"it says that there are {total}, and gives {self.given}")
        if items and self.pages > 1 and len(self.found) == before:
            raise contradiction(self.call, f"page {self.pages} is one that came before")
        self.complete = self.given >= total
        if self.complete and self.pages > 1 and len(self.found) < total:
            raise contradiction(
                self.call,
                f"it says that there are {total}, and gives {len(self.found)} and some of them again",
            )
        if not self.complete and self.pages >= MAX_PAGES:
            raise contradiction(self.call, f"after {self.pages} pages there is no end")


class Resources:
    """Asks and sends by one session. Every answer is a success in SCIM, or one of our errors."""

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
        etag: str | None = None,
    ) -> httpx.Response:
        headers = {"If-Match": etag} if etag else {}
        content = None
        if body is not None:
            headers["Content-Type"] = MEDIA_TYPE
            content = json.dumps(body).encode()
        request = Request(
            method=method, url=self._url(path), headers=headers, params=params or {}, content=content, key=key
        )
        response = self._http.send(request, call)
        if not response.is_success:
            raise refusal(response, call)
        return response

    def user(self, account_id: str, call: Call) -> tuple[User, str | None]:
        """The resource and its ETag: the header's, or `meta.version` (RFC 7644 section 3.14).

        `NotFound` only where that is certain.
        """
        response = self._http.send(Request(method="GET", url=self._url(path_of("Users", account_id))), call)
        if not response.is_success:
            error = refusal(response, call)
            if isinstance(error, NotFound) and not is_scim_error(response):
                self.page(
                    "Users", call, {"startIndex": "1", "count": "1"}
                )  # its own error where this is no SCIM server's word
            raise error
        user = model_of(response, User, call)
        _is_the_one(user.id, account_id, call)
        return user, response.headers.get("ETag") or (user.meta.version if user.meta else None)

    def group(self, group_id: str, call: Call) -> Group:
        """The group with its members."""
        response = self.send(
            "GET", path_of("Groups", group_id), call, params={"attributes": "displayName,members"}
        )
        group = model_of(response, Group, call)
        _is_the_one(group.id, group_id, call)
        return group

    def every(
        self, endpoint: str, where: str, model: type[R], call: Call, *, attributes: str = ""
    ) -> list[R]:
        """What the server gives for a filter, whole (RFC 7644 section 3.4.2.4: `startIndex` counts from 1).

        A server may not know the filter: whether each of them matches is for the caller to see.
        """
        listing: Listing[R] = Listing(call)
        more = {"attributes": attributes} if attributes else {}
        while not listing.complete:
            paging = {"filter": where, "startIndex": str(listing.given + 1), "count": str(PAGE_SIZE)}
            page = self.page(endpoint, call, paging | more)
            listing.add(page.totalResults, [valid(model, resource, call) for resource in page.resources])
        return list(listing.found.values())

    def page(self, endpoint: str, call: Call, params: Mapping[str, str]) -> Page:
        try:
            return model_of(self.send("GET", endpoint, call, params=params), Page, call)
        except NotFound as error:  # of the endpoint itself, which says nothing about what is in it
            reason = f"there is no {endpoint} at this address"
            raise call.not_in("SCIM", reason, NoEndpoint, status=error.status) from error

    def _url(self, path: str) -> str:
        return f"{self._http.address}/{path}"


def path_of(endpoint: str, resource_id: str) -> str:
    return f"{endpoint}/{quote(resource_id, safe='')}"


def model_of(response: httpx.Response, model: type[M], call: Call) -> M:
    try:
        data = response.json()
    except (ValueError, RecursionError) as error:  # the latter where lists are nested without end
        raise call.not_in("SCIM", "the body is not JSON", NotScim) from error
    return valid(model, data, call)


def valid(model: type[M], data: object, call: Call) -> M:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        reason = f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}"
        raise call.not_in("SCIM", reason, NotScim) from error


def _is_the_one(got: str, asked: str, call: Call) -> None:
    if got.casefold() != asked.casefold():
        raise contradiction(call, f"asked for {asked}, it gives {got}")
