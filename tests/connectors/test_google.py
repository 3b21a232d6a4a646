"""The connector of Google Workspace against a Workspace that is played by Google's discovery documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Capability, Family
from officeflow.errors import ConnectorError, InvalidInput, NotFound, RateLimited, Rejected, Unauthorized
from tests.connectors.contract import KEY
from tests.connectors.google_connection import ANA, begun, connection, opened
from tests.connectors.http_contract import ReadingBackContract
from tests.connectors.http_faults import Fault, FaultProxy
from tests.counterparts.google import GoogleWorkspace

pytestmark = pytest.mark.integration


class TestGoogle(ReadingBackContract):
    provider = "google"
    family = Family.IDENTITY
    writing = ("POST",)
    reading = ("GET",)

    @pytest.fixture
    def server(
        self, google_workspace: GoogleWorkspace, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[GoogleWorkspace]:
        with begun(google_workspace, monkeypatch) as server:
            yield server

    def connection(self, server: GoogleWorkspace, **changes: Any) -> Connection:
        return connection(server, **changes)

    def wrong_credentials(self, server: GoogleWorkspace) -> Connection:
        return connection(server, admin="ghost@acme.example")

    def url(self, server: GoogleWorkspace) -> str:
        return server.url

    def write(self, client: Any) -> Any:
        return client.create_account(ANA, key=KEY)

    def read(self, client: Any) -> Any:
        return client.find_account(login=ANA.login)

    def is_done(self, server: GoogleWorkspace) -> bool:
        return server.user(ANA.login) is not None

    def correlation_ids(self, server: GoogleWorkspace) -> set[str | None]:
        """A token is nobody's in particular."""
        return {each.get("correlation_id") for each in server.requests() if each["path"] != "/token"}

    def nothing_happened_fault(self) -> Fault:
        body = {"id": "123456789", "primaryEmail": ANA.login}
        return Fault(kind="answer", methods=("POST",), body=json.dumps(body).encode())

    def refused(self, proxy: FaultProxy, failing: Any, status: int, **headers: str) -> ConnectorError:
        """After the first 401 a token is asked for anew."""
        if status == 401:
            proxy.fault(Fault(kind="answer", methods=self.writing, status=status, body=b"sorry"))
        return super().refused(proxy, failing, status, **headers)

    # ── what is Google's own ──

    def test_a_limit_that_is_told_with_403_is_a_limit(self, proxy: FaultProxy, failing: Any) -> None:
        body = {"error": {"code": 403, "errors": [{"reason": "userRateLimitExceeded"}]}}
        answer = json.dumps(body).encode()
        proxy.fault(Fault(kind="answer", methods=("POST",), status=403, body=answer))
        with pytest.raises(RateLimited) as caught:
            self.write(failing)
        assert not caught.value.maybe_done

    def test_a_page_of_no_google_does_not_say_that_nobody_is_there(
        self, proxy: FaultProxy, failing: Any
    ) -> None:
        proxy.fault(Fault(kind="answer", methods=("GET",), status=404, body=b"<html>no such page</html>"))
        with pytest.raises(Rejected, match="404 without a reason"):
            self.read(failing)

    def test_a_token_that_google_knows_no_more_is_fetched_anew_once(
        self, server: GoogleWorkspace, client: Any
    ) -> None:
        client.check()
        server.reset()
        with pytest.raises(NotFound):
            client.get_account("1")
        assert [each["path"] for each in server.requests()].count("/token") == 2

    def test_a_scope_that_is_not_delegated_takes_only_what_needs_it(self, server: GoogleWorkspace) -> None:
        account = server.state("serviceAccounts").popitem()[1]
        kept = [scope for scope in account["scopes"] if not scope.endswith(("licensing", "user.security"))]
        server.control("POST", "delegation", {"clientEmail": account["clientEmail"], "scopes": kept})
        with opened(server) as client:
            standing = client.standing()
            ana = client.create_account(ANA, key=KEY)
            with pytest.raises(Unauthorized):
                client.end_sessions(ana.id, key=KEY)
        assert standing.who == f"Google Workspace, acting for {server.admin}"
        assert standing.lacks.keys() == {
            Capability.KEEP_LICENCES,
            Capability.END_SESSIONS,
            Capability.RESET_FACTORS,
        }
        assert "apps.licensing" in standing.lacks[Capability.KEEP_LICENCES]
        assert {Capability.CREATE_ACCOUNTS, Capability.KEEP_ROLES} <= standing.may

    def test_an_administrator_of_some_things_is_told_as_such(self, server: GoogleWorkspace) -> None:
        with opened(server) as client:
            ana = client.create_account(ANA, key=KEY)
            client.assign_role(ana.id, "_USER_MANAGEMENT_ADMIN_ROLE", key=KEY)
        with opened(server, admin=ANA.login) as client:
            standing = client.standing()
        assert standing.notes
        assert not standing.may
        assert Capability.KEEP_ROLES in standing.lacks
        assert Capability.LIST_ACCOUNTS not in standing.lacks

    def test_what_google_allows_by_reading_changes_nothing(
        self, server: GoogleWorkspace, client: Any
    ) -> None:
        with server.only_reads():
            client.standing()

    @pytest.mark.parametrize("key", ["{}", "no json", '{"type": "service_account"}', '{"type": "user"}'])
    def test_what_is_no_key_is_refused_and_not_shown(self, server: GoogleWorkspace, key: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            self.open(connection(server, password=key))
        assert key not in caught.value.message

    def test_a_place_for_identities_that_is_none_is_refused(self, server: GoogleWorkspace) -> None:
        with pytest.raises(InvalidInput, match="identity"):
            self.open(connection(server, identity="shoe size"))
