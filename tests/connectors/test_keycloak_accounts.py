"""The Keycloak connector against a real Keycloak: accounts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from officeflow.connectors.families.identity import AccountChange, NewAccount
from officeflow.connectors.keycloak.client import KeycloakProvider
from officeflow.errors import (
    Conflict,
    ConnectorError,
    InvalidInput,
    NotFound,
    NothingHappened,
    Rejected,
    Transient,
    Unauthorized,
)
from tests.connectors.contract import KEY
from tests.connectors.http_faults import Fault, FaultProxy
from tests.connectors.keycloak_realm import ANA, REALM, bearer, opened, otherwise, profile
from tests.counterparts.keycloak import KeycloakServer

pytestmark = pytest.mark.integration


@pytest.fixture
def client(keycloak_server: KeycloakServer) -> Iterator[KeycloakProvider]:
    with opened(keycloak_server) as client:
        yield client


@pytest.fixture
def proxy(keycloak_server: KeycloakServer) -> Iterator[FaultProxy]:
    with FaultProxy(keycloak_server.url).running() as proxy:
        yield proxy


def test_an_account_has_what_was_given_and_nothing_else(
    keycloak_server: KeycloakServer, client: KeycloakProvider
) -> None:
    account = client.create_account(ANA, key=KEY)
    assert (account.login, account.external_id, account.employee_number) == (
        "ana@acme.example",
        "1001",
        "1001",
    )
    assert (account.email, account.department, account.active, account.locked) == (
        "ana@acme.example",
        "Engineering",
        True,
        False,
    )
    assert account.created_at is not None
    assert account.attributes == {"costCenter": "77", "emailVerified": "false"}
    stored = keycloak_server.user("ana@acme.example")
    assert stored is not None
    assert stored["attributes"] == {
        "employeeNumber": ["1001"],
        "department": ["Engineering"],
        "costCenter": ["77"],
    }


def test_an_account_is_found_by_all_that_is_given_whatever_the_case_of_its_login(
    client: KeycloakProvider,
) -> None:
    account = client.create_account(ANA, key=KEY)
    for wanted in ({"login": "ANA@acme.EXAMPLE", "external_id": "1001"}, {"external_id": "1001"}):
        found = client.find_account(**wanted)
        assert found == account
    assert client.find_account(login=ANA.login, external_id="1002") is None
    assert client.find_account(external_id="nobody") is None
    assert [each.id for each in client.find_accounts(email="ANA@ACME.EXAMPLE")] == [account.id]
    assert [each.id for each in client.find_accounts(employee_number="1001")] == [account.id]
    assert client.find_accounts(employee_number="1001", email="else@acme.example") == []
    with pytest.raises(Rejected):
        client.find_account()


def test_an_identity_of_another_organization_is_foreign(
    keycloak_server: KeycloakServer, client: KeycloakProvider
) -> None:
    client.create_account(NewAccount(login="ana1", external_id="1001"), key=KEY)
    with opened(keycloak_server, mark="acme") as marked:
        assert marked.find_account(external_id="1001") is None
        assert marked.create_account(replace(ANA, login="ana3"), key=KEY).external_id == "1001"
        found, other = marked.find_account(external_id="1001"), marked.find_account(login="ana1")
        assert found is not None
        assert other is not None
        assert (found.login, found.foreign, other.foreign) == ("ana3", False, True)


HOSTILE = ('x" "username":"bea', "*", "50%_", "it's (&|!)", "ñandú🎉", "a b", "two\nlines", "A B")


def test_an_identity_of_any_signs_is_found(client: KeycloakProvider) -> None:
    client.create_account(NewAccount(login="bea", external_id="7"), key=KEY)
    for number, hostile in enumerate(HOSTILE):
        client.create_account(NewAccount(login=f"user{number}", external_id=hostile), key=KEY)
    for number, hostile in enumerate(HOSTILE):
        found = client.find_account(external_id=hostile)
        assert found is not None, hostile
        assert found.login == f"user{number}"


def test_a_login_of_any_signs_is_found_and_one_that_is_too_long_is_refused(client: KeycloakProvider) -> None:
    for hostile in ("***", "o'brien", 'x"&exact=false', "ana?first=0", "rtl\u202eabc", "../../clients"):
        created = client.create_account(NewAccount(login=hostile), key=KEY)
        found = client.find_account(login=hostile)
        assert found is not None
        assert found.id == created.id
    with pytest.raises(Rejected, match="username: error-invalid-length") as caught:
        client.create_account(NewAccount(login="x" * 300), key=KEY)
    assert not caught.value.maybe_done
    for strange in ("..", "a/../b", "", "a?b#c"):
        with pytest.raises(ConnectorError):
            client.get_account(strange)


FRESH: dict[str, Any] = {
    "username": {"username-prohibited-characters": {}, "up-username-not-idn-homograph": {}},
    "firstName": {"person-name-prohibited-characters": {}},
    "lastName": {"person-name-prohibited-characters": {}},
}
"""What a realm that nobody has changed wants of names."""


def test_a_name_that_a_fresh_realm_does_not_take_is_refused_by_its_code(
    keycloak_server: KeycloakServer, client: KeycloakProvider
) -> None:
    with keycloak_server.operator() as operator:
        told = operator.get(f"{REALM}/users/profile").raise_for_status().json()["attributes"]
    stricter = [
        {**each, "validations": {**each.get("validations", {}), **FRESH.get(each["name"], {})}}
        for each in told
    ]
    strange: list[dict[str, Any]] = [{"login": "a<b"}, {"given_name": "Ana <3"}, {"family_name": "a#b"}]
    with profile(keycloak_server, attributes=stricter):
        for change in strange:
            with pytest.raises(Rejected, match=r": error-[a-z-]*character") as caught:
                client.create_account(replace(ANA, **change), key=KEY)
            assert not caught.value.maybe_done
        account = client.create_account(replace(ANA, given_name="Zoë-Ann", family_name="O'Brien"), key=KEY)
        assert (account.given_name, account.family_name) == ("Zoë-Ann", "O'Brien")
        with pytest.raises(Rejected, match="lastName: error"):
            client.update_account(account.id, AccountChange(family_name="a#b"), key=KEY)


def test_a_change_leaves_all_else_as_it_is(keycloak_server: KeycloakServer, client: KeycloakProvider) -> None:
    account = client.create_account(ANA, key=KEY)
    before = keycloak_server.user("ana@acme.example")
    change = AccountChange(department="", title="Lead", attributes={"requiredActions": "VERIFY_EMAIL"})
    after = client.update_account(account.id, change, key=KEY)
    assert (after.department, after.title, after.attributes["requiredActions"]) == (
        None,
        "Lead",
        "VERIFY_EMAIL",
    )
    assert before is not None
    assert keycloak_server.user("ana@acme.example") == before | {
        "attributes": {"employeeNumber": ["1001"], "costCenter": ["77"], "title": ["Lead"]},
        "requiredActions": ["VERIFY_EMAIL"],
    }
    writes = keycloak_server.writes()
    assert client.update_account(account.id, change, key=KEY).title == "Lead"
    assert client.update_account(account.id, AccountChange(email="ANA@acme.example"), key=KEY) == after
    assert keycloak_server.writes() == writes, "what is so already is not written"
    assert client.update_account(account.id, AccountChange(given_name="Anna"), key=KEY).given_name == "Anna"
    assert json.loads(keycloak_server.writes()[-1]["representation"]) == {"firstName": "Anna"}
    with pytest.raises(Rejected, match="required action"):
        client.update_account(account.id, AccountChange(attributes={"requiredActions": "DANCE"}), key=KEY)


def test_an_attribute_that_the_realm_would_drop_is_refused_before_anything_is_sent(
    keycloak_server: KeycloakServer, client: KeycloakProvider
) -> None:
    """As in a realm that nobody has changed: Keycloak answers 201 or 204, and keeps none of them. Those
    that are there already it hides, and searches.
    """
    account = client.create_account(ANA, key=KEY)
    with profile(keycloak_server, unmanagedAttributePolicy=None):
        with pytest.raises(Rejected, match="no employeeNumber") as caught:
            client.create_account(NewAccount(login="bea", external_id="7"), key=KEY)
        assert "User profile" in caught.value.hint
        assert client.find_account(login="bea") is None
        with pytest.raises(Rejected, match="no title"):
            client.update_account(account.id, AccountChange(title="Lead"), key=KEY)
        assert (
            client.update_account(account.id, AccountChange(given_name="Anna"), key=KEY).given_name == "Anna"
        )
        with pytest.raises(Rejected, match="shows no employeeNumber"):
            client.find_account(external_id="1001")
        standing = client.standing()
        assert "employeeNumber" in standing.notes[0]
        assert "manager" in str(standing.lacks)


def test_a_server_that_changes_something_else_is_found_out(
    keycloak_server: KeycloakServer, client: KeycloakProvider, proxy: FaultProxy
) -> None:
    account = client.create_account(ANA, key=KEY)
    center = re.compile(rb'(?<="costCenter":\[)"[^"]*"')
    after = Fault(
        kind="rewrite", methods=("GET",), path=account.id, skip=1, change=lambda b: center.sub(b'"other"', b)
    )
    with opened(keycloak_server, url=proxy.url) as through:
        proxy.fault(after)
        with pytest.raises(NothingHappened, match="costCenter") as caught:
            through.update_account(account.id, AccountChange(given_name="Anna"), key=KEY)
    assert caught.value.maybe_done


def test_an_account_is_renamed_where_the_realm_lets_it(
    keycloak_server: KeycloakServer, client: KeycloakProvider
) -> None:
    account = client.create_account(ANA, key=KEY)
    renamed = client.rename_account(account.id, "Anna", keep_old=True, key=KEY)
    assert renamed == replace(account, login="anna")
    with otherwise(keycloak_server, editUsernameAllowed=False):
        with pytest.raises(Rejected, match="nobody change a login"):
            client.rename_account(account.id, "other", keep_old=False, key=KEY)
        assert client.update_account(account.id, AccountChange(title="Lead"), key=KEY).title == "Lead"


def twice(body: bytes) -> bytes:
    """The one account of a list, and another one just like it."""
    (one,) = json.loads(body)
    return json.dumps([one, {**one, "id": "another"}]).encode()


def test_a_person_found_twice_is_a_conflict_and_one_that_was_not_asked_for_is_not_taken(
    keycloak_server: KeycloakServer, client: KeycloakProvider, proxy: FaultProxy
) -> None:
    account = client.create_account(ANA, key=KEY)
    other = client.create_account(NewAccount(login="aña@acme.example"), key=KEY)
    assert client.find_account(login="aña@acme.example") == other
    with opened(keycloak_server, url=proxy.url) as through:
        proxy.fault(Fault(kind="rewrite", methods=("GET",), path="/users?", change=twice))
        with pytest.raises(Conflict, match="2 accounts"):
            through.find_account(login=ANA.login)
        everybody = proxy.forward("GET", f"{REALM}/users", bearer(keycloak_server), b"").content
        proxy.fault(Fault(kind="answer", methods=("GET",), path="/users?", body=everybody, times=2))
        assert through.find_account(login="nobody") is None, "the search was ignored"
        assert through.find_accounts(email="nobody@acme.example") == []
        one, another = account.id.encode(), other.id.encode()
        swap = Fault(
            kind="rewrite", methods=("GET",), path=account.id, change=lambda b: b.replace(one, another)
        )
        proxy.fault(swap)
        with pytest.raises(Transient, match="contradicts itself"):
            through.get_account(account.id)


def test_a_manager_is_an_account_that_is_there(client: KeycloakProvider) -> None:
    account = client.create_account(ANA, key=KEY)
    boss = client.create_account(NewAccount(login="boss"), key=KEY)
    assert client.set_manager(account.id, boss.id, key=KEY).manager_id == boss.id
    assert client.set_manager(account.id, None, key=KEY) == account
    with pytest.raises(NotFound, match="manager"):
        client.set_manager(account.id, "nobody", key=KEY)


def test_an_account_is_suspended_and_deleted(
    keycloak_server: KeycloakServer, client: KeycloakProvider, proxy: FaultProxy
) -> None:
    account = client.create_account(ANA, key=KEY)
    assert client.set_active(account.id, active=False, key=KEY) == replace(account, active=False)
    assert client.set_active(account.id, active=True, key=KEY) == account
    proxy.fault(Fault(kind="answer", methods=("DELETE",), status=204))
    with opened(keycloak_server, url=proxy.url) as through, pytest.raises(NothingHappened, match="is still"):
        through.delete_account(account.id, key=KEY)
    client.delete_account(account.id, key=KEY)
    assert keycloak_server.users() == []


def test_who_may_not_see_people_is_told_so_and_not_that_there_are_none(
    keycloak_server: KeycloakServer, client: KeycloakProvider, proxy: FaultProxy
) -> None:
    """With `query-users` alone Keycloak answers 200 and an empty list."""
    client.create_account(ANA, key=KEY)
    with otherwise(keycloak_server) as operator:
        weak = {
            "clientId": "weak",
            "secret": "weak-secret",
            "serviceAccountsEnabled": True,
            "publicClient": False,
        }
        place = operator.post("/admin/realms/acme/clients", json=weak).raise_for_status().headers["Location"]
        account = operator.get(f"{place}/service-account-user").json()["id"]
        (manager,) = operator.get(
            "/admin/realms/acme/clients", params={"clientId": "realm-management"}
        ).json()
        role = operator.get(f"/admin/realms/acme/clients/{manager['id']}/roles/query-users").json()
        mapping = f"/admin/realms/acme/users/{account}/role-mappings/clients/{manager['id']}"
        operator.post(mapping, json=[role]).raise_for_status()
        with opened(keycloak_server, client_id="weak", password="weak-secret") as blind:
            for look in (
                lambda: blind.find_account(login=ANA.login),
                lambda: blind.find_accounts(email=ANA.email),
                lambda: list(blind.list_accounts()),
            ):
                with pytest.raises(Unauthorized, match="view-users"):
                    look()
            standing = blind.standing()
            assert standing.who == "service-account-weak of the realm acme"
            assert not standing.may
            assert "manage-users" in str(standing.lacks)
        operator.delete(place)


def test_a_realm_that_is_not_there_is_no_account_that_is_gone(keycloak_server: KeycloakServer) -> None:
    """Or else a deletion at a wrong address would be taken for done."""
    operator = {
        "client_realm": "master",
        "client_id": "operator",
        "password": keycloak_server.operator_secret(),
    }
    with opened(keycloak_server, realm="acmé", **operator) as lost, pytest.raises(Rejected, match="no realm"):
        lost.delete_account("somebody", key=KEY)
    with opened(keycloak_server, **operator) as of_master:
        assert "acme" in of_master.check()
        assert of_master.standing().lacks == {}
    with opened(keycloak_server, realm="nowhere") as nowhere, pytest.raises(Rejected):
        nowhere.check()


def test_a_connection_has_a_secret_or_a_key(keycloak_server: KeycloakServer) -> None:
    for wrong in ({"password": None}, {"private_key": "-----BEGIN"}):
        with pytest.raises(InvalidInput, match="client_secret"), opened(keycloak_server, **wrong):
            pass
