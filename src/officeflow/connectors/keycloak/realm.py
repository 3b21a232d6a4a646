"""A realm's admin API: asked for, and checked to be what was asked for."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel, TypeAdapter, ValidationError

from officeflow.connectors.call import Call
from officeflow.connectors.http import HttpSession, Request
from officeflow.connectors.keycloak.errors import refusal
from officeflow.connectors.keycloak.types import User
from officeflow.errors import ConnectorError, Rejected, Unauthorized

if TYPE_CHECKING:
    import httpx

PAGE_SIZE = 100
MAX_PAGES = 10_000
"""What a list may have at most; one that is longer than this has no end."""
SEES_USERS = frozenset({"view-users", "manage-users"})

M = TypeVar("M", bound=BaseModel)
Params = Mapping[str, str | Sequence[str]]


def path_of(*parts: str) -> str:
    """A path of which no part can lead elsewhere."""
    return "/".join(quote(part, safe="") for part in parts)


def searchable(name: str) -> str:
    """A part of the name that a database's LIKE takes as it stands: the longest without `%`, `_` and a
    backslash. More than what is meant may be found by it.
    """
    for sign in "%_\\":
        name = name.replace(sign, "\0")
    return max(name.split("\0"), key=len)


@dataclass(frozen=True, slots=True)
class Claims:
    """What our token says about us; `roles` are those of the realm's management, None where it tells none."""

    account: str = ""
    client: str = ""
    roles: frozenset[str] | None = None


@dataclass
class Realm:
    """Asks and sends by one session. Every answer is a success, or one of our errors."""

    http: HttpSession
    name: str
    client_realm: str
    _bearer: str = field(default="", repr=False)

    def send(
        self,
        method: str,
        path: str,
        call: Call,
        *,
        params: Params | None = None,
        body: Any = None,
        key: str = "",
        secret: bool = False,
    ) -> httpx.Response:
        """`secret` is whether there is a secret in the body: then only codes are told of a refusal.

        `NotFound` only where the realm is there, and something in it is not.
        """
        response = self._answer(Request(method=method, url=self._url(path, params), json=body, key=key), call)
        if response.status_code == 404:
            self._is_there(call)
        if not response.is_success:
            raise refusal(response, call, codes_alone=secret)
        return response

    def read(self, path: str, model: type[M], call: Call, *, params: Params | None = None) -> M:
        found: M = read_as(self.send("GET", path, call.reading(), params=params), model, call)
        return found

    def read_list(self, path: str, model: type[M], call: Call, *, params: Params | None = None) -> list[M]:
        """A list that comes whole."""
        answer = self.send("GET", path, call.reading(), params=params)
        found: list[M] = read_as(answer, list[model], call)  # type: ignore[valid-type]
        return found

    def pages(
        self, path: str, model: type[M], call: Call, params: Params | None = None, *, nested: bool = False
    ) -> Iterator[list[M]]:
        """A list page by page, to the one that is not full, or, where what is in a page is `nested`, to an
        empty one; `Rejected` where a page comes again.
        """
        before: list[M] = []
        for number in range(MAX_PAGES):
            asked = {**(params or {}), "first": str(number * PAGE_SIZE), "max": str(PAGE_SIZE)}
            page = self.read_list(path, model, call, params=asked)
            if page and page == before:
                raise call.error(Rejected, f"{call.provider} gives one page of {path} twice")
            yield page
            if not page or (len(page) < PAGE_SIZE and not nested):
                return
            before = page
        raise call.error(Rejected, f"{call.provider}: the list {path} has no end")

    def user(self, account_id: str, call: Call) -> User:
        user = self.read(path_of("users", account_id), User, call)
        if user.id != account_id:
            raise call.contradiction(f"asked for {account_id}, it gives {user.id}")
        return user

    def claims(self) -> Claims:
        """Of the token that went with the last request."""
        try:
            part = self._bearer.split(".")[1]
            told = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
            account, client = str(told.get("preferred_username", "")), str(told.get("azp", ""))
            access = told.get("resource_access")
            manager = "realm-management" if self.client_realm == self.name else f"{self.name}-realm"
            roles = frozenset(access.get(manager, {}).get("roles", ())) if access is not None else None
        except (ValueError, IndexError, AttributeError, TypeError):
            return Claims()
        return Claims(account, client, roles)

    def must_see_users(self, call: Call) -> None:
        """`Unauthorized` where we may not: Keycloak would say that there is nobody."""
        roles = self.claims().roles
        if roles is not None and not roles & SEES_USERS:
            raise call.error(
                Unauthorized,
                f"{call.provider} shows nobody to an account without the role view-users",
                hint="give the service account view-users or manage-users of realm-management",
            )

    def _url(self, path: str, params: Params | None) -> str:
        query = f"?{urlencode(params, doseq=True)}" if params else ""
        below = f"/{path}" if path else ""
        return f"{self.http.address}/admin/realms/{path_of(self.name)}{below}{query}"

    def _answer(self, request: Request, call: Call) -> httpx.Response:
        response = self.http.send(request, call)
        self._bearer = response.request.headers.get("Authorization", "")
        return response

    def _is_there(self, call: Call) -> None:
        try:
            count = Request(method="GET", url=self._url("users/count", None))
            found = self._answer(count, call.reading()).status_code
        except ConnectorError:
            return
        if found == 404:
            raise call.error(
                Rejected,
                f"{call.provider} has no realm {self.name} at this address",
                status=404,
                hint="correct the connection's url or realm; an old Keycloak has /auth at the end of its url",
            )


def read_as(response: httpx.Response, kind: Any, call: Call) -> Any:
    """The answer's body as this kind of thing."""
    try:
        return _reader(kind).validate_python(response.json())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        reason = f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}"
        raise call.not_in("Keycloak's terms", reason, Rejected) from None
    except (ValueError, RecursionError):  # whose cause has the body, which may have secrets
        raise call.not_in("JSON", "the body is something else", Rejected) from None


@functools.cache
def _reader(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
