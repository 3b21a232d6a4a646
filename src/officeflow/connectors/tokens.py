"""Access tokens (RFC 6749): fetched when the first request needs one, kept in the process until shortly
before they end, and fetched anew once where the system refuses one. Whoever waits meanwhile gets the same.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Generator, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from officeflow.connectors.call import Call
from officeflow.connectors.egress import without_query
from officeflow.connectors.http_errors import UNSURE, status_error
from officeflow.errors import ConnectorError, Rejected, Unauthorized

EARLY = 60.0
"""Seconds before its end in which a token is not used any more; a tenth of its life, where that is less."""
UNTOLD = 300.0
"""Seconds that a token is kept whose end nobody has told."""
HEADER_TEXT = re.compile(r"[\x21-\x7e]+")
ERROR_CODE = re.compile(r"[a-z_]{1,60}")

Flow = Generator[httpx.Request, httpx.Response, Any]


class Grant(Hashable, Protocol):
    """What a token is given for. Equal grants share their token, so a grant is a frozen value."""

    def request(self) -> httpx.Request:
        """The request for a token, made anew each time: what is signed may hold the present moment."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """RFC 6749 section 4.4, with HTTP Basic, or `in_body` (section 2.3.1) for endpoints that want that."""

    endpoint: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""
    in_body: bool = False

    def request(self) -> httpx.Request:
        form = {"grant_type": "client_credentials", **({"scope": self.scope} if self.scope else {})}
        if self.in_body:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        asked = httpx.Request("POST", self.endpoint, data=form, headers={"Accept": "application/json"})
        if not self.in_body:
            next(httpx.BasicAuth(self.client_id, self.client_secret).auth_flow(asked))
        return asked


@dataclass(frozen=True, slots=True)
class Token:
    value: str = field(repr=False)
    until: float
    """By `time.monotonic`."""


_kept: dict[Grant, Token] = {}
_locks: dict[tuple[int, Grant], threading.Lock] = {}  # by process: one that a fork left held is never let go


class TokenAuth(httpx.Auth):
    """Sends `Authorization: Bearer …` with the token of a grant."""

    def __init__(self, grant: Grant, *, provider: str) -> None:
        self._grant = grant
        self._provider = provider

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        token = yield from self._token()
        request.headers["Authorization"] = f"Bearer {token.value}"
        response = yield request
        if response.status_code == 401:
            token = yield from self._token(refused=token)
            request.headers["Authorization"] = f"Bearer {token.value}"
            yield request

    def _token(self, refused: Token | None = None) -> Flow:
        """The token that is kept, unless it is the one that was `refused`; else a new one."""
        with _locks.setdefault((os.getpid(), self._grant), threading.Lock()):
            kept = _kept.get(self._grant)
            if kept and kept.until > time.monotonic() and kept != refused:
                return kept
            asked = self._grant.request()
            answer = yield asked
            token = self._read(answer, Call(provider=self._provider, operation=called(asked)))
            for grant in [grant for grant, old in _kept.items() if old.until <= time.monotonic()]:
                _kept.pop(grant, None)
            _kept[self._grant] = token
            return token

    def _read(self, answer: httpx.Response, call: Call) -> Token:
        """RFC 6749 sections 5.1 and 5.2. Of what it says in an error only codes are told, OAuth's and the
        vendor's numbers (`error_codes`): the rest may hold anything.
        """
        try:
            found: Any = json.loads(answer.content)
        except (ValueError, RecursionError):
            found = None
        found = found if isinstance(found, dict) else {}
        if not answer.is_success:
            code = str(found.get("error", ""))
            raise status_error(
                answer,
                call,
                detail=" ".join([code if ERROR_CODE.fullmatch(code) else "", *_numbers(found)]).strip(),
                kind=_kind(answer.status_code),
            )
        value, kind = found.get("access_token"), str(found.get("token_type", "Bearer"))
        if not isinstance(value, str) or not HEADER_TEXT.fullmatch(value) or kind.casefold() != "bearer":
            raise call.not_in("OAuth", "there is no bearer token in it", Rejected)
        life = _seconds(found.get("expires_in"))
        return Token(value, time.monotonic() + life - min(EARLY, life / 10))


def _numbers(found: Mapping[str, Any]) -> list[str]:
    numbers = found.get("error_codes")
    return [str(each) for each in numbers[:3] if type(each) is int] if isinstance(numbers, list) else []


def _kind(status: int) -> type[ConnectorError] | None:
    """None leaves it to the status. That nothing is at the endpoint says nothing about what a request is
    about.
    """
    if status in {400, 401, 403}:
        return Unauthorized
    return Rejected if status < 500 and status not in UNSURE else None


def _seconds(told: object) -> float:
    try:
        life = float(str(told))
    except ValueError:
        return UNTOLD
    return life if 0 < life < float("inf") else UNTOLD


def called(request: httpx.Request) -> str:
    """What errors name it by."""
    return f"{request.method} {without_query(request.url)}"
