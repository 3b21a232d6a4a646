"""What stands between a node and a system and spoils what goes by, alike for all of them."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from officeflow.connectors.connection import Connection
from tests.connectors import ldap_faults
from tests.connectors.http_faults import Fault, FaultProxy
from tests.connectors.ldap_faults import SEARCH, WRITING, FaultyDirectory
from tests.systems.hostile.walk import Walk

ALWAYS = 1_000_000
ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a system over HTTP is asked. `lists` stands in the address of a list of accounts, `changes` are the
    method and the address of what suspends one, `yes` the answer to it. `token` stands in the address of the
    token endpoint, where there is one. `route` is the list's where the counterpart itself repeats pages.
    """

    lists: str
    changes: tuple[str, str]
    yes: tuple[int, bytes] = (204, b"")
    token: str = ""
    route: str = ""


WAYS: Mapping[str, Way] = {
    "scim": Way(lists="/Users?", changes=("PATCH", "/Users/")),
    "okta": Way(
        lists="/api/v1/users?",
        changes=("POST", "/lifecycle/"),
        yes=(200, b"{}"),
        token="/oauth2/v1/token",
        route="/api/v1/users",
    ),
    "entra": Way(
        lists="/v1.0/users?",
        changes=("PATCH", "/v1.0/users/"),
        token="/oauth2/v2.0/token",
        route="/v1.0/users",
    ),
    "google": Way(
        lists="/directory/v1/users?",
        changes=("PUT", "/directory/v1/users/"),
        yes=(200, b"{}"),
        token="/token",
        route="/admin/directory/v1/users",
    ),
    "keycloak": Way(
        lists="/users?",
        changes=("PUT", "/users/"),
        token="/openid-connect/token",
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

    def never_end(self) -> None:
        self._proxy.fault(ldap_faults.Fault("flood", frozenset({SEARCH}), times=ALWAYS))


@contextmanager
def between(walk: Walk) -> Iterator[Any]:
    """Nodes reach the system by way of it, until the end."""
    straight = walk.system.connection()
    with _standing(walk) as found, walk.monkeypatch.context() as patch:
        patch.setattr(walk.system, "connection", lambda: found.connection(straight))
        yield found


@contextmanager
def _standing(walk: Walk) -> Iterator[Between]:
    way = WAYS.get(walk.system.provider)
    if way is None:
        with FaultyDirectory(walk.system.server, walk.folder).running() as directory:
            yield OverLdap(directory)
    else:
        with FaultProxy(walk.system.connection().host or "").running() as proxy:
            yield OverHttp(proxy, way, walk.system.server)
