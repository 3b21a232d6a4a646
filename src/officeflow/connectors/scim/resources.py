"""A SCIM server's resources, asked for, and checked to be what was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from officeflow.connectors.call import Call
from officeflow.connectors.http import HttpSession, Request
from officeflow.connectors.scim.errors import (
    NoEndpoint,
    NotScim,
    contradiction,
    is_scim_error,
    refusal,
    status_inside,
)
from officeflow.connectors.scim.listing import PAGE_SIZE, Listing, R
from officeflow.connectors.scim.types import MEDIA_TYPE, Group, Page, User
from officeflow.errors import NotFound

if TYPE_CHECKING:
    import httpx

M = TypeVar("M", bound=BaseModel)
P = TypeVar("P", bound=Page)


@dataclass(frozen=True, slots=True)
class Read:
    """A user as the server gave it, and what stands in there for us. `etag` is the header's, or
    `meta.version` (RFC 7644 section 3.14).
    """

    whole: Mapping[str, Any]
    user: User
    etag: str | None


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
        response = self._answer(request, call)
        if not response.is_success:
            raise refusal(response, call)
        return response

    def user(self, account_id: str, call: Call) -> Read:
        """`NotFound` only where that is certain."""
        response = self._answer(Request(method="GET", url=self._url(path_of("Users", account_id))), call)
        if not response.is_success:
            error = refusal(response, call)
            if isinstance(error, NotFound) and not is_scim_error(response):
                self.page(
                    "Users", call, {"startIndex": "1", "count": "1"}
                )  # its own error where this is no SCIM server's word
            raise error
        user = model_of(response, User, call)
        _is_the_one(user.id, account_id, call)
        etag = response.headers.get("ETag") or (user.meta.version if user.meta else None)
        return Read(response.json(), user, etag)

    def whole_group(self, group_id: str, call: Call) -> tuple[dict[str, Any], str | None]:
        """As the server gave it, and its ETag."""
        response = self.send("GET", path_of("Groups", group_id), call)
        group = model_of(response, Group, call)
        _is_the_one(group.id, group_id, call)
        return response.json(), response.headers.get("ETag")

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

        A server may not know the filter: whether each of them matches is for the caller to see. An empty
        filter asks for all.
        """
        listing: Listing[R] = Listing(call)
        more = {"filter": where} if where else {}
        more |= {"attributes": attributes} if attributes else {}
        while not listing.complete:
            paging = {"startIndex": str(listing.given + 1), "count": str(PAGE_SIZE)}
            page = self.page(endpoint, call, more | paging)
            listing.add(page.totalResults, [valid(model, resource, call) for resource in page.resources])
        return list(listing.found.values())

    def page(self, endpoint: str, call: Call, params: Mapping[str, str]) -> Page:
        return self.paged(endpoint, Page, call, params)

    def paged(self, endpoint: str, model: type[P], call: Call, params: Mapping[str, str]) -> P:
        try:
            return model_of(self.send("GET", endpoint, call, params=params), model, call)
        except NotFound as error:  # of the endpoint itself, which says nothing about what is in it
            reason = f"there is no {endpoint} at this address"
            raise call.not_in("SCIM", reason, NoEndpoint, status=error.status) from error

    def _answer(self, request: Request, call: Call) -> httpx.Response:
        """With the status that it says inside, where that is another one."""
        response = self._http.send(request, call)
        if response.is_success and (inside := status_inside(response)):
            response.status_code = inside
        return response

    def _url(self, path: str) -> str:
        return f"{self._http.address}/{path}"


def path_of(endpoint: str, resource_id: str) -> str:
    return f"{endpoint}/{quote(resource_id, safe='')}"


def model_of(response: httpx.Response, model: type[M], call: Call) -> M:
    return valid(model, json_of(response, call), call)


def json_of(response: httpx.Response, call: Call) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError) as error:  # the latter where lists are nested without end
        raise call.not_in("SCIM", "the body is not JSON", NotScim) from error


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
