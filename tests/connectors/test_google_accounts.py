"""Accounts of Google Workspace, from the first day to the bin and back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest

from officeflow.connectors.families.identity import AccountChange, NewAccount
from officeflow.errors import Conflict, NotFound, NothingHappened, Rejected
from tests.connectors.contract import KEY
from tests.connectors.google_connection import ANA, BO, begun, opened
from tests.counterparts.google import GoogleWorkspace

pytestmark = pytest.mark.integration

USERS = "/admin/directory/v1/users"
USER = f"{USERS}/{{userKey}}"


@pytest.fixture
def server(google_workspace: GoogleWorkspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleWorkspace]:
    with begun(google_workspace, monkeypatch) as server:
        yield server


@pytest.fixture
def client(server: GoogleWorkspace) -> Iterator[Any]:
    with opened(server) as client:
        yield client


def test_an_account_has_what_was_given_and_nothing_else(server: GoogleWorkspace, client: Any) -> None:
    account = client.create_account(ANA, key=KEY)
    read = client.get_account(account.id)
    for name in (
        "login",
        "external_id",
        "given_name",
        "family_name",
        "title",
        "department",
        "location",
        "phone",
    ):
        assert getattr(read, name) == getattr(ANA, name)
    assert read.attributes == ANA.attributes
    assert (read.employee_number, read.active, read.unit, read.status) == ("1001", True, "/", "active")
    assert read.emails == (ANA.login, ANA.email)
    stored = server.user(ANA.login) or {}
    assert stored["changePasswordAtNextLogin"]
    assert not {"recoveryEmail", "relations", "customSchemas", "ims"} & stored.keys()


def test_a_new_account_is_waited_for_until_google_shows_it(server: GoogleWorkspace) -> None:
    seen_by = [f"GET {USERS}", f"GET {USER}"]
    server.add_faults({"hook": "lag", "method": "POST", "route": USERS, "reads": 3, "seen_by": seen_by})
    with opened(server, settle="20") as client:
        account = client.create_account(ANA, key=KEY)
        assert client.get_account(account.id).login == ANA.login
    assert len(server.writes()) == 1


def test_without_both_names_nothing_is_sent(server: GoogleWorkspace, client: Any) -> None:
    with pytest.raises(Rejected, match="a given name and a family name"):
        client.create_account(NewAccount(login="x@acme.example", given_name="Madonna"), key=KEY)
    assert server.writes() == []


def test_an_account_is_found_only_by_all_that_is_given(client: Any) -> None:
    client.create_account(ANA, key=KEY)
    assert client.find_account(login=ANA.login.upper(), external_id="1001").login == ANA.login
    assert client.find_account(external_id="1001").login == ANA.login
    assert client.find_account(login=ANA.login, external_id="1002") is None
    assert client.find_account(external_id="100") is None
    with pytest.raises(Rejected):
        client.find_account()


def test_an_alias_is_no_login_but_an_address(client: Any) -> None:
    ana = client.create_account(ANA, key=KEY)
    client.add_alias(ana.id, "a.p@acme.example", key=KEY)
    assert client.find_account(login="a.p@acme.example") is None
    assert [each.id for each in client.find_accounts(email="A.P@acme.example")] == [ana.id]
    assert [each.id for each in client.find_accounts(employee_number="1001")] == [ana.id]
    assert client.find_accounts(employee_number="1001", email="bo@acme.example") == []


def test_what_no_address_can_hold_is_rejected(server: GoogleWorkspace, client: Any) -> None:
    for text in ("\ud800", "x" * 5000):
        with pytest.raises(Rejected):
            client.find_account(external_id=text)
        with pytest.raises(Rejected):
            client.find_account(login=f"{text}@acme.example")
    assert server.requests() == []


def test_a_login_that_differs_in_an_accent_is_another_one(client: Any) -> None:
    client.create_account(ANA, key=KEY)
    assert client.find_account(login="aná@acme.example") is None
    with pytest.raises(Rejected):
        client.create_account(dataclasses.replace(ANA, login="aná@acme.example"), key=KEY)


def test_organizations_in_one_directory_are_kept_apart_by_their_mark(server: GoogleWorkspace) -> None:
    with opened(server, mark="acme") as acme, opened(server, mark="other") as other:
        ana = acme.create_account(ANA, key=KEY)
        assert ana.external_id == "1001"
        assert other.find_account(external_id="1001") is None
        seen = other.get_account(ana.id)
        assert (seen.external_id, seen.foreign) == ("acme:1001", True)


def test_another_place_for_identities(server: GoogleWorkspace) -> None:
    fields = [
        {"fieldName": "number", "displayName": "Number", "fieldType": "STRING"},
        {"fieldName": "remote", "displayName": "Remote", "fieldType": "BOOL"},
    ]
    with server.client() as direct:
        made = direct.post(
            "/admin/directory/v1/customer/my_customer/schemas",
            json={"schemaName": "HR", "displayName": "HR", "fields": fields},
        )
        assert made.is_success
    with opened(server, identity="HR.number") as client:
        ana = client.create_account(dataclasses.replace(ANA, attributes={"HR.remote": "true"}), key=KEY)
        assert client.find_account(external_id="1001").id == ana.id
        assert (ana.external_id, ana.employee_number) == ("1001", None)
        assert ana.attributes == {"HR.number": "1001", "HR.remote": "true"}
        changed = client.update_account(
            ana.id, AccountChange(external_id="2002", attributes={"HR.remote": ""}), key=KEY
        )
        assert changed.attributes == {"HR.number": "2002"}
        with pytest.raises(Rejected, match="BOOL"):
            client.update_account(ana.id, AccountChange(attributes={"HR.remote": "maybe"}), key=KEY)
    assert (server.user(ANA.login) or {})["customSchemas"]["HR"] == {"number": "2002"}


def test_half_a_character_of_one_user_makes_no_page_unreadable(server: GoogleWorkspace, client: Any) -> None:
    odd = {
        "id": "1",
        "primaryEmail": "odd@acme.example",
        "name": {"givenName": "a\ud800", "familyName": "Odd"},
        "phones": [{"type": "work", "value": "\ud800"}],
    }
    page = json.dumps({"users": [odd, {"id": "2", "primaryEmail": "bo@acme.example"}]})
    server.add_faults({"hook": "answer", "method": "GET", "route": USERS, "status": 200, "body": page})
    listed = {each.login: each.family_name for each in client.list_accounts()}
    assert listed == {"odd@acme.example": "Odd", "bo@acme.example": None}


def test_a_page_that_comes_again_is_rejected(server: GoogleWorkspace, client: Any) -> None:
    server.add_faults({"hook": "repeated_page", "method": "GET", "route": USERS, "times": None})
    with pytest.raises(Rejected, match="circle"):
        list(client.list_accounts())


def test_only_what_changes_is_sent_and_the_rest_stays(server: GoogleWorkspace, client: Any) -> None:
    ana = client.create_account(ANA, key=KEY)
    change = AccountChange(title="Lead", phone="", external_id="3003", attributes={"costCenter": ""})
    read = client.update_account(ana.id, change, key=KEY)
    assert (read.title, read.phone, read.external_id) == ("Lead", None, "3003")
    assert (read.department, read.location, read.given_name) == (ANA.department, ANA.location, "Ana")
    assert read.attributes == {"mobile": "+351 91 000"}
    assert read.emails == (ANA.login, ANA.email)
    writes = len(server.writes())
    assert client.update_account(ana.id, AccountChange(), key=KEY) == client.get_account(ana.id)
    assert len(server.writes()) == writes


def test_an_attribute_that_there_is_not_is_named_before_anything_is_sent(
    server: GoogleWorkspace, client: Any
) -> None:
    for name in ("shoeSize", "No.such", "a.b.c", "."):
        with pytest.raises(Rejected, match="has no attribute"):
            client.create_account(dataclasses.replace(ANA, attributes={name: "43"}), key=KEY)
    assert server.writes() == []


@pytest.mark.parametrize("keep_old", [True, False])
def test_a_renamed_account_keeps_its_old_login_where_that_is_wanted(
    server: GoogleWorkspace, client: Any, keep_old: bool
) -> None:
    ana = client.create_account(ANA, key=KEY)
    renamed = client.rename_account(ana.id, "Anna@acme.example", keep_old=keep_old, key=KEY)
    assert (renamed.id, renamed.login) == (ana.id, "anna@acme.example")
    assert renamed.aliases == ((ANA.login,) if keep_old else ())
    assert (server.user(ANA.login) is not None) is keep_old
    bo = client.create_account(BO, key=KEY)
    with pytest.raises(Conflict) as caught:
        client.rename_account(bo.id, "anna@acme.example", keep_old=True, key=KEY)
    assert not caught.value.maybe_done


def test_suspending_closes_the_door_and_opens_it_again(server: GoogleWorkspace, client: Any) -> None:
    ana = client.create_account(ANA, key=KEY)
    assert client.set_active(ana.id, active=False, key=KEY).status == "suspended"
    assert not server.can_sign_in(ANA.login)
    assert client.set_active(ana.id, active=True, key=KEY).active
    assert server.can_sign_in(ANA.login)


@pytest.mark.parametrize(
    ("method", "act"),
    [
        ("PUT", lambda client, ana: client.set_active(ana.id, active=False, key=KEY)),
        ("PUT", lambda client, ana: client.update_account(ana.id, AccountChange(title="Lead"), key=KEY)),
        ("PUT", lambda client, ana: client.move_account(ana.id, "/Staff", key=KEY)),
        ("PUT", lambda client, ana: client.rename_account(ana.id, "x@acme.example", keep_old=True, key=KEY)),
        ("DELETE", lambda client, ana: client.delete_account(ana.id, key=KEY)),
    ],
    ids=["suspend", "update", "move", "rename", "delete"],
)
def test_a_yes_without_an_effect_is_found_out(
    server: GoogleWorkspace, client: Any, method: str, act: Any
) -> None:
    ana = client.create_account(ANA, key=KEY)
    server.add_faults({"hook": "nothing", "method": method, "route": USER})
    with pytest.raises(NothingHappened) as caught:
        act(client, ana)
    assert caught.value.taken
    assert len(server.writes()) == 2


def test_a_manager_and_nobody_again(server: GoogleWorkspace, client: Any) -> None:
    ana, bo = client.create_account(ANA, key=KEY), client.create_account(BO, key=KEY)
    assert client.set_manager(ana.id, bo.id, key=KEY).manager_id == bo.id
    assert client.set_manager(bo.id, ana.id, key=KEY).manager_id == ana.id  # in a circle
    managers = {each.login: each.manager_id for each in client.list_accounts()}
    assert managers == {ANA.login: bo.id, BO.login: ana.id, server.admin: None}
    assert client.set_manager(ana.id, None, key=KEY).manager_id is None
    with pytest.raises(NotFound, match="there is no account 12345"):
        client.set_manager(ana.id, "12345", key=KEY)


def test_moving_into_a_unit_by_its_path(client: Any) -> None:
    ana = client.create_account(dataclasses.replace(ANA, unit="/Staff"), key=KEY)
    assert ana.unit == "/Staff"
    assert client.move_account(ana.id, "/former STAFF", key=KEY).unit == "/Former staff"
    assert client.move_account(ana.id, "/", key=KEY).unit == "/"
    assert client.find_unit("former staff/") == "/Former staff"
    for unit in ("/Nowhere", "/Staff?x=1", "/Staff#a", "/Staff%2F"):
        assert client.find_unit(unit) is None
    with pytest.raises(NotFound, match="/Nowhere"):
        client.move_account(ana.id, "/Nowhere", key=KEY)


def test_aliases_come_and_go(client: Any) -> None:
    ana, bo = client.create_account(ANA, key=KEY), client.create_account(BO, key=KEY)
    assert client.add_alias(ana.id, "ap@acme.test", key=KEY).aliases == ("ap@acme.test",)
    assert client.add_alias(ana.id, "AP@acme.test", key=KEY).aliases == ("ap@acme.test",)
    with pytest.raises(Conflict):
        client.add_alias(bo.id, "ap@acme.test", key=KEY)
    assert client.remove_alias(bo.id, "ap@acme.test", key=KEY).aliases == ()
    assert client.remove_alias(ana.id, "ap@acme.test", key=KEY).aliases == ()


def test_a_deleted_account_comes_back_with_its_id_and_unit(server: GoogleWorkspace, client: Any) -> None:
    ana = client.create_account(dataclasses.replace(ANA, unit="/Staff"), key=KEY)
    client.delete_account(ana.id, key=KEY)
    assert client.find_account(login=ANA.login) is None
    for gone in (client.delete_account, client.restore_account):
        with pytest.raises(NotFound):
            gone("1" if gone == client.restore_account else ana.id, key=KEY)
    (found,) = client.find_deleted(external_id="1001")
    assert (found.id, found.active, found.deleted_at is not None) == (ana.id, False, True)
    assert client.find_deleted(login=BO.login) == []
    back = client.restore_account(ana.id, key=KEY)
    assert (back.id, back.login, back.unit, back.active) == (ana.id, ANA.login, "/Staff", True)


def test_a_deleted_account_whose_login_is_taken_again_stays_deleted(
    server: GoogleWorkspace, client: Any
) -> None:
    first = client.create_account(ANA, key=KEY)
    client.delete_account(first.id, key=KEY)
    client.create_account(ANA, key=KEY)
    writes = len(server.writes())
    with pytest.raises(Conflict, match="taken again"):
        client.restore_account(first.id, key=KEY)
    assert len(server.writes()) == writes


def test_an_address_is_never_taken_for_an_id(server: GoogleWorkspace, client: Any) -> None:
    client.create_account(ANA, key=KEY)
    writes = len(server.writes())
    for name in (ANA.login, "", " "):
        with pytest.raises(NotFound):
            client.delete_account(name, key=KEY)
    assert len(server.writes()) == writes
