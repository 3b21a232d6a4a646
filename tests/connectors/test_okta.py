"""The Okta connector against a server that plays Okta and holds every request against Okta's description."""

from __future__ import annotations

import json
from typing import Any

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.errors import RateLimited
from tests.connectors.contract import KEY
from tests.connectors.http_contract import ReadingBackContract
from tests.connectors.http_faults import Fault
from tests.connectors.okta_client import ANA, OktaCase, connection
from tests.counterparts.okta import OktaServer

pytestmark = pytest.mark.integration


class TestOkta(OktaCase, ReadingBackContract):
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
