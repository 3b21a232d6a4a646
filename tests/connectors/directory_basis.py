"""How tests reach a directory that speaks LDAP, and whom they make there."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import NewAccount
from tests.connectors.contract import KEY
from tests.connectors.identity_contract import IdentityContract
from tests.connectors.ldap_faults import SEARCH, Fault, FaultyDirectory
from tests.counterparts.directory import BASE, PEOPLE, DirectoryServer

ADA = NewAccount(
    login="ada",
    external_id="1001",
    given_name="Ada",
    family_name="Byron",
    display_name="Ada Byron",
    email="ada@acme.example",
)
EXTRA = ("timeout", "security", "ca_file", "groups", "unit", "identity", "mark", "attributes")


class DirectoryBasis(IdentityContract):
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

    def person(self, name: str = "ada", **changes: Any) -> NewAccount:
        return replace(self.new, **{"login": self.login(name), **changes})

    def write(self, client: Any) -> Any:
        return client.create_account(self.new, key=KEY)

    @pytest.fixture
    def ada(self, client: Any) -> Any:
        return client.create_account(self.new, key=KEY)

    @pytest.fixture
    def proxy(self, server: DirectoryServer, tmp_path: Path) -> Iterator[FaultyDirectory]:
        with FaultyDirectory(server, tmp_path).running() as proxy:
            yield proxy

    def through(self, server: DirectoryServer, proxy: FaultyDirectory, **changes: Any) -> Any:
        return self.open(self.connection(server, port=proxy.port, ca_file=str(proxy.authority), **changes))

    @contextmanager
    def several_pages(self, server: DirectoryServer) -> Iterator[tuple[Any, set[str]]]:
        """Of two accounts each; behind the first one is an empty one."""
        logins = {self.login(f"p{number}") for number in range(5)}
        with (
            TemporaryDirectory() as folder,
            FaultyDirectory(server, Path(folder)).running() as proxy,
            closing(self.through(server, proxy, base=PEOPLE, unit="")) as client,
            pytest.MonkeyPatch.context() as patch,
        ):
            for login in logins:
                client.create_account(replace(self.new, login=login, external_id=None), key=KEY)
            patch.setattr("officeflow.connectors.directory.session.PAGE_SIZE", 2)
            proxy.fault(empty := Fault("empty_page", frozenset({SEARCH}), spared=1))
            yield client, logins
        assert empty.times == 0

    @contextmanager
    def found_twice(self, server: DirectoryServer) -> Iterator[tuple[Any, dict[str, str]]]:
        with closing(self.open(self.connection(server))) as client:
            for name in ("ada", "bob"):
                client.create_account(self.person(name), key=KEY)
            yield client, {"external_id": "1001"}
