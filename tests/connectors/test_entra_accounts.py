"""Accounts of a tenant: found, listed, created, changed, and their lives."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from officeflow.connectors.families.identity import AccountChange, NewAccount
from officeflow.errors import NothingHappened, Rejected, Transient
from tests.connectors.contract import KEY
from tests.connectors.entra import ANA, NOBODY, opened
from tests.counterparts.entra import CLIENT, EntraServer, fixed, login

pytestmark = pytest.mark.integration
EXTENSION = f"extension_{CLIENT.replace('-', '')}_employeeNumber"


@pytest.fixture
def client(entra_server: EntraServer) -> Iterator[Any]:
    with opened(entra_server) as client:
        yield client
    assert entra_server.problems() == []


def further(*cases: Any) -> list[Any]:
    return [pytest.param(each, marks=pytest.mark.long) for each in cases]


def extension(server: EntraServer) -> None:
    with server.client() as graph:
        body = {"name": "employeeNumber", "dataType": "String", "targetObjects": ["User"]}
        path = f"/applications/{fixed('OfficeFlow application')}/extensionProperties"
        assert graph.post(path, json=body).json()["name"] == EXTENSION


def synchronize(server: EntraServer, identity: str) -> None:
    server.control("POST", "synchronize", {"id": identity})


class TestCreating:
    def test_an_account_has_what_was_given_and_what_entra_demands(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        made = client.create_account(ANA, key=KEY)
        stored = entra_server.user(ANA.login) or {}
        assert (made.id, made.login, made.external_id, made.active) == (stored["id"], ANA.login, "1001", True)
        assert (made.display_name, made.location, made.phone) == ("Ana Pérez", "Hall 3", "+49 30 1234")
        assert dict(made.attributes) == {
            "employeeId": "1001", "extensionAttribute3": "blue", "mailNickname": "ana", "usageLocation": "DE",
            "userType": "Member",
        }  # fmt: skip
        assert "city" not in stored
        assert stored["passwordProfile"]["forceChangePasswordNextSignIn"] is True

    def test_one_that_is_seen_late_is_waited_for(self, entra_server: EntraServer) -> None:
        entra_server.add_faults({"hook": "lag", "method": "POST", "route": "/v1.0/users", "reads": 2})
        with opened(entra_server, settle=5) as client:
            assert client.create_account(ANA, key=KEY).login == ANA.login
        assert len([each for each in entra_server.writes() if each["method"] == "POST"]) == 1

    def test_replicas_that_know_it_at_different_times_are_waited_for(self, entra_server: EntraServer) -> None:
        """The user is there, its groups are asked of a replica that does not know it; then a write is."""
        late = {"hook": "answer", "status": 404}
        entra_server.add_faults(
            {**late, "method": "GET", "route": "/v1.0/users/{id}/memberOf"},
            {**late, "method": "PATCH", "route": "/v1.0/users/{id}", "times": 2},
        )
        with opened(entra_server, settle=5) as client:
            made = client.create_account(ANA, key=KEY)
            assert client.set_active(made.id, active=False, key=KEY).active is False
        assert [each["status"] for each in entra_server.writes()] == [201, 404, 404, 204]

    def test_one_that_is_never_seen_is_not_made_again_by_itself(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        entra_server.add_faults({"hook": "lag", "method": "POST", "route": "/v1.0/users", "reads": 1000})
        with pytest.raises(NothingHappened) as caught:
            client.create_account(ANA, key=KEY)
        assert caught.value.taken

    def test_a_name_of_one_word_or_of_signs_is_taken_as_it_is(self, client: Any) -> None:
        for number, name in enumerate(["Plato", "O'Brien", "مريم", "Zoë 🎉", "ب" * 256]):
            made = client.create_account(NewAccount(login=login(f"p{number}"), display_name=name), key=KEY)
            assert made.display_name == name

    def test_what_entra_has_not_is_named_before_anything_is_sent(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        for account, word in (
            (NewAccount(login=login("a"), attributes={"shoe": "44"}), "shoe"),
            (NewAccount(login=login("a"), unit="/Sales"), "units"),
            (NewAccount(login=login("a"), external_id="1" * 17), "employeeId"),
        ):
            with pytest.raises(Rejected, match=word):
                client.create_account(account, key=KEY)
        assert entra_server.writes() == []


class TestFinding:
    def test_an_apostrophe_is_found_again(self, client: Any) -> None:
        made = client.create_account(NewAccount(login=login("o'brien"), external_id="o'1"), key=KEY)
        assert client.find_account(login=login("O'BRIEN"), external_id="o'1").id == made.id

    def test_an_account_is_found_only_by_all_that_is_given(self, client: Any) -> None:
        client.create_account(ANA, key=KEY)
        assert client.find_account(login=ANA.login.upper(), external_id="1001").login == ANA.login
        assert client.find_account(login=ANA.login, external_id="1002") is None
        with pytest.raises(Rejected):
            client.find_account()

    @pytest.mark.parametrize("identity", ["extensionAttribute7", EXTENSION])
    def test_the_identity_may_stand_elsewhere_and_be_marked(
        self, entra_server: EntraServer, identity: str
    ) -> None:
        extension(entra_server)
        with opened(entra_server, identity=identity, mark="acme") as client:
            made = client.create_account(NewAccount(login=login("ana"), external_id="1001"), key=KEY)
            assert (made.external_id, made.attributes[identity]) == ("1001", "acme:1001")
            assert client.find_account(external_id="1001").id == made.id
            assert client.find_account(external_id="acme:1001") is None
        with opened(entra_server, identity=identity, mark="other") as client:
            assert client.get_account(made.id).foreign
            assert client.find_account(external_id="1001") is None
        assert entra_server.problems() == []

    def test_all_who_have_one_number_are_found_for_a_rehire(self, client: Any) -> None:
        for name in ("ana", "ana2"):
            client.create_account(NewAccount(login=login(name), external_id="1001"), key=KEY)
        assert len(client.find_accounts(employee_number="1001")) == 2

    def test_accounts_are_found_by_every_address(self, entra_server: EntraServer, client: Any) -> None:
        made = client.create_account(ANA, key=KEY)
        client.rename_account(made.id, login("ana.lopez"), keep_old=True, key=KEY)
        for address in (login("ana"), login("ANA.LOPEZ")):
            assert [each.id for each in client.find_accounts(email=address)] == [made.id]
        assert list(client.find_accounts()) == []


class TestListing:
    def test_a_page_that_comes_again_is_refused(self, entra_server: EntraServer, client: Any) -> None:
        client.create_account(ANA, key=KEY)
        entra_server.add_faults(
            {"hook": "repeated_page", "method": "GET", "route": "/v1.0/users", "times": None}
        )
        with pytest.raises(Rejected, match="again"):
            list(client.list_accounts())

    def test_a_page_that_lies_elsewhere_is_not_asked_for(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        body = {"value": [], "@odata.nextLink": "https://elsewhere.example/v1.0/users?$skiptoken=x"}
        entra_server.add_faults(
            {"hook": "answer", "method": "GET", "route": "/v1.0/users", "status": 200, "body": body}
        )
        with pytest.raises(Rejected, match="lies outside"):
            list(client.list_accounts())


class TestChanging:
    def test_only_what_is_to_change_is_sent(self, entra_server: EntraServer, client: Any) -> None:
        made = client.create_account(ANA, key=KEY)
        change = AccountChange(title="", phone="", department="Sales", attributes={"city": "Berlin"})
        changed = client.update_account(made.id, change, key=KEY)
        stored = entra_server.user(ANA.login) or {}
        assert (changed.title, changed.phone, changed.department) == (None, None, "Sales")
        assert (stored["jobTitle"], stored["businessPhones"], stored["givenName"]) == (None, [], "Ana")
        assert changed.groups == ("Berlin",)
        assert changed.ruled_groups == ("Berlin",)

    def test_extensions_of_the_directory_and_of_exchange_are_written(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        extension(entra_server)
        made = client.create_account(ANA, key=KEY)
        change = AccountChange(attributes={EXTENSION: "77", "extensionAttribute1": "red", "employeeId": "5"})
        client.update_account(made.id, change, key=KEY)
        with opened(entra_server, extensions=EXTENSION) as reading:
            attributes = reading.get_account(made.id).attributes
        assert (attributes[EXTENSION], attributes["employeeId"]) == ("77", "5")
        assert (attributes["extensionAttribute1"], attributes["extensionAttribute3"]) == ("red", "blue")

    def test_a_change_that_is_there_already_is_not_sent(self, entra_server: EntraServer, client: Any) -> None:
        made = client.create_account(ANA, key=KEY)
        before = len(entra_server.writes())
        client.update_account(made.id, AccountChange(title="Engineer"), key=KEY)
        client.set_active(made.id, active=True, key=KEY)
        assert len(entra_server.writes()) == before

    def test_a_patch_that_is_ignored_is_found_out_field_by_field(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        made = client.create_account(ANA, key=KEY)
        entra_server.add_faults({"hook": "nothing", "method": "PATCH", "route": "/v1.0/users/{id}"})
        with pytest.raises(NothingHappened, match="jobTitle") as caught:
            client.update_account(made.id, AccountChange(title="Chief"), key=KEY)
        assert caught.value.taken

    def test_what_is_synchronized_is_refused_by_name_and_the_rest_written(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        made = client.create_account(ANA, key=KEY)
        synchronize(entra_server, made.id)
        assert client.get_account(made.id).mastered_elsewhere
        before = len(entra_server.writes())
        acts: list[Callable[[], Any]] = [
            lambda: client.update_account(made.id, AccountChange(title="Chief"), key=KEY),
            lambda: client.set_active(made.id, active=False, key=KEY),
            lambda: client.rename_account(made.id, login("b"), keep_old=True, key=KEY),
            lambda: client.delete_account(made.id, key=KEY),
            lambda: client.set_password(made.id, "Str0ng-and-long!", must_change=True, key=KEY),
        ]
        for act in acts:
            with pytest.raises(Rejected, match="synchronized"):
                act()
        assert len(entra_server.writes()) == before
        change = AccountChange(attributes={"usageLocation": "FR"})
        assert client.update_account(made.id, change, key=KEY).attributes["usageLocation"] == "FR"


class TestAnswersThatLie:
    def test_somebody_else_than_was_asked_for_is_nobody(self, entra_server: EntraServer, client: Any) -> None:
        made = client.create_account(ANA, key=KEY)
        somebody = {"id": str(uuid.uuid4()), "userPrincipalName": login("eve"), "accountEnabled": True}
        route = {"hook": "answer", "method": "GET", "status": 200}
        entra_server.add_faults(
            {**route, "route": "/v1.0/users/{id}", "body": somebody},
            {**route, "route": "/v1.0/users", "body": {"value": [somebody]}, "times": 2},
        )
        with pytest.raises(Transient, match="contradicts"):
            client.get_account(made.id)
        assert client.find_account(login=ANA.login) is None
        assert list(client.find_accounts(employee_number="1001")) == []

    @pytest.mark.parametrize(
        "body",
        [
            {"value": [{"id": NOBODY}]}, {},
            *further({"value": "none"}, [], {"value": [{"id": ""}]}),
        ],
    )  # fmt: skip
    def test_what_identifies_is_read_strictly(
        self, entra_server: EntraServer, client: Any, body: Any
    ) -> None:
        entra_server.add_faults(
            {"hook": "answer", "method": "GET", "route": "/v1.0/users", "status": 200, "body": body}
        )
        with pytest.raises(Rejected, match="did not answer"):
            list(client.list_accounts())

    def test_what_describes_is_read_leniently(self, entra_server: EntraServer, client: Any) -> None:
        odd = {
            "id": NOBODY, "userPrincipalName": "a@x", "accountEnabled": "False", "businessPhones": {},
            "createdDateTime": "yesterday", "proxyAddresses": [1], "employeeId": 7, "manager": "me",
        }  # fmt: skip
        entra_server.add_faults(
            {
                "hook": "answer",
                "method": "GET",
                "route": "/v1.0/users",
                "status": 200,
                "body": {"value": [odd]},
            }
        )
        [account] = client.list_accounts()
        assert (account.active, account.external_id, account.created_at) == (False, "7", None)
