"""Groups, roles and licences of Google Workspace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from officeflow.connectors.families.identity import Entitlement
from officeflow.errors import Conflict, InvalidInput, NotFound, NothingHappened, Rejected
from tests.connectors.contract import KEY
from tests.connectors.google_connection import ANA, BO, begun, opened
from tests.counterparts.google import GoogleWorkspace

pytestmark = pytest.mark.integration

GROUPS = "/admin/directory/v1/groups"
HELP_DESK = "_HELP_DESK_ADMIN_ROLE"
STANDARD = "Google Workspace Business Standard"


@pytest.fixture
def server(google_workspace: GoogleWorkspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleWorkspace]:
    with begun(google_workspace, monkeypatch) as server:
        yield server


@pytest.fixture
def client(server: GoogleWorkspace) -> Iterator[Any]:
    with opened(server) as client:
        yield client


def add_group(server: GoogleWorkspace, address: str, name: str, *members: str) -> None:
    with server.client() as direct:
        made = direct.post(GROUPS, json={"email": address, "name": name})
        assert made.is_success
        for member in members:
            assert direct.post(f"{GROUPS}/{address}/members", json={"email": member}).is_success


def test_an_account_is_in_exactly_the_groups_that_are_named(server: GoogleWorkspace, client: Any) -> None:
    ana = client.create_account(ANA, key=KEY)
    assert client.set_groups(ana.id, ["staff", "Sales"], key=KEY).groups == ("Sales", "Staff")
    assert client.set_groups(ana.id, ["Staff", "Engineering"], key=KEY).groups == ("Engineering", "Staff")
    assert server.groups_of(ANA.login) == {"Engineering", "Staff"}
    assert client.get_account(ana.id).groups == ("Engineering", "Staff")
    writes = len(server.writes())
    client.set_groups(ana.id, ["Engineering", "STAFF"], key=KEY)
    assert len(server.writes()) == writes
    assert client.remove_groups(ana.id, ["staff", "Sales", "None such"], key=KEY).groups == ("Engineering",)
    assert client.set_groups(ana.id, [], key=KEY).groups == ()
    client.set_groups(ana.id, ["Sales"], key=KEY)
    assert client.add_groups(ana.id, ["SALES", "Staff"], key=KEY).groups == ("Sales", "Staff")


def test_a_group_that_there_is_not_is_named_and_nothing_is_done(server: GoogleWorkspace, client: Any) -> None:
    ana = client.create_account(ANA, key=KEY)
    for name in ("None such", "", "Staff' email:*", "\\"):
        with pytest.raises(NotFound) as caught:
            client.set_groups(ana.id, ["Staff", name], key=KEY)
        assert repr(name) in caught.value.message
    assert server.groups_of(ANA.login) == set()


def test_two_groups_of_one_name_are_a_conflict(server: GoogleWorkspace, client: Any) -> None:
    add_group(server, "quotes@acme.example", "O'Neill \\ & Söhne 😀")
    add_group(server, "twins1@acme.example", "Twins")
    add_group(server, "twins2@acme.example", "Twins")
    add_group(server, "case@acme.example", "twins")
    assert [group.name for group in client.find_groups(["O'Neill \\ & Söhne 😀", "Ghosts", "twins"])] == [
        "O'Neill \\ & Söhne 😀",
        "twins",
    ]
    with pytest.raises(Conflict, match="2 groups"):
        client.find_groups(["Twins"])


def test_membership_by_way_of_another_group_is_not_the_accounts_own(
    server: GoogleWorkspace, client: Any
) -> None:
    ana = client.create_account(ANA, key=KEY)
    client.set_groups(ana.id, ["Sales"], key=KEY)
    add_group(server, "all@acme.example", "All", "sales@acme.example")
    assert client.get_account(ana.id).groups == ("Sales",)
    assert client.remove_groups(ana.id, ["All"], key=KEY).groups == ("Sales",)


@pytest.mark.parametrize(
    ("method", "route"),
    [("POST", f"{GROUPS}/{{groupKey}}/members"), ("DELETE", f"{GROUPS}/{{groupKey}}/members/{{memberKey}}")],
)
def test_a_membership_that_did_not_change_is_found_out(
    server: GoogleWorkspace, client: Any, method: str, route: str
) -> None:
    ana = client.create_account(ANA, key=KEY)
    client.set_groups(ana.id, ["Sales"], key=KEY)
    server.add_faults({"hook": "nothing", "method": method, "route": route})
    with pytest.raises(NothingHappened):
        client.set_groups(ana.id, ["Staff"], key=KEY)


def test_a_group_of_five_thousand_takes_and_loses_one(server: GoogleWorkspace, client: Any) -> None:
    ana = client.create_account(ANA, key=KEY)
    server.control("POST", "crowd", {"count": 5000, "group": "staff@acme.example"})
    assert client.set_groups(ana.id, ["Staff"], key=KEY).groups == ("Staff",)
    assert client.set_groups(ana.id, [], key=KEY).groups == ()
    reads = [each for each in server.requests() if each["path"].endswith("/members")]
    assert len(reads) == 1


def test_roles_are_assigned_everywhere_or_in_a_unit(server: GoogleWorkspace, client: Any) -> None:
    ana = client.create_account(ANA, key=KEY)
    everywhere = client.find_role(HELP_DESK.lower())
    assert everywhere == Entitlement(id=everywhere.id, name=HELP_DESK)
    assert client.find_role(everywhere.id) == everywhere
    assert client.find_role("No such") is None
    assert client.assign_role(ana.id, HELP_DESK, key=KEY) == [everywhere]
    writes = len(server.writes())
    assert client.assign_role(ana.id, everywhere.id, key=KEY) == [everywhere]
    assert len(server.writes()) == writes
    within = Entitlement(id=everywhere.id, name=f"/Staff/{HELP_DESK}")
    assert client.assign_role(ana.id, f"/staff/{HELP_DESK}", key=KEY) == [everywhere, within]
    assert client.unassign_role(ana.id, HELP_DESK, key=KEY) == [within]
    assert client.unassign_role(ana.id, HELP_DESK, key=KEY) == [within]
    assert client.roles_of(ana.id) == [within]
    for role in ("No such", f"/Nowhere/{HELP_DESK}"):
        with pytest.raises(NotFound, match=role):
            client.assign_role(ana.id, role, key=KEY)


def test_a_role_that_a_group_gives_cannot_be_taken_from_the_account(
    server: GoogleWorkspace, client: Any
) -> None:
    ana = client.create_account(ANA, key=KEY)
    add_group(server, "desk@acme.example", "Desk", ANA.login)
    role = client.find_role(HELP_DESK)
    with server.client() as direct:
        group = direct.get(f"{GROUPS}/desk@acme.example").json()["id"]
        body = {"roleId": role.id, "assignedTo": group, "scopeType": "CUSTOMER"}
        made = direct.post("/admin/directory/v1/customer/my_customer/roleassignments", json=body)
        assert made.is_success
    assert client.roles_of(ana.id) == [Entitlement(id=role.id, name=HELP_DESK, by_group="Desk")]
    with pytest.raises(Rejected, match="Desk"):
        client.unassign_role(ana.id, HELP_DESK, key=KEY)


def test_licences_by_name_sku_or_path(server: GoogleWorkspace, client: Any) -> None:
    ana = client.create_account(ANA, key=KEY)
    vault = Entitlement(id="Google-Vault/Google-Vault", name="Google Vault")
    standard = Entitlement(id="Google-Apps/1010020028", name=STANDARD)
    assert client.licences_of(ana.id) == []
    assert client.assign_licence(ana.id, STANDARD.lower(), key=KEY) == [standard]
    assert client.assign_licence(ana.id, "Google-Vault/Google-Vault", key=KEY) == [standard, vault]
    writes = len(server.writes())
    assert client.assign_licence(ana.id, "1010020028", key=KEY) == [standard, vault]
    assert len(server.writes()) == writes
    assert client.unassign_licence(ana.id, "1010020028", key=KEY) == [vault]
    assert client.unassign_licence(ana.id, "1010020028", key=KEY) == [vault]
    assert client.find_licence(STANDARD).licence == standard
    assert client.find_licence(STANDARD).free is None
    assert client.find_licence("Google-Apps/0000") is None
    with pytest.raises(NotFound, match="Wave"):
        client.assign_licence(ana.id, "Wave", key=KEY)


def test_a_licence_without_a_seat_left_or_beside_another_of_its_product_is_rejected(
    server: GoogleWorkspace, client: Any
) -> None:
    ana, bo = client.create_account(ANA, key=KEY), client.create_account(BO, key=KEY)
    server.control("POST", "seats", {"1010020028": 1})
    client.assign_licence(ana.id, STANDARD, key=KEY)
    with pytest.raises(Rejected) as caught:
        client.assign_licence(bo.id, STANDARD, key=KEY)
    assert caught.value.status == 412
    assert "seat" in caught.value.hint
    with pytest.raises(Rejected, match=STANDARD):
        client.assign_licence(ana.id, "Google Workspace Business Plus", key=KEY)


def test_without_a_list_of_licences_all_that_are_known_are_asked_for(server: GoogleWorkspace) -> None:
    with opened(server, licences="") as client:
        ana = client.create_account(ANA, key=KEY)
        client.assign_licence(ana.id, "Google Workspace Business Plus", key=KEY)
        (found,) = client.licences_of(ana.id)
        assert found.name == "Google Workspace Business Plus"


def test_a_licence_that_is_none_is_refused_with_the_connection(server: GoogleWorkspace) -> None:
    with pytest.raises(InvalidInput, match="Wave"), opened(server, licences="Google Vault, Wave"):
        pass
