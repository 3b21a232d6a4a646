"""What stands between a node and a system and spoils what goes by, alike for all of them."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from officeflow.connectors.connection import Connection
from tests.connectors import ldap_faults
from tests.connectors.http_faults import Fault, FaultProxy
from tests.connectors.ldap_faults import BIND, EXTENDED, SEARCH, WRITING, FaultyDirectory
from tests.systems.hostile.walk import Walk
from tests.systems.system import System

ALWAYS = 1_000_000
UNWILLING = 53
"""RFC 4511 section 4.1.9."""
TEXT = "the text"
TOKEN_ERROR = {"error": "invalid_client", "error_description": TEXT}
ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a system over HTTP is asked. `lists` stands in the address of a list of accounts, `changes` are the
    method and the address of what suspends one, `yes` the answer to it. `token` stands in the address of the
    token endpoint, where there is one. `route` is the list's where the counterpart itself repeats pages.
    `error` is how the system tells of one, with `TEXT` where people read why.
    """

    lists: str
    changes: tuple[str, str]
    yes: tuple[int, bytes] = (204, b"")
    token: str = ""
    route: str = ""
    error: Mapping[str, Any] = field(default_factory=dict)


WAYS: Mapping[str, Way] = {
    "scim": Way(
        lists="/Users?",
        changes=("PATCH", "/Users/"),
        error={"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "detail": TEXT},
    ),
    "okta": Way(
        lists="/api/v1/users?",
        changes=("POST", "/lifecycle/"),
        yes=(200, b"{}"),
        token="/oauth2/v1/token",
        route="/api/v1/users",
        error={"errorCode": "E0000001", "errorSummary": TEXT, "errorCauses": [{"errorSummary": TEXT}]},
    ),
    "entra": Way(
        lists="/v1.0/users?",
        changes=("PATCH", "/v1.0/users/"),
        token="/oauth2/v2.0/token",
        route="/v1.0/users",
        error={"error": {"code": "Request_BadRequest", "message": TEXT}},
    ),
    "google": Way(
        lists="/directory/v1/users?",
        changes=("PUT", "/directory/v1/users/"),
        yes=(200, b"{}"),
        token="/token",
        route="/admin/directory/v1/users",
        error={"error": {"message": TEXT, "errors": [{"reason": "invalid", "message": TEXT}]}},
    ),
    "keycloak": Way(
        lists="/users?",
        changes=("PUT", "/users/"),
        token="/openid-connect/token",
        error={"error": "unknown_error", "errorMessage": TEXT, "error_description": TEXT},
    ),
}


class Between(ABC):
    """Spoils nothing until it is told to."""

    @abstractmethod
    def connection(self, straight: Connection) -> Connection:
        """To the same system, by way of this."""

    @abstractmethod
    def change_answers(self, change: Callable[[bytes], bytes]) -> None:
        """What was read goes through it, and keeps its length where the protocol is LDAP."""

    @abstractmethod
    def ignore_changes(self) -> None:
        """The answer is yes, and the system is not asked."""

    @abstractmethod
    def repeat_pages(self) -> None:
        """Every page of a list of accounts is the first one."""

    @abstractmethod
    def echo(self, what: str) -> None:
        """Requests are answered with themselves: `headers` of all with 403 and their `body` with 400, in the
        system's own shape; `senseless` the body with 200 and in none; `token` what a token is asked for with.
        """

    @abstractmethod
    def never_end(self) -> None:
        """What is read begins an answer that has no end."""


class OverHttp(Between):
    def __init__(self, proxy: FaultProxy, way: Way, server: Any) -> None:
        self.proxy, self._way, self._server = proxy, way, server

    def connection(self, straight: Connection) -> Connection:
        there = self.proxy.url
        extra = {name: there if name == "login_url" else value for name, value in straight.extra.items()}
        password = straight.password
        if straight.provider == "google":
            password = json.dumps({**json.loads(password or "{}"), "token_uri": f"{there}{self._way.token}"})
        return replace(straight, host=there, password=password, extra=extra)

    def change_answers(self, change: Callable[[bytes], bytes]) -> None:
        self._fault("rewrite", ANY, change=change)

    def ignore_changes(self) -> None:
        (method, path), (status, body) = self._way.changes, self._way.yes
        self._fault("answer", (method,), path=path, status=status, body=body)

    def repeat_pages(self) -> None:
        if self._way.route:
            fault = {"hook": "repeated_page", "method": "GET", "route": self._way.route, "times": None}
            self._server.add_faults(fault)
            return
        pages: list[bytes] = []

        def first(page: bytes) -> bytes:
            pages.append(page)
            return pages[0]

        self._fault("rewrite", ("GET",), path=self._way.lists, change=first)

    def never_end(self) -> None:
        self._fault("flood", ("GET",), body=b" " * 65536)

    def echo(self, what: str) -> None:
        if what == "token":
            if self._way.token:
                self._echo(400, 1, TOKEN_ERROR, path=self._way.token)
            else:
                self._echo(401, 0, self._way.error)
        elif what == "senseless":
            self._fault("echo", ANY, status=200)
        else:
            self._echo({"headers": 403, "body": 400}[what], int(what == "body"), self._way.error)

    def _echo(self, status: int, part: int, shape: Mapping[str, Any], path: str = "") -> None:
        """Part 0 of a request is its credential, 1 its body."""

        def said(request: bytes) -> bytes:
            head, _, body = request.decode().partition("\n\n")
            lines = [line for line in head.splitlines() if line.lower().startswith("authorization")]
            told = body if part else "\n".join(lines)
            return json.dumps(shape).replace(json.dumps(TEXT), json.dumps(told)).encode()

        methods = ("POST", "PUT", "PATCH") if part else ANY
        fault = Fault(kind="echo", methods=methods, path=path, status=status, times=ALWAYS, change=said)
        fault.not_path = "" if path else self._way.token
        self.proxy.fault(fault)

    def close_token_endpoint(self) -> None:
        self.proxy.fault(
            Fault(kind="answer", methods=("POST",), path=self._way.token, status=503, times=ALWAYS)
        )

    def _fault(self, kind: Any, methods: tuple[str, ...], **more: Any) -> None:
        """Tokens come as they are."""
        self.proxy.fault(Fault(kind=kind, methods=methods, times=ALWAYS, not_path=self._way.token, **more))


class OverLdap(Between):
    def __init__(self, proxy: FaultyDirectory) -> None:
        self._proxy = proxy

    def connection(self, straight: Connection) -> Connection:
        extra = {**straight.extra, "ca_file": str(self._proxy.authority)}
        return replace(straight, port=self._proxy.port, extra=extra)

    def change_answers(self, change: Callable[[bytes], bytes]) -> None:
        self._proxy.change = change

    def ignore_changes(self) -> None:
        self._proxy.fault(ldap_faults.Fault("lie", WRITING, times=ALWAYS))

    def repeat_pages(self) -> None:
        self._proxy.fault(ldap_faults.Fault("repeat", frozenset({SEARCH}), times=ALWAYS, spared=1))

    def echo(self, what: str) -> None:
        tags = frozenset({BIND}) if what == "token" else WRITING | {EXTENDED}
        self._proxy.fault(ldap_faults.Fault("echo", tags, code=UNWILLING, times=ALWAYS))

    def never_end(self) -> None:
        self._proxy.fault(ldap_faults.Fault("flood", frozenset({SEARCH}), times=ALWAYS))


@contextmanager
def between(walk: Walk) -> Iterator[Any]:
    """Nodes reach the system by way of it, until the end."""
    straight = walk.system.connection()
    with between_at(walk.system, walk.folder) as found, walk.monkeypatch.context() as patch:
        patch.setattr(walk.system, "connection", lambda: found.connection(straight))
        yield found


@contextmanager
def between_at(system: System, folder: Path) -> Iterator[Any]:
    """Whoever asks for its `connection` goes by way of it."""
    way = WAYS.get(system.provider)
    if way is None:
        with FaultyDirectory(system.server, folder).running() as directory:
            yield OverLdap(directory)
    else:
        with FaultProxy(system.connection().host or "").running() as proxy:
            yield OverHttp(proxy, way, system.server)
