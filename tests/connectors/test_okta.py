"""The Okta connector against a server that plays Okta and holds every request against Okta's description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.connectors.okta.client import Okta
from officeflow.errors import RateLimited
from tests.connectors.contract import KEY
from tests.connectors.http_contract import ReadingBackContract
from tests.connectors.http_faults import Fault, FaultProxy
from tests.connectors.identity_contract import IdentityContract
from tests.connectors.okta_client import ANA, BO, OktaCase, connection, service_app
from tests.connectors.token_contract import TokenContract
from tests.counterparts.okta import OktaServer

pytestmark = pytest.mark.integration


class TestOkta(OktaCase, IdentityContract, ReadingBackContract):
    new = ANA
    nobody = "00unobody0000000000"
    longest = 50
    injecting = ('1001" or profile.login pr or id eq "', "me", "..")
    provider = "okta"
    family = Family.IDENTITY
    writing = ("POST",)
    reading = ("GET",)

    @pytest.fixture
    def server(self, okta_server: OktaServer) -> OktaServer:
        return okta_server

    def connection(self, server: OktaServer, **changes: Any) -> Connection:
        return connection(server, **changes)

    def wrong_credentials(self, server: OktaServer) -> Connection:
        return connection(server, password="wrong")

    def url(self, server: OktaServer) -> str:
        return server.url

    def write(self, client: Any) -> Any:
        return client.create_account(ANA, key=KEY)

    def read(self, client: Any) -> Any:
        return client.find_account(login=ANA.login)

    def is_done(self, server: OktaServer) -> bool:
        return server.user(ANA.login) is not None

    def correlation_ids(self, server: OktaServer) -> set[str | None]:
        return {request.get("correlation_id") for request in server.requests()}

    def nothing_happened_fault(self) -> Fault:
        body = {"id": "00umadeup", "status": "ACTIVE", "profile": {"login": ANA.login}}
        return Fault(kind="answer", methods=("POST",), status=200, body=json.dumps(body).encode())

    @contextmanager
    def several_pages(self, server: OktaServer) -> Iterator[tuple[Any, set[str]]]:
        """Among them somebody who is deactivated."""
        server.control("POST", "people", {"count": 6})
        gone = server.user("person00003@example.com") or {}
        server.put("user", gone["id"], {**gone, "status": "DEPROVISIONED"})
        server.add_faults({"hook": "empty_page", "method": "GET", "route": "/api/v1/users", "skip": 1})
        with pytest.MonkeyPatch.context() as patch, closing(self.open(connection(server))) as client:
            patch.setattr("officeflow.connectors.okta.accounts.PAGE_SIZE", "2")
            yield client, {user["profile"]["login"] for user in server.state("user").values()}

    @contextmanager
    def found_twice(self, server: OktaServer) -> Iterator[tuple[Any, dict[str, str]]]:
        with closing(self.open(connection(server))) as client:
            for new in (ANA, replace(BO, external_id=ANA.external_id)):
                client.create_account(new, key=KEY)
            yield client, {"external_id": "1001"}

    # ── what is Okta's own ──

    def test_a_rate_limit_of_oktas_own_says_when_it_ends_and_that_nothing_was_done(
        self, server: OktaServer, client: Any
    ) -> None:
        server.add_faults({"hook": "rate_limit", "method": "POST", "route": "/api/v1/users"})
        with pytest.raises(RateLimited) as caught:
            self.write(client)
        assert not caught.value.maybe_done
        assert caught.value.retry_after is not None
        assert 0 <= caught.value.retry_after <= 61
        assert not self.is_done(server)


class TestServiceApp(OktaCase, TokenContract):
    provider = "okta"
    token_path = "/oauth2/v1/token"
    writing = ("POST",)

    @pytest.fixture
    def server(self, okta_server: OktaServer) -> OktaServer:
        self.fields = service_app(okta_server)
        return okta_server

    @pytest.fixture
    def proxy(self, server: OktaServer) -> Iterator[FaultProxy]:
        with FaultProxy(server.url).running() as proxy:
            yield proxy

    def open_at(self, server: OktaServer, url: str) -> Any:
        audience = f"{server.url}{self.token_path}"
        return Okta(connection(server, url=url, audience=audience, **self.fields), correlation_id="c-1")

    def read(self, client: Any) -> Any:
        return client.find_account(login=ANA.login)

    def write(self, client: Any) -> Any:
        return client.create_account(ANA, key=KEY)
