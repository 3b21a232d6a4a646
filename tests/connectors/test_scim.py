"""The SCIM connector against a real SCIM 2.0 server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import NewAccount
from officeflow.connectors.scim import reading
from officeflow.connectors.scim.types import DIALECTS
from officeflow.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    NothingHappened,
    Rejected,
    Transient,
)
from tests.connectors.contract import KEY
from tests.connectors.http_contract import ReadingBackContract
from tests.connectors.http_faults import Fault, FaultProxy
from tests.connectors.identity_contract import IdentityContract
from tests.connectors.test_scim_documents import ANA
from tests.counterparts.scim import ScimServer

pytestmark = pytest.mark.integration


def connection(server: ScimServer, **changes: Any) -> Connection:
    extra: dict[str, Any] = {
        name: changes[name]
        for name in ("timeout", "dialect", "ca_file", "proxy", "trusted_hosts")
        if name in changes
    }
    return Connection(
        id="acme.scim",
        provider="scim",
        host=changes.get("url", server.url),
        password=changes.get("password", server.token),
        extra=extra,
    )


class TestScim(IdentityContract, ReadingBackContract):
    new = ANA
    provider = "scim"
    family = Family.IDENTITY
    writing = ("POST",)
    reading = ("GET",)

    @pytest.fixture
    def server(self, scim_server: ScimServer) -> ScimServer:
        return scim_server

    def connection(self, server: ScimServer, **changes: Any) -> Connection:
        return connection(server, **changes)

    def wrong_credentials(self, server: ScimServer) -> Connection:
        return connection(server, password="wrong")

    def url(self, server: ScimServer) -> str:
        return server.url

    def write(self, client: Any) -> Any:
        return client.create_account(ANA, key=KEY)

    def read(self, client: Any) -> Any:
        return client.find_account(login=ANA.login)

    def is_done(self, server: ScimServer) -> bool:
        return server.user(ANA.login) is not None

    def correlation_ids(self, server: ScimServer) -> set[str | None]:
        return {
            request.get("correlation_id")
            for request in server.requests()
            if request["path"] != "/v2/Groups" or request.get("query")
        }

    def nothing_happened_fault(self) -> Fault:
        body = {"schemas": [reading.USER], "id": "made-up", "userName": ANA.login}
        return Fault(kind="answer", methods=("POST",), status=201, body=json.dumps(body).encode())

    @contextmanager
    def several_pages(self, server: ScimServer) -> Iterator[tuple[Any, set[str]]]:
        logins = [f"u{number}@acme.example" for number in range(4)]
        pages = [logins[:2], [], logins[2:]]
        with FaultProxy(server.url).running() as proxy, closing(self.open_at(server, proxy.url)) as client:
            for page in pages:
                users = [{"id": login, "userName": login} for login in page]
                body = json.dumps({"totalResults": 4, "Resources": users}).encode()
                proxy.fault(Fault(kind="answer", methods=("GET",), path="/Users", body=body))
            yield client, set(logins)

    @contextmanager
    def found_twice(self, server: ScimServer) -> Iterator[tuple[Any, dict[str, str]]]:
        with closing(self.open(connection(server))) as client:
            for login in ("ana@acme.example", "ana2@acme.example"):
                client.create_account(NewAccount(login=login, external_id="1001"), key=KEY)
            yield client, {"external_id": "1001"}

    # ── what is SCIM's own ──

    def test_an_account_has_what_was_given_and_nothing_else(self, server: ScimServer, client: Any) -> None:
        account = client.create_account(ANA, key=KEY)
        stored = server.user(ANA.login)
        assert stored is not None
        assert (account.id, account.login, account.external_id, account.active) == (
            stored["id"],
            ANA.login,
            "1001",
            True,
        )
        assert account.created_at is not None
        assert stored["name"] == {"givenName": "Ana", "familyName": "Pérez"}
        assert stored[reading.ENTERPRISE] == {"department": "Engineering", "employeeNumber": "1001"}
        assert not {"displayName", "nickName", "phoneNumbers"} & stored.keys()

    def test_a_login_that_exists_is_a_conflict(self, client: Any) -> None:
        client.create_account(ANA, key=KEY)
        with pytest.raises(Conflict) as caught:
            client.create_account(ANA, key=KEY)
        assert not caught.value.maybe_done

    @pytest.mark.parametrize(
        "login",
        [
            'o"brien@acme.example',
            "back\\slash@acme.example",
            "ñandú@acme.example",
            'x" or userName pr or "" eq "',
        ],
    )
    def test_no_login_can_end_its_filter(self, client: Any, login: str) -> None:
        client.create_account(ANA, key=KEY)
        assert client.find_account(login=login) is None
        created = client.create_account(NewAccount(login=login), key=KEY)
        found = client.find_account(login=login)
        assert found is not None
        assert found.id == created.id

    def test_an_account_is_found_only_by_all_that_is_given(self, client: Any) -> None:
        client.create_account(ANA, key=KEY)
        assert client.find_account(login=ANA.login.upper(), external_id="1001").login == ANA.login
        assert client.find_account(login=ANA.login, external_id="1002") is None
        assert client.find_account(external_id="nobody") is None
        with pytest.raises(Rejected):
            client.find_account()

    def test_a_server_that_ignores_the_filter_hands_over_nobody_else(
        self, server: ScimServer, client: Any, proxy: FaultProxy
    ) -> None:
        client.create_account(ANA, key=KEY)
        everybody = {"totalResults": 1, "Resources": server.users()}
        proxy.fault(Fault(kind="answer", methods=("GET",), body=json.dumps(everybody).encode()))
        through = self.open(connection(server, url=proxy.url))
        assert through.find_account(login="somebody@acme.example") is None
        through.close()

    def test_a_list_is_read_page_by_page(self, server: ScimServer, client: Any, proxy: FaultProxy) -> None:
        account = client.create_account(ANA, key=KEY)
        pages = [[{"id": str(n), "displayName": f"G{n}"} for n in range(k, k + 2)] for k in (0, 2)]
        for page in pages:
            body = json.dumps({"totalResults": 4, "Resources": page}).encode()
            proxy.fault(Fault(kind="answer", methods=("GET",), path="/Groups", body=body))
        through = self.open(connection(server, url=proxy.url))
        assert through.get_account(account.id).groups == ("G0", "G1", "G2", "G3")
        starts = [
            path.split("startIndex=")[1].split("&")[0]
            for _, path, _ in proxy.seen
            if "Groups" in path and "displayName" in path
        ]
        assert starts == ["1", "3"]
        through.close()

    @pytest.mark.parametrize("dialect", DIALECTS)
    def test_suspending_and_groups_work_in_every_dialect(self, server: ScimServer, dialect: str) -> None:
        client = self.open(connection(server, dialect=dialect))
        account = client.create_account(ANA, key=KEY)
        assert client.set_active(account.id, active=False, key=KEY).active is False
        assert client.set_active(account.id, active=True, key=KEY).active is True
        assert client.set_groups(account.id, ["Engineering", "Staff"], key=KEY).groups == (
            "Engineering",
            "Staff",
        )
        client.close()
        assert server.groups_of(ANA.login) == {"Engineering", "Staff"}

    def test_a_change_carries_the_version_that_was_read(
        self, server: ScimServer, client: Any, proxy: FaultProxy
    ) -> None:
        account = client.create_account(ANA, key=KEY)
        through = self.open(connection(server, url=proxy.url))
        through.set_active(account.id, active=False, key=KEY)
        through.close()
        assert [bool(headers.get("If-Match")) for method, _, headers in proxy.seen if method == "PATCH"] == [
            True
        ]

    def test_a_change_in_between_is_a_conflict(
        self, server: ScimServer, client: Any, proxy: FaultProxy
    ) -> None:
        account = client.create_account(ANA, key=KEY)

        def meanwhile(body: bytes) -> bytes:
            client.set_active(account.id, active=False, key=KEY)
            client.set_active(account.id, active=True, key=KEY)
            return body

        proxy.fault(Fault(kind="rewrite", methods=("GET",), change=meanwhile))
        through = self.open(connection(server, url=proxy.url))
        with pytest.raises(Conflict) as caught:
            through.set_active(account.id, active=False, key=KEY)
        through.close()
        assert not caught.value.maybe_done

    def test_a_suspension_that_did_not_happen_is_found_out(
        self, server: ScimServer, client: Any, proxy: FaultProxy
    ) -> None:
        account = client.create_account(ANA, key=KEY)
        proxy.fault(Fault(kind="answer", methods=("PATCH",), status=204))
        through = self.open(connection(server, url=proxy.url))
        with pytest.raises(Exception, match="still reads active"):
            through.set_active(account.id, active=False, key=KEY)
        through.close()

    def test_a_deleted_account_is_gone_and_cannot_be_deleted_again(
        self, server: ScimServer, client: Any
    ) -> None:
        account = client.create_account(ANA, key=KEY)
        client.delete_account(account.id, key=KEY)
        assert server.user(ANA.login) is None
        for act in (client.delete_account, lambda id_, key: client.set_active(id_, active=False, key=key)):
            with pytest.raises(NotFound):
                act(account.id, key=KEY)
        with pytest.raises(NotFound):
            client.get_account(account.id)

    def test_a_deletion_that_did_not_happen_is_found_out(
        self, server: ScimServer, client: Any, proxy: FaultProxy
    ) -> None:
        account = client.create_account(ANA, key=KEY)
        proxy.fault(Fault(kind="answer", methods=("DELETE",), status=204))
        through = self.open(connection(server, url=proxy.url))
        with pytest.raises(Exception, match="still there"):
            through.delete_account(account.id, key=KEY)
        through.close()

    def test_the_servers_own_reason_is_in_the_message(self, proxy: FaultProxy, failing: Any) -> None:
        body = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": "400",
            "scimType": "uniqueness",
            "detail": "userName is taken",
        }
        proxy.fault(Fault(kind="answer", methods=("POST",), status=400, body=json.dumps(body).encode()))
        with pytest.raises(Conflict, match="userName is taken"):
            self.write(failing)

    def test_an_account_that_lost_its_employee_number_is_found_out(
        self, proxy: FaultProxy, failing: Any
    ) -> None:
        proxy.fault(
            Fault(
                kind="rewrite",
                methods=("GET",),
                path="/Users/",
                change=lambda body: body.replace(b'"externalId"', b'"other"'),
            )
        )
        with pytest.raises(NothingHappened, match="otherwise than it was created"):
            self.write(failing)

    def test_json_of_another_shape_is_rejected(self, proxy: FaultProxy, failing: Any) -> None:
        proxy.fault(Fault(kind="answer", methods=("GET",), body=b'{"users": []}'))
        with pytest.raises(Rejected, match="totalResults"):
            self.read(failing)

    def test_an_unknown_attribute_is_rejected_before_anything_is_sent(
        self, server: ScimServer, client: Any
    ) -> None:
        with pytest.raises(Rejected, match="shoeSize"):
            client.create_account(NewAccount(login="x", attributes={"shoeSize": "43"}), key=KEY)
        assert server.writes() == []

    def test_an_unknown_dialect_is_refused(self, server: ScimServer) -> None:
        with pytest.raises(InvalidInput):
            self.open(connection(server, dialect="klingon"))

    def test_a_login_and_password_are_sent_as_basic_authentication(
        self, server: ScimServer, proxy: FaultProxy
    ) -> None:
        client = self.open(
            Connection(id="acme.scim", provider="scim", host=proxy.url, login="admin", password="p")
        )
        with pytest.raises(Exception, match="401"):
            self.read(client)
        client.close()
        assert proxy.seen[0][2]["Authorization"].startswith("Basic ")

    def test_a_server_killed_in_between_is_transient(self, server: ScimServer, client: Any) -> None:
        self.read(client)
        server.kill()
        with pytest.raises(Transient):
            self.read(client)
