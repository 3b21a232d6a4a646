"""The Keycloak connector against a real Keycloak: the contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import NewAccount
from officeflow.connectors.keycloak import accounts
from officeflow.errors import ConnectorError
from tests.connectors.contract import KEY
from tests.connectors.http_contract import ReadingBackContract
from tests.connectors.http_faults import Fault, FaultProxy
from tests.connectors.identity_contract import IdentityContract
from tests.connectors.keycloak_realm import ANA, connection
from tests.connectors.token_contract import TokenContract
from tests.counterparts.keycloak import KeycloakServer

pytestmark = pytest.mark.integration

BEA = {"username": "bea", "enabled": True, "email": "bea@acme.example"}


@dataclass
class Watched:
    """A Keycloak with one person, and what came to it by `between`."""

    keycloak: KeycloakServer
    between: FaultProxy
    bea: str


class TestKeycloak(IdentityContract, ReadingBackContract, TokenContract):
    """`write` suspends somebody who is there."""

    new = replace(ANA, login="ana@acme.example")
    provider = "keycloak"
    family = Family.IDENTITY
    writing = ("PUT",)
    reading = ("GET",)
    lists_nobody = True
    unsearchable = frozenset("\\")
    token_path = "/openid-connect/token"

    @pytest.fixture
    def server(self, keycloak_server: KeycloakServer) -> Iterator[Watched]:
        with keycloak_server.client() as client:
            place = client.post("/users", json=BEA).raise_for_status().headers["Location"]
        with FaultProxy(keycloak_server.url).running() as between:
            yield Watched(keycloak_server, between, place.rpartition("/")[2])

    def connection(self, server: Watched, **changes: Any) -> Connection:
        self.bea = server.bea
        return connection(server.keycloak, **{"url": server.between.url, **changes})

    def wrong_credentials(self, server: Watched) -> Connection:
        return self.connection(server, password="wrong")

    def url(self, server: Watched) -> str:
        return server.keycloak.url

    def write(self, client: Any) -> Any:
        return client.set_active(self.bea, active=False, key=KEY)

    def read(self, client: Any) -> Any:
        return client.find_account(login="bea")

    def is_done(self, server: Watched) -> bool:
        user = server.keycloak.user("bea")
        return user is not None and not user["enabled"]

    def correlation_ids(self, server: Watched) -> set[str | None]:
        """What went for a token is no call of the system."""
        seen = server.between.seen
        return {headers.get("X-Correlation-ID") for _, path, headers in seen if "/admin/" in path}

    def refused(self, proxy: FaultProxy, failing: Any, status: int, **headers: str) -> ConnectorError:
        """A refused token is tried once more with a new one."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        times = 2 if status == 401 else 1
        fault = Fault(
            kind="answer", methods=self.writing, status=status, headers=named, body=b"sorry", times=times
        )
        proxy.fault(fault)
        with pytest.raises(ConnectorError) as caught:
            self.write(failing)
        assert caught.value.status == status
        return caught.value

    def nothing_happened_fault(self) -> Fault:
        return Fault(kind="answer", methods=("PUT",), status=204)

    @contextmanager
    def several_pages(self, server: Watched) -> Iterator[tuple[Any, set[str]]]:
        """Keycloak's own pages of four, each of which begins in the one before; the second one is empty when
        it is first asked for.
        """
        logins = {f"person{number}" for number in range(8)}
        with (
            FaultProxy(server.keycloak.url).running() as proxy,
            closing(self.open_at(server, proxy.url)) as client,
            pytest.MonkeyPatch.context() as patch,
        ):
            for login in sorted(logins):
                client.create_account(NewAccount(login=login), key=KEY)
            patch.setattr(accounts, "PAGE_SIZE", 4)
            patch.setattr(accounts, "OVERLAP", 1)
            empty = Fault(kind="answer", methods=("GET",), path="/users?first=3", body=b"[]")
            proxy.fault(empty)
            yield client, logins | {"bea"}
        assert empty.times == 0

    @contextmanager
    def found_twice(self, server: Watched) -> Iterator[tuple[Any, dict[str, str]]]:
        with closing(self.open(self.connection(server))) as client:
            for login in ("ana1", "ana2"):
                client.create_account(NewAccount(login=login, external_id="1001"), key=KEY)
            yield client, {"external_id": "1001"}
