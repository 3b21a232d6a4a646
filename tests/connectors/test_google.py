"""The connector of Google Workspace against a Workspace that is played by Google's discovery documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from officeflow.connectors import reach
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Capability, Family
from officeflow.errors import (
    ConnectorError,
    InvalidInput,
    NotFound,
    NothingHappened,
    RateLimited,
    Rejected,
    Transient,
    Unauthorized,
)
from tests.connectors.contract import KEY, address_where_nobody_listens
from tests.connectors.google_connection import ANA, BO, begun, connection, opened
from tests.connectors.http_contract import ReadingBackContract
from tests.connectors.http_faults import Fault, FaultProxy
from tests.connectors.identity_contract import IdentityContract
from tests.connectors.smtp_faults import certificate
from tests.connectors.token_contract import TokenContract
from tests.counterparts.google import GoogleWorkspace

pytestmark = pytest.mark.integration


class TestGoogle(IdentityContract, ReadingBackContract, TokenContract):
    new = ANA
    injecting = ("' email:*", "1001' isAdmin=true '", "1001 OR 1", "\\", "../admin@acme.example?x=1#y", "..")
    nobody = "123456789012345678901"
    token_path = "/token"
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
        """Over TLS its token endpoint is there too, where the connection leads."""
        if (url := str(changes.get("url", ""))).startswith("https:"):
            changes["password"] = json.dumps({**server.key, "token_uri": f"{url}/token"})
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

    def open_at(self, server: GoogleWorkspace, url: str) -> Any:
        """Its token endpoint is there too."""
        key = json.dumps({**server.key, "token_uri": f"{url}/token"})
        return self.open(connection(server, url=url, password=key))

    @contextmanager
    def several_pages(self, server: GoogleWorkspace) -> Iterator[tuple[Any, set[str]]]:
        server.control("POST", "crowd", {"count": 5})
        route = "/admin/directory/v1/users"
        server.add_faults({"hook": "empty_page", "method": "GET", "route": route, "skip": 1})
        with pytest.MonkeyPatch.context() as patch, opened(server) as client:
            patch.setattr("officeflow.connectors.google.finding.PAGE", 2)
            yield client, {user["primaryEmail"] for user in server.state("users").values()}

    @contextmanager
    def found_twice(self, server: GoogleWorkspace) -> Iterator[tuple[Any, dict[str, str]]]:
        with opened(server) as client:
            for new in (ANA, replace(BO, external_id=ANA.external_id)):
                client.create_account(new, key=KEY)
            yield client, {"external_id": "1001"}

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

    def test_a_scope_that_is_not_delegated_takes_only_what_needs_it(self, server: GoogleWorkspace) -> None:
        account = server.state("serviceAccounts").popitem()[1]
        kept = [scope for scope in account["scopes"] if not scope.endswith(("licensing", "user.security"))]
        server.control("POST", "delegation", {"clientEmail": account["clientEmail"], "scopes": kept})
        with opened(server) as client:
            standing = client.standing()
            ana = client.create_account(ANA, key=KEY)
            with pytest.raises(Unauthorized):
                client.end_sessions(ana.id, key=KEY)
        assert standing.who == f"Google Workspace customer C03az79cb, acting for {server.admin}"
        assert standing.lacks.keys() == {
            Capability.KEEP_LICENCES,
            Capability.END_SESSIONS,
            Capability.RESET_FACTORS,
        }
        assert "apps.licensing" in standing.lacks[Capability.KEEP_LICENCES]
        assert {Capability.CREATE_ACCOUNTS, Capability.KEEP_ROLES} <= standing.may

    def test_nothing_of_another_customer_than_the_named_one_is_touched(self, server: GoogleWorkspace) -> None:
        with opened(server, customer="C03az79cb") as client:
            ana = client.create_account(ANA, key=KEY)
            assert [each.id for each in client.list_accounts() if each.id == ana.id] == [ana.id]
        with opened(server, customer="C0another") as client:
            writes = len(server.writes())
            refused: list[Callable[[], object]] = [
                client.check,
                lambda: client.get_account(ana.id),
                lambda: client.set_active(ana.id, active=False, key=KEY),
            ]
            for act in refused:
                with pytest.raises(Rejected, match="of customer C03az79cb"):
                    act()
            with pytest.raises(Unauthorized):
                list(client.list_accounts())
            assert len(server.writes()) == writes

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

    def test_another_account_than_the_one_asked_for_is_never_given(
        self, server: GoogleWorkspace, proxy: FaultProxy, failing: Any
    ) -> None:
        ana = self.write(failing)
        other = json.dumps({"id": "123", "primaryEmail": "bo@acme.example", "suspended": True}).encode()
        proxy.fault(Fault(kind="answer", methods=("GET",), path="/users/", times=1, body=other))
        with pytest.raises(NotFound):
            failing.get_account(ana.id)
        proxy.fault(Fault(kind="answer", methods=("GET",), path="/users/", times=-1, skip=1, body=other))
        with pytest.raises(NothingHappened, match="not there"):
            failing.set_active(ana.id, active=False, key=KEY)

    def test_a_token_endpoint_that_is_away_is_transient_and_nothing_was_done(
        self, server: GoogleWorkspace
    ) -> None:
        away = {**server.key, "token_uri": f"{address_where_nobody_listens()}/token"}
        with opened(server, password=json.dumps(away)) as client:
            with pytest.raises(Transient) as caught:
                self.write(client)
            assert not caught.value.maybe_done
            assert caught.value.operation == f"POST {away['token_uri']}"
        assert server.writes() == []

    def test_it_is_reached_encrypted_where_its_certificate_is_trusted_with_its_token_too(
        self, server: GoogleWorkspace, tmp_path: Path
    ) -> None:
        trusted, context = certificate(tmp_path)
        with FaultProxy(server.url, context).running() as proxy:
            key = json.dumps({**server.key, "token_uri": f"{proxy.url}/token"})
            with opened(server, url=proxy.url, password=key) as strange, pytest.raises(Rejected) as caught:
                self.write(strange)
            assert "ca_file" in caught.value.hint
            plain = connection(server, url=proxy.url, ca_file=str(trusted))
            with closing(self.open(plain)) as client, pytest.raises(Rejected, match="not encrypted"):
                self.write(client)
            assert server.requests() == []
            with opened(server, url=proxy.url, password=key, ca_file=str(trusted)) as known:
                assert self.write(known).login == ANA.login

    def test_it_is_found_without_its_key_by_being_asked_who_we_are(self, server: GoogleWorkspace) -> None:
        assert reach.answers(connection(server)) == "it answers, and asks who we are (401)"

    @pytest.mark.parametrize("key", ["{}", "no json", '{"type": "service_account"}', '{"type": "user"}'])
    def test_what_is_no_key_is_refused_and_not_shown(self, server: GoogleWorkspace, key: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            self.open(connection(server, password=key))
        assert key not in caught.value.message

    def test_a_place_for_identities_that_is_none_is_refused(self, server: GoogleWorkspace) -> None:
        with pytest.raises(InvalidInput, match="identity"):
            self.open(connection(server, identity="shoe size"))
