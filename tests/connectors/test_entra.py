"""The connector `entra` against a tenant that is played: every connector's contract, and who it is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from officeflow.connectors import tokens
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Capability, Family
from officeflow.connectors.families.identity import NewAccount
from officeflow.errors import InvalidInput, NotFound, Rejected, Unauthorized
from tests.connectors.contract import KEY
from tests.connectors.entra import ANA, NOBODY, connection, opened
from tests.connectors.http_contract import ReadingBackContract
from tests.connectors.http_faults import Fault, FaultProxy
from tests.connectors.identity_contract import IdentityContract
from tests.connectors.token_contract import TokenContract
from tests.counterparts.entra import CLIENT, READER, EntraServer, login

pytestmark = pytest.mark.integration


class TestEntra(IdentityContract, ReadingBackContract, TokenContract):
    new = ANA
    injecting = ("1001' or userPrincipalName ne '", "a&$top=1", "%27", "$count", "")
    token_path = "/oauth2/v2.0/token"
    provider = "entra"
    family = Family.IDENTITY
    writing = ("POST",)
    reading = ("GET",)

    @pytest.fixture
    def server(self, entra_server: EntraServer) -> Iterator[EntraServer]:
        yield entra_server
        assert entra_server.problems() == []

    def connection(self, server: EntraServer, **changes: Any) -> Connection:
        """Over TLS its token endpoint is there too, where the connection leads."""
        if (url := str(changes.get("url", ""))).startswith("https:"):
            changes["login_url"] = url
        return connection(server, **changes)

    def wrong_credentials(self, server: EntraServer) -> Connection:
        return connection(server, password="wrong")

    def url(self, server: EntraServer) -> str:
        return server.url

    def write(self, client: Any) -> Any:
        return client.create_account(ANA, key=KEY)

    def read(self, client: Any) -> Any:
        return client.find_account(login=ANA.login)

    def is_done(self, server: EntraServer) -> bool:
        return server.user(ANA.login) is not None

    def correlation_ids(self, server: EntraServer) -> set[str | None]:
        return {e.get("correlation_id") for e in server.requests() if not e["path"].endswith("/token")}

    def nothing_happened_fault(self) -> Fault:
        body = {"id": NOBODY, "userPrincipalName": ANA.login}
        return Fault(kind="answer", methods=("POST",), status=201, body=json.dumps(body).encode())

    def open_at(self, server: EntraServer, url: str) -> Any:
        """Its token endpoint is there too."""
        return self.open(connection(server, url=url, login_url=url))

    @contextmanager
    def several_pages(self, server: EntraServer) -> Iterator[tuple[Any, set[str]]]:
        logins = {login(f"p{number}") for number in range(5)}
        with pytest.MonkeyPatch.context() as patch, opened(server) as client:
            patch.setattr("officeflow.connectors.entra.accounts.LARGEST_PAGE", "2")
            for each in logins:
                client.create_account(NewAccount(login=each), key=KEY)
            server.add_faults({"hook": "empty_page", "method": "GET", "route": "/v1.0/users", "skip": 1})
            yield client, logins

    @contextmanager
    def found_twice(self, server: EntraServer) -> Iterator[tuple[Any, dict[str, str]]]:
        with opened(server) as client:
            for name in ("ana", "ana2"):
                client.create_account(NewAccount(login=login(name), external_id="1001"), key=KEY)
            yield client, {"external_id": "1001"}

    def refused(self, proxy: FaultProxy, failing: Any, status: int, **headers: str) -> Any:
        if status == 401:  # a token that is refused is fetched anew once
            proxy.fault(Fault(kind="answer", methods=self.writing, status=status))
        return super().refused(proxy, failing, status, **headers)

    def test_a_404_that_is_not_graphs_own_word_says_nothing_of_an_account(
        self, proxy: FaultProxy, failing: Any
    ) -> None:
        proxy.fault(Fault(kind="answer", methods=("GET",), status=404, body=b"nothing here"))
        with pytest.raises(Rejected) as caught:
            failing.get_account(NOBODY)
        assert "url" in caught.value.hint
        with pytest.raises(NotFound):
            failing.get_account(NOBODY)

    def test_a_token_that_is_refused_is_fetched_anew_and_the_write_made_once(
        self, server: EntraServer, client: Any
    ) -> None:
        client.check()
        server.put_clock_forward(4000)
        assert client.create_account(ANA, key=KEY).login == ANA.login
        assert [e["status"] for e in server.requests() if e["path"] == "/v1.0/users"] == [401, 201]


class TestWho:
    @pytest.fixture(autouse=True)
    def _nothing_kept(self) -> None:
        tokens._kept.clear()

    def test_who_we_are_and_may(self, entra_server: EntraServer) -> None:
        with opened(entra_server) as client:
            standing = client.standing()
            assert standing.who == "the application OfficeFlow in the tenant Acme"
            assert Capability.CREATE_ACCOUNTS in standing.may
            assert client.check() == "the tenant Acme"
        assert entra_server.writes() == []

    def test_what_is_missing_is_named_by_its_permission(self, entra_server: EntraServer) -> None:
        _grant(entra_server, READER, "Application.Read.All")
        with opened(entra_server, client_id=READER) as client:
            standing = client.standing()
        assert Capability.LIST_ACCOUNTS in standing.may
        assert standing.lacks[Capability.CREATE_ACCOUNTS] == "User.ReadWrite.All"
        assert standing.lacks[Capability.RESET_FACTORS] == "UserAuthenticationMethod.ReadWrite.All"

    def test_who_may_not_see_what_it_may_is_told_so(self, entra_server: EntraServer) -> None:
        with opened(entra_server, client_id=READER) as client:
            standing = client.standing()
            with pytest.raises(Unauthorized) as caught:
                client.create_account(ANA, key=KEY)
        assert READER in standing.who
        assert "Application.Read.All" in standing.notes[0]
        assert not caught.value.maybe_done

    def test_a_secret_that_has_ended_is_told_by_the_vendors_number_alone(
        self, entra_server: EntraServer
    ) -> None:
        entra_server.put_clock_forward(3 * 365 * 24 * 3600)
        with opened(entra_server) as client, pytest.raises(Unauthorized, match="7000222") as caught:
            client.check()
        assert "AADSTS" not in caught.value.message
        assert entra_server.secret not in str(caught.value)

    def test_a_secret_that_ends_soon_is_a_note(self, entra_server: EntraServer) -> None:
        """Its end, two years from now, is moved here: the process's clock is not the server's."""
        for identity, each in entra_server.state("application").items():
            if each["appId"] == CLIENT:
                [credential] = each["passwordCredentials"]
                kept = {**credential, "endDateTime": "2026-01-02T00:00:00Z"}
                second = {**credential, "keyId": NOBODY}
                entra_server.put("application", identity, {**each, "passwordCredentials": [kept, second]})
        with opened(entra_server) as client:
            assert "the secret initial ended on 2026-01-02" in client.standing().notes

    def test_only_looking_asks_for_no_change(self, entra_server: EntraServer) -> None:
        with opened(entra_server, only_looks=True) as client:
            client.find_groups(["Staff", "Sales"])
            with pytest.raises(Exception, match="would change something"):
                client.create_account(ANA, key=KEY)
        assert entra_server.writes() == []


class TestFields:
    @pytest.mark.parametrize(
        "wrong",
        [{"identity": "displayName"}, {"identity": "extensionAttribute16"}, {"extensions": "city"},
         {"settle": "long"}, {"mark": "a:b"}, {"certificate": "x"}],
    )  # fmt: skip
    def test_fields_that_do_not_fit_are_refused(
        self, entra_server: EntraServer, wrong: dict[str, str]
    ) -> None:
        with pytest.raises(InvalidInput), opened(entra_server, **wrong):
            pass


def _grant(server: EntraServer, client: str, permission: str) -> None:
    with server.client() as graph:
        mine = graph.get(f"/servicePrincipals(appId='{client}')").json()["id"]
        there = graph.get("/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')").json()
        role = next(each["id"] for each in there["appRoles"] if each["value"] == permission)
        body = {"principalId": mine, "resourceId": there["id"], "appRoleId": role}
        answer = graph.post(f"/servicePrincipals/{mine}/appRoleAssignments", json=body)
        assert answer.status_code == 201, answer.text
