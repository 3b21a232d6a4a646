"""How tests reach a directory that speaks LDAP, and whom they make there."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import NewAccount
from tests.connectors.contract import KEY, ConnectorContract
from tests.connectors.ldap_faults import FaultyDirectory
from tests.counterparts.directory import BASE, DirectoryServer

EXTRA = ("timeout", "security", "ca_file", "groups", "unit", "identity", "mark", "attributes")


class DirectoryBasis(ConnectorContract):
    """`login` is how its accounts are called, for a name before the `@`."""

    family = Family.IDENTITY
    carried = None
    extra: ClassVar[tuple[str, ...]] = ()
    """Further fields of the connection."""

    @abstractmethod
    def login(self, name: str) -> str: ...

    def connection(self, server: DirectoryServer, **changes: Any) -> Connection:
        extra: dict[str, Any] = {"ca_file": str(server.authority), "unit": "People"}
        extra |= {name: changes[name] for name in (*EXTRA, *self.extra) if name in changes}
        return Connection(
            id="acme.people",
            provider=self.provider,
            host=changes.get("host", server.host),
            port=changes.get("port", server.tls_port),
            schema=changes.get("base", BASE),
            login=changes.get("login", server.service_account),
            password=changes.get("password", server.secret),
            extra=extra,
        )

    def wrong_credentials(self, server: DirectoryServer) -> Connection:
        return self.connection(server, password="wrong")

    def correlation_ids(self, server: DirectoryServer) -> set[str | None]:
        return {request.get("correlation_id") for request in server.requests()}

    def new(self, name: str = "ada", **changes: Any) -> NewAccount:
        given = NewAccount(
            login=self.login(name),
            external_id="1001",
            given_name="Ada",
            family_name="Byron",
            display_name="Ada Byron",
            email="ada@acme.example",
        )
        return replace(given, **changes)

    def write(self, client: Any) -> Any:
        return client.create_account(self.new(), key=KEY)

    @pytest.fixture
    def ada(self, client: Any) -> Any:
        return client.create_account(self.new(), key=KEY)

    @pytest.fixture
    def proxy(self, server: DirectoryServer, tmp_path: Path) -> Iterator[FaultyDirectory]:
        with FaultyDirectory(server, tmp_path).running() as proxy:
            yield proxy

    def through(self, server: DirectoryServer, proxy: FaultyDirectory, **changes: Any) -> Any:
        return self.open(self.connection(server, port=proxy.port, ca_file=str(proxy.authority), **changes))
