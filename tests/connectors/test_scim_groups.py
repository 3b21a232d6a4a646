"""Who is in which groups of a SCIM directory: joining, leaving, and what happens meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.families.identity import NewAccount
from officeflow.connectors.scim.client import ScimProvider
from officeflow.errors import (
    Conflict,
    ConnectorError,
    NotFound,
    NothingHappened,
)
from tests.connectors.contract import CORRELATION, KEY
from tests.connectors.http_faults import Fault, FaultProxy
from tests.connectors.test_scim import connection
from tests.connectors.test_scim_documents import ANA
from tests.counterparts.scim import ScimServer

pytestmark = pytest.mark.integration


class TestGroups:
    @pytest.fixture
    def server(self, scim_server: ScimServer) -> ScimServer:
        return scim_server

    @pytest.fixture
    def client(self, server: ScimServer) -> Iterator[ScimProvider]:
        client = self.open(connection(server))
        yield client
        client.close()

    @pytest.fixture
    def proxy(self, server: ScimServer) -> Iterator[FaultProxy]:
        with FaultProxy(server.url).running() as proxy:
            yield proxy

    def open(self, connection: Connection) -> ScimProvider:
        return ScimProvider(connection, correlation_id=CORRELATION)

    @pytest.mark.parametrize("dialect", ["rfc7644", "groups-on-user"])
    def test_groups_are_exactly_those_asked_for(self, server: ScimServer, dialect: str) -> None:
        client = self.open(connection(server, dialect=dialect))
        account = client.create_account(ANA, key=KEY)
        client.set_groups(account.id, ["Engineering", "Staff"], key=KEY)
        assert client.set_groups(account.id, ["Sales", "Staff"], key=KEY).groups == ("Sales", "Staff")
        assert client.set_groups(account.id, [], key=KEY).groups == ()
        client.close()
        assert server.groups_of(ANA.login) == set()

    def test_a_group_that_does_not_exist_is_named_and_nothing_is_changed(
        self, server: ScimServer, client: Any
    ) -> None:
        account = client.create_account(ANA, key=KEY)
        with pytest.raises(NotFound, match="'Pilots'"):
            client.set_groups(account.id, ["Engineering", "Pilots"], key=KEY)
        assert server.groups_of(ANA.login) == set()

    @pytest.mark.parametrize("dialect", ["rfc7644", "groups-on-user"])
    def test_leaving_some_groups_leaves_all_others_alone(self, server: ScimServer, dialect: str) -> None:
        client = self.open(connection(server, dialect=dialect))
        account = client.create_account(ANA, key=KEY)
        client.set_groups(account.id, ["Engineering", "Sales", "Staff"], key=KEY)
        assert client.remove_groups(account.id, ["Sales", "Staff", "Pilots"], key=KEY).groups == (
            "Engineering",
        )
        writes = len(server.writes())
        assert client.remove_groups(account.id, ["Sales", "Pilots"], key=KEY).groups == ("Engineering",)
        client.close()
        assert server.groups_of(ANA.login) == {"Engineering"}
        assert len(server.writes()) == writes, "there was nothing to leave"

    def test_a_group_joined_meanwhile_is_kept(
        self, server: ScimServer, client: Any, proxy: FaultProxy
    ) -> None:
        account = client.create_account(ANA, key=KEY)
        client.set_groups(account.id, ["Staff"], key=KEY)

        def meanwhile(body: bytes) -> bytes:
            client.set_groups(account.id, ["Sales", "Staff"], key=KEY)
            return body

        proxy.fault(Fault(kind="rewrite", methods=("GET",), path="displayName", change=meanwhile))
        through = self.open(connection(server, url=proxy.url))
        assert through.remove_groups(account.id, ["Staff"], key=KEY).groups == ("Sales",)
        through.close()

    @pytest.mark.parametrize("dialect", ["rfc7644", "groups-on-user"])
    def test_joining_some_groups_leaves_all_others_alone(self, server: ScimServer, dialect: str) -> None:
        client = self.open(connection(server, dialect=dialect))
        account = client.create_account(ANA, key=KEY)
        client.set_groups(account.id, ["Engineering"], key=KEY)
        joined = client.add_groups(account.id, ["Staff", "engineering"], key=KEY)
        assert set(joined.groups) == {"Engineering", "Staff"}
        writes = len(server.writes())
        client.add_groups(account.id, ["staff"], key=KEY)
        with pytest.raises(NotFound, match="'Pilots'"):
            client.add_groups(account.id, ["Pilots", "Sales"], key=KEY)
        client.close()
        assert server.groups_of(ANA.login) == {"Engineering", "Staff"}
        assert len(server.writes()) == writes, "there was nothing to join, or not all of it"

    def test_a_group_joined_meanwhile_is_kept_when_others_are_joined(
        self, server: ScimServer, client: Any, proxy: FaultProxy
    ) -> None:
        account = client.create_account(ANA, key=KEY)

        def meanwhile(body: bytes) -> bytes:
            client.set_groups(account.id, ["Sales"], key=KEY)
            return body

        proxy.fault(Fault(kind="rewrite", methods=("GET",), path="displayName", change=meanwhile))
        through = self.open(connection(server, url=proxy.url))
        assert set(through.add_groups(account.id, ["Staff"], key=KEY).groups) == {"Sales", "Staff"}
        through.close()

    @pytest.mark.parametrize("act", ["add_groups", "set_groups"])
    def test_joining_that_did_not_happen_is_found_out(
        self, server: ScimServer, client: Any, proxy: FaultProxy, act: str
    ) -> None:
        account = client.create_account(ANA, key=KEY)
        proxy.fault(Fault(kind="answer", methods=("PATCH",), status=204))
        through = self.open(connection(server, url=proxy.url))
        with pytest.raises(NothingHappened, match="reads back in the groups") as caught:
            getattr(through, act)(account.id, ["Staff"], key=KEY)
        through.close()
        assert caught.value.maybe_done

    def test_leaving_that_did_not_happen_is_found_out(
        self, server: ScimServer, client: Any, proxy: FaultProxy
    ) -> None:
        account = client.create_account(ANA, key=KEY)
        client.set_groups(account.id, ["Staff"], key=KEY)
        proxy.fault(Fault(kind="answer", methods=("PATCH",), status=204))
        through = self.open(connection(server, url=proxy.url))
        with pytest.raises(NothingHappened) as caught:
            through.remove_groups(account.id, ["Staff"], key=KEY)
        through.close()
        assert caught.value.maybe_done

    def test_two_people_may_join_a_group_at_the_same_moment(
        self, server: ScimServer, client: Any, proxy: FaultProxy
    ) -> None:
        ana = client.create_account(ANA, key=KEY)
        bob = client.create_account(NewAccount(login="bob@acme.example"), key=KEY)

        def meanwhile(body: bytes) -> bytes:
            client.set_groups(bob.id, ["Staff"], key=KEY)
            return body

        proxy.fault(Fault(kind="rewrite", methods=("GET",), path="displayName", change=meanwhile))
        through = self.open(connection(server, url=proxy.url))
        assert through.set_groups(ana.id, ["Staff"], key=KEY).groups == ("Staff",)
        through.close()
        assert server.groups_of("bob@acme.example") == {"Staff"}

    def test_half_of_the_groups_done_says_that_it_may_be_done(
        self, server: ScimServer, client: Any, proxy: FaultProxy
    ) -> None:
        account = client.create_account(ANA, key=KEY)
        proxy.fault(Fault(kind="answer", methods=("PATCH",), status=429, skip=1))
        through = self.open(connection(server, url=proxy.url, dialect="rfc7644"))
        with pytest.raises(ConnectorError, match="429") as caught:
            through.set_groups(account.id, ["Engineering", "Staff"], key=KEY)
        through.close()
        assert caught.value.maybe_done
        assert server.groups_of(ANA.login) == {"Engineering"}

    def test_two_groups_of_one_name_are_a_conflict(
        self, server: ScimServer, client: Any, proxy: FaultProxy
    ) -> None:
        account = client.create_account(ANA, key=KEY)
        twice = {"totalResults": 2, "Resources": [{"id": str(n), "displayName": "Staff"} for n in (1, 2)]}
        proxy.fault(
            Fault(kind="answer", methods=("GET",), path="displayName+eq", body=json.dumps(twice).encode())
        )
        through = self.open(connection(server, url=proxy.url))
        with pytest.raises(Conflict, match="2 groups"):
            through.set_groups(account.id, ["Staff"], key=KEY)
        through.close()
