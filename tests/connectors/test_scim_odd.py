"""The SCIM connector asks a server what it can do, and works with those that depart from the RFC."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Capability
from officeflow.connectors.families.identity import AccountChange, NewAccount
from officeflow.connectors.scim import listing
from officeflow.connectors.scim.client import ScimProvider
from officeflow.connectors.scim.types import GROUP
from officeflow.errors import (
    Conflict,
    ConnectorError,
    NotFound,
    NothingHappened,
    Rejected,
    Unauthorized,
)
from tests.connectors.contract import CORRELATION, KEY
from tests.connectors.http_faults import Fault, FaultProxy
from tests.counterparts.scim_odd import OddScimServers

pytestmark = pytest.mark.integration

ANA = NewAccount(login="ana@acme.example", external_id="1001", given_name="Ana", email="ana@acme.example")
BOB = NewAccount(login="bob@acme.example", external_id="1002")
SECRET = 'geheim"\\ñ 1'
WORKING = ("plain", "put-only", "untold", "pathless", "text", "unfiltered", "polite")

Open = Callable[..., ScimProvider]


@pytest.fixture
def opened(odd_scim: OddScimServers) -> Iterator[Open]:
    clients = []

    def open_at(server: str, url: str = "", **extra: str) -> ScimProvider:
        client = ScimProvider(
            Connection(
                id="acme.scim",
                provider="scim",
                host=url or odd_scim.url(server),
                password=odd_scim.secret,
                extra=extra,
            ),
            correlation_id=CORRELATION,
        )
        clients.append(client)
        return client

    yield open_at
    for client in clients:
        client.close()


def asked(server: OddScimServers, method: str = "") -> list[str]:
    return [each["path"].partition("/v2/")[2] for each in server.requests() if method in ("", each["method"])]


class TestWholeLife:
    @pytest.mark.parametrize("dialect", WORKING)
    def test_an_account_is_made_changed_put_into_groups_suspended_and_deleted(
        self, odd_scim: OddScimServers, opened: Open, dialect: str
    ) -> None:
        client = opened(dialect)
        boss = client.create_account(BOB, key=KEY)
        made = client.create_account(ANA, key=KEY)
        with pytest.raises(Conflict):
            client.create_account(ANA, key=KEY)
        change = AccountChange(
            family_name="Pérez", title="Lead", department="Sales", phone="+34 600 000 000", location="Madrid"
        )
        after = client.update_account(made.id, change, key=KEY)
        assert (after.given_name, after.family_name, after.title) == ("Ana", "Pérez", "Lead")
        assert (after.department, after.phone, after.location) == ("Sales", "+34 600 000 000", "Madrid")
        assert after.email == ANA.email
        emptied = client.update_account(made.id, AccountChange(title="", phone=""), key=KEY)
        assert (emptied.title, emptied.phone, emptied.location) == (None, None, "Madrid")
        assert client.rename_account(made.id, "ana.p@acme.example", keep_old=False, key=KEY).id == made.id
        assert client.set_manager(made.id, boss.id, key=KEY).manager_id == boss.id
        assert client.set_manager(made.id, None, key=KEY).manager_id is None
        assert client.set_groups(made.id, ["Staff", "Sales"], key=KEY).groups == ("Sales", "Staff")
        assert client.remove_groups(made.id, ["Staff"], key=KEY).groups == ("Sales",)
        assert client.set_active(made.id, active=False, key=KEY).active is False
        assert client.set_active(made.id, active=True, key=KEY).active is True
        found = client.find_account(login="ANA.P@acme.example", external_id="1001")
        assert found is not None
        assert found.id == made.id
        assert [each.name for each in client.assign_role(made.id, "editor", key=KEY)] == ["editor"]
        assert client.unassign_role(made.id, "editor", key=KEY) == []
        client.set_password(made.id, SECRET, must_change=False, key=KEY)
        assert odd_scim.state(dialect)["passwords"] == {made.id: SECRET}
        client.delete_account(made.id, key=KEY)
        with pytest.raises(NotFound):
            client.get_account(made.id)
        assert [each.login for each in client.list_accounts()] == [BOB.login]
        assert not [each for each in odd_scim.requests() if each.get("problems")]

    @pytest.mark.parametrize("dialect", ["plain", "put-only"])
    def test_only_what_is_set_is_different(
        self, odd_scim: OddScimServers, opened: Open, dialect: str
    ) -> None:
        client = opened(dialect)
        made = client.create_account(ANA, key=KEY)
        before = odd_scim.state(dialect)["Users"][made.id]
        client.update_account(made.id, AccountChange(email="a@b.example"), key=KEY)
        after = odd_scim.state(dialect)["Users"][made.id]
        assert after.pop("emails") == [{"value": "a@b.example", "type": "work", "primary": True}]
        assert before.pop("emails") != []
        assert {**before, "meta": None} == {**after, "meta": None}


class TestDiscovery:
    def test_it_is_read_once_and_only_when_it_matters(self, odd_scim: OddScimServers, opened: Open) -> None:
        client = opened("plain")
        made = client.create_account(ANA, key=KEY)
        client.find_account(login=ANA.login)
        assert "ServiceProviderConfig" not in asked(odd_scim)
        for active in (False, True):
            client.set_active(made.id, active=active, key=KEY)
            client.set_manager(made.id, None, key=KEY)
        told = [path for path in asked(odd_scim) if path in {"ServiceProviderConfig", "Schemas"}]
        assert sorted(told) == ["Schemas", "ServiceProviderConfig"]

    def test_what_a_server_has_not_by_its_own_word_is_refused_before_anything_is_sent(
        self, odd_scim: OddScimServers, opened: Open
    ) -> None:
        client = opened("bare")
        made = client.create_account(ANA, key=KEY)
        assert not made.groups_known
        wrote = len(odd_scim.writes())
        refused: dict[str, Callable[[], object]] = {
            "changePassword": lambda: client.set_password(made.id, SECRET, must_change=False, key=KEY),
            "no manager": lambda: client.set_manager(made.id, made.id, key=KEY),
            "no roles": lambda: client.assign_role(made.id, "editor", key=KEY),
            "no attribute 'shoeSize'": lambda: client.update_account(
                made.id,
                AccountChange(
                    attributes={"urn:ietf:params:scim:schemas:core:2.0:User:shoeSize": "43"},
                ),
                key=KEY,
            ),
        }
        for reason, act in refused.items():
            with pytest.raises(Rejected, match=reason) as caught:
                act()
            assert not caught.value.maybe_done
        assert len(odd_scim.writes()) == wrote
        lacks = client.standing().lacks
        assert set(lacks) == {
            Capability.SET_PASSWORDS,
            Capability.SET_MANAGERS,
            Capability.KEEP_ROLES,
            Capability.KEEP_GROUPS,
        }
        assert "no Group" in lacks[Capability.KEEP_GROUPS]

    def test_a_server_that_tells_nothing_lacks_nothing_by_its_word(
        self, odd_scim: OddScimServers, opened: Open
    ) -> None:
        standing = opened("untold").standing()
        assert not standing.lacks
        assert standing.who == "a SCIM server with 0 accounts"
        assert "replaced whole" in " ".join(opened("put-only").standing().notes)
        assert not odd_scim.writes()

    def test_a_named_dialect_does_not_ask(self, odd_scim: OddScimServers, opened: Open) -> None:
        client = opened("put-only", dialect="rfc7644")
        made = client.create_account(ANA, key=KEY)
        with pytest.raises(Rejected, match="405"):
            client.set_active(made.id, active=False, key=KEY)
        assert asked(odd_scim, "PUT") == []


class TestWriting:
    def test_a_patch_that_is_ignored_is_found_out_and_not_sent_otherwise(
        self, odd_scim: OddScimServers, opened: Open
    ) -> None:
        client = opened("ignoring")
        made = client.create_account(ANA, key=KEY)
        acts: tuple[Callable[[], object], ...] = (
            lambda: client.set_active(made.id, active=False, key=KEY),
            lambda: client.update_account(made.id, AccountChange(title="Lead"), key=KEY),
            lambda: client.rename_account(made.id, "x@acme.example", keep_old=True, key=KEY),
            lambda: client.set_manager(made.id, made.id, key=KEY),
            lambda: client.set_groups(made.id, ["Staff"], key=KEY),
            lambda: client.assign_role(made.id, "editor", key=KEY),
        )
        for count, act in enumerate(acts, 1):
            with pytest.raises(NothingHappened) as caught:
                act()
            assert caught.value.taken
            assert len(asked(odd_scim, "PATCH")) == count
        assert asked(odd_scim, "PUT") == []

    def test_replacing_loses_nothing_of_what_somebody_else_does_meanwhile(
        self, odd_scim: OddScimServers, opened: Open
    ) -> None:
        client = opened("put-only")
        ana, bob = (client.create_account(each, key=KEY) for each in (ANA, BOB))
        with FaultProxy(odd_scim.url("put-only")).running() as proxy:

            def meanwhile(body: bytes) -> bytes:
                client.set_groups(bob.id, ["Staff"], key=KEY)
                client.set_active(ana.id, active=False, key=KEY)
                return body

            through = opened("put-only", proxy.url)
            group = next(iter(odd_scim.state("put-only")["Groups"]))
            proxy.fault(Fault(kind="rewrite", methods=("GET",), path=f"/Groups/{group}", change=meanwhile))
            assert through.set_groups(ana.id, ["Staff"], key=KEY).groups == ("Staff",)
            assert set(odd_scim.members("put-only", "Staff")) == {ana.id, bob.id}
            client.set_active(ana.id, active=True, key=KEY)
            proxy.fault(Fault(kind="rewrite", methods=("GET",), path="/Users/", change=meanwhile))
            with pytest.raises(Conflict):
                through.update_account(ana.id, AccountChange(title="Lead"), key=KEY)

    @pytest.mark.parametrize("dialect", ["plain", "put-only"])
    def test_a_group_of_thousands_loses_nobody(
        self, odd_scim: OddScimServers, opened: Open, dialect: str
    ) -> None:
        crowd = [{"value": f"somebody-{number}"} for number in range(5000)]
        group = {"schemas": [GROUP], "displayName": "Everybody", "members": crowd}
        with odd_scim.client(f"{dialect}/v2") as http:
            http.post("/Groups", json=group).raise_for_status()
        client = opened(dialect)
        made = client.create_account(ANA, key=KEY)
        assert client.set_groups(made.id, ["Everybody"], key=KEY).groups == ("Everybody",)
        assert odd_scim.members(dialect, "Everybody") == [*(each["value"] for each in crowd), made.id]
        assert client.set_groups(made.id, [], key=KEY).groups == ()
        assert len(odd_scim.members(dialect, "Everybody")) == 5000

    def test_many_groups_go_in_one_request_and_each_answer_is_read(
        self, odd_scim: OddScimServers, opened: Open
    ) -> None:
        client = opened("bulk")
        made = client.create_account(ANA, key=KEY)
        after = client.set_groups(made.id, ["Staff", "Sales", "Engineering"], key=KEY)
        assert after.groups == ("Engineering", "Sales", "Staff")
        assert asked(odd_scim, "POST") == ["Users", "Bulk", "Bulk"]
        assert asked(odd_scim, "PATCH") == []
        with pytest.raises(Unauthorized, match="nobody may change") as caught:
            client.set_groups(made.id, ["Board", "Staff"], key=KEY)
        assert caught.value.maybe_done

    def test_no_password_is_told_by_an_error(self, odd_scim: OddScimServers, opened: Open) -> None:
        made = opened("plain").create_account(ANA, key=KEY)
        with FaultProxy(odd_scim.url("plain")).running() as proxy:
            body = b'{"detail": "not allowed: geheim\\"\\\\\xc3\xb1 1"}'
            proxy.fault(Fault(kind="answer", methods=("PATCH",), status=422, body=body))
            with pytest.raises(Rejected) as caught:
                opened("plain", proxy.url).set_password(made.id, SECRET, must_change=False, key=KEY)
        assert "geheim" not in repr(caught.value) + str(caught.value) + caught.value.message
        with pytest.raises(Rejected, match="no way"):
            opened("plain").set_password(made.id, SECRET, must_change=True, key=KEY)

    def test_the_manager_that_is_not_there_is_named(self, opened: Open) -> None:
        client = opened("plain")
        made = client.create_account(ANA, key=KEY)
        with pytest.raises(NotFound, match="the manager nobody"):
            client.set_manager(made.id, "nobody", key=KEY)
        with pytest.raises(NotFound, match="nobody"):
            client.set_manager("nobody", made.id, key=KEY)

    def test_attributes_are_written_in_the_kind_that_they_have(
        self, odd_scim: OddScimServers, opened: Open
    ) -> None:
        client = opened("plain")
        made = client.create_account(ANA, key=KEY)
        after = client.update_account(
            made.id, AccountChange(attributes={"costCenter": "007", "locale": "es-ES"}), key=KEY
        )
        assert (after.attributes["costCenter"], after.attributes["locale"]) == ("007", "es-ES")
        gone = client.update_account(made.id, AccountChange(attributes={"costCenter": ""}), key=KEY)
        assert "costCenter" not in gone.attributes
        with pytest.raises(Rejected, match="shoeSize"):
            client.update_account(made.id, AccountChange(attributes={"shoeSize": "43"}), key=KEY)


class TestRoles:
    def test_roles_are_those_that_the_schema_names(self, opened: Open) -> None:
        client = opened("named-roles")
        made = client.create_account(ANA, key=KEY)
        assert client.find_role("nobody") is None
        with pytest.raises(NotFound, match="nobody"):
            client.assign_role(made.id, "nobody", key=KEY)
        assert [each.name for each in client.assign_role(made.id, "EDITOR", key=KEY)] == ["editor"]
        both = client.assign_role(made.id, "entitlements/crm", key=KEY)
        assert [each.name for each in both] == ["editor", "entitlements/crm"]
        assert [each.name for each in client.unassign_role(made.id, "editor", key=KEY)] == [
            "entitlements/crm"
        ]

    def test_the_same_role_twice_is_one_act(self, odd_scim: OddScimServers, opened: Open) -> None:
        client = opened("plain")
        made = client.create_account(ANA, key=KEY)
        for _ in range(2):
            client.assign_role(made.id, "editor", key=KEY)
        for _ in range(2):
            client.unassign_role(made.id, "editor", key=KEY)
        assert len(asked(odd_scim, "PATCH")) == 2


class TestLists:
    @pytest.mark.parametrize("dialect", ["cursors", "pausing", "unfiltered"])
    def test_everybody_is_listed_once_also_behind_an_empty_page(
        self, odd_scim: OddScimServers, opened: Open, dialect: str
    ) -> None:
        client = opened(dialect)
        logins = [f"u{number}@acme.example" for number in range(5)]
        for login in logins:
            client.create_account(NewAccount(login=login), key=KEY)
        assert [each.login for each in client.list_accounts()] == logins
        found = client.find_account(login=logins[4])
        assert found is not None

    @pytest.mark.parametrize(
        ("dialect", "pages"),
        [
            ("cursors", [b'{"Resources": [], "nextCursor": "a"}'] * 3),
            ("cursors", [b'{"Resources": [], "totalResults": 3}']),
            ("plain", [b'{"totalResults": 4, "Resources": [{"id": "1", "userName": "a"}]}'] * 3),
            ("plain", [b'{"totalResults": 4, "Resources": []}'] * 3),
            ("plain", [b'{"totalResults": 0, "Resources": [{"id": "1", "userName": "a"}]}']),
        ],
        ids=["a cursor again", "too few", "a page again", "no end", "too many"],
    )
    def test_a_list_that_contradicts_itself_is_rejected(
        self, odd_scim: OddScimServers, opened: Open, dialect: str, pages: list[bytes]
    ) -> None:
        with FaultProxy(odd_scim.url(dialect)).running() as proxy:
            for page in pages:
                proxy.fault(Fault(kind="answer", methods=("GET",), path="/Users", body=page))
            client = opened(dialect, proxy.url)
            with pytest.raises(Rejected, match="contradicts itself") as caught:
                list(client.list_accounts())
        assert client.address in caught.value.message

    def test_a_cursor_without_end_is_rejected(
        self, odd_scim: OddScimServers, opened: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listing, "MAX_PAGES", 4)
        with FaultProxy(odd_scim.url("cursors")).running() as proxy:
            for number in range(6):
                page = b'{"Resources": [], "nextCursor": "%d"}' % number
                proxy.fault(Fault(kind="answer", methods=("GET",), path="/Users", body=page))
            with pytest.raises(Rejected, match="no end"):
                list(opened("cursors", proxy.url).list_accounts())


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b'{"Errors": {"description": "name is bad", "code": 409}}', Conflict, "name is bad"),
        (b'[{"error": {"message": "not so"}}]', Conflict, "not so"),
        (b'{"error": "nope"}', Conflict, "nope"),
        (b'{"urn:ietf:params:scim:api:messages:2.0:Error": {"detail": "d"}}', Conflict, "d"),
        (b'{"errors": [{"scimType": "noTarget", "detail": ["x"]}]}', NotFound, "noTarget"),
        (b'{"detail": {"deep": 1}, "scimType": 7}', Conflict, "7"),
        (b"[" * 5000, Conflict, "409"),
        (b"\xff\xfe", Conflict, "409"),
    ],
)
def test_errors_are_read_in_whatever_shape(
    odd_scim: OddScimServers, opened: Open, body: bytes, kind: type[ConnectorError], said: str
) -> None:
    with FaultProxy(odd_scim.url("plain")).running() as proxy:
        proxy.fault(Fault(kind="answer", methods=("POST",), status=409, body=body))
        client: Any = opened("plain", proxy.url)
        with pytest.raises(kind, match=said):
            client.create_account(ANA, key=KEY)
