"""Accounts in Okta: found, listed, created, changed, suspended, deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from officeflow.connectors.call import Call
from officeflow.connectors.families.identity import AccountChange, NewAccount
from officeflow.connectors.http import Request
from officeflow.connectors.okta.client import Okta
from officeflow.errors import InvalidInput, NotFound, Rejected
from tests.connectors.contract import KEY
from tests.connectors.okta_client import ANA, BO, OktaCase, connection, put_status
from tests.counterparts.okta import OktaServer

pytestmark = pytest.mark.integration

LIST = "/api/v1/users"
ONE = "/api/v1/users/{id}"


class TestCreating(OktaCase):
    def test_an_account_has_what_was_given_and_nothing_else(
        self, okta: Okta, okta_server: OktaServer
    ) -> None:
        account = okta.create_account(ANA, key=KEY)
        stored = okta_server.user(ANA.login)
        assert stored is not None
        assert stored["profile"] == {
            "login": ANA.login,
            "email": ANA.email,
            "firstName": "Ana",
            "lastName": "Pérez",
            "title": "Engineer",
            "department": "Engineering",
            "employeeNumber": "1001",
            "costCenter": "42",
            "preferredLanguage": "es",
        }
        assert (account.id, account.external_id, account.status, account.active) == (
            stored["id"],
            "1001",
            "ACTIVE",
            True,
        )
        assert (account.groups, account.ruled_groups) == (("Everyone",), ("Everyone",))
        assert account.created_at is not None
        assert okta_server.state("mail") == {}

    def test_one_that_is_not_active_is_staged(self, okta: Okta) -> None:
        account = okta.create_account(replace(ANA, active=False), key=KEY)
        assert (account.status, account.active) == ("STAGED", False)

    def test_okta_mails_new_people_where_the_connection_says_so(self, okta_server: OktaServer) -> None:
        okta = Okta(connection(okta_server, activation_mail="yes"), correlation_id="c-1")
        account = okta.create_account(ANA, key=KEY)
        okta.close()
        assert (account.status, account.active) == ("PROVISIONED", True)
        assert [mail["about"] for mail in okta_server.state("mail").values()] == ["activation"]

    @pytest.mark.parametrize(
        ("wrong", "named"),
        [
            (replace(ANA, attributes={"shoeSize": "44"}), "shoeSize"),
            (replace(ANA, family_name=None), "lastName"),
            (replace(ANA, given_name="A" * 300), "firstName"),
        ],
    )
    def test_what_okta_does_not_take_is_named(
        self, okta: Okta, okta_server: OktaServer, wrong: NewAccount, named: str
    ) -> None:
        with pytest.raises(Rejected, match=named) as caught:
            okta.create_account(wrong, key=KEY)
        assert not caught.value.maybe_done
        assert okta_server.user(ANA.login) is None
        okta_server.begin()  # a name that long is not as Okta's description has it

    @pytest.mark.parametrize(
        ("wrong", "named"),
        [
            (replace(ANA, attributes={"login": "x@y.example"}), "login"),
            (replace(ANA, unit="/Sales"), "units"),
        ],
    )
    def test_what_okta_has_no_place_for_is_refused_before_it_is_sent(
        self, okta: Okta, okta_server: OktaServer, wrong: NewAccount, named: str
    ) -> None:
        with okta_server.only_reads(), pytest.raises(Rejected, match=named):
            okta.create_account(wrong, key=KEY)


class TestFinding(OktaCase):
    def test_an_account_is_found_only_by_all_that_is_given(self, okta: Okta) -> None:
        created = okta.create_account(ANA, key=KEY)
        okta.create_account(BO, key=KEY)
        for wanted in ({"login": ANA.login.upper()}, {"external_id": "1001"}):
            found = okta.find_account(**wanted)
            assert found is not None
            assert found.id == created.id
        assert okta.find_account(login=ANA.login, external_id="1002") is None
        assert okta.find_account(external_id="nobody") is None
        with pytest.raises(Rejected):
            okta.find_account()

    def test_what_okta_takes_for_a_login_and_is_none_finds_nobody(
        self, okta: Okta, okta_server: OktaServer
    ) -> None:
        account = okta.create_account(ANA, key=KEY)
        for login in ("me", "ana", account.id, "", "..", "a/b@acme.example", "../users", "..\\x"):
            assert okta.find_account(login=login) is None, login
        for identity in ("me", ANA.login, "../users/me", ""):
            with pytest.raises(NotFound):
                okta.get_account(identity)
        assert okta_server.writes()[1:] == []

    def test_an_index_that_is_late_does_not_hide_a_login(self, okta: Okta, okta_server: OktaServer) -> None:
        okta_server.add_faults(
            {"hook": "lag", "method": "POST", "route": LIST, "seconds": 600, "seen_by": [f"GET {LIST}"]}
        )
        created = okta.create_account(ANA, key=KEY)
        found = okta.find_account(login=ANA.login, external_id="1001")
        assert found is not None
        assert found.id == created.id
        assert okta.find_account(external_id="1001") is None

    def test_a_filter_that_is_ignored_hands_over_nobody_else(
        self, okta: Okta, okta_server: OktaServer
    ) -> None:
        okta.create_account(ANA, key=KEY)
        body = list(okta_server.state("user").values())
        ignoring = {"hook": "answer", "method": "GET", "route": LIST, "status": 200, "body": body, "times": 3}
        okta_server.add_faults(ignoring)
        assert okta.find_account(external_id="2002") is None
        assert okta.find_accounts(email="bo@acme.example") == []
        assert okta.find_account(login="x/y@acme.example") is None

    def test_another_user_than_was_asked_for_is_not_taken(self, okta: Okta, okta_server: OktaServer) -> None:
        ana, bo = okta.create_account(ANA, key=KEY), okta.create_account(BO, key=KEY)
        body = okta_server.user(BO.login)
        okta_server.add_faults(
            {"hook": "answer", "method": "GET", "route": ONE, "status": 200, "body": body, "times": None}
        )
        assert okta.find_account(login=ANA.login) is None
        with okta_server.only_reads(), pytest.raises(NotFound):
            okta.set_active(ana.id, active=False, key=KEY)
        assert okta.get_account(bo.id).login == BO.login

    def test_a_404_that_is_not_oktas_does_not_say_that_somebody_is_not_there(
        self, okta: Okta, okta_server: OktaServer
    ) -> None:
        okta_server.add_faults(
            {"hook": "answer", "method": "GET", "route": ONE, "status": 404, "body": {"detail": "no route"}}
        )
        with pytest.raises(Rejected) as caught:
            okta.find_account(login=ANA.login)
        assert "url" in caught.value.hint

    def test_accounts_are_found_by_number_and_address_for_a_rehire(self, okta: Okta) -> None:
        okta.create_account(ANA, key=KEY)
        okta.create_account(replace(BO, email="ANA@acme.example"), key=KEY)
        assert {each.login for each in okta.find_accounts(email=ANA.email)} == {ANA.login, BO.login}
        (found,) = okta.find_accounts(employee_number="1002", email=ANA.email)
        assert found.login == BO.login

    def test_organizations_with_marks_do_not_see_each_others_people(self, okta_server: OktaServer) -> None:
        acme = Okta(connection(okta_server, mark="acme", identity="costCenter"), correlation_id="c-1")
        other = Okta(connection(okta_server, mark="other", identity="costCenter"), correlation_id="c-1")
        created = acme.create_account(replace(ANA, attributes={}), key=KEY)
        seen, found = other.get_account(created.id), other.find_account(external_id="1001")
        acme.close()
        other.close()
        assert (created.external_id, created.foreign, found) == ("1001", False, None)
        assert (seen.external_id, seen.foreign) == ("acme:1001", True)
        stored = okta_server.user(ANA.login)
        assert stored is not None
        assert stored["profile"]["costCenter"] == "acme:1001"


class TestListing(OktaCase):
    def test_a_page_that_comes_again_ends_the_list_with_an_error(
        self, okta: Okta, okta_server: OktaServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("officeflow.connectors.okta.accounts.PAGE_SIZE", "2")
        okta_server.control("POST", "people", {"count": 6})
        okta_server.add_faults(
            {"hook": "repeated_page", "method": "GET", "route": LIST, "skip": 1, "times": None}
        )
        with pytest.raises(Rejected, match="came before") as caught:
            list(okta.list_accounts())
        assert okta.address in caught.value.message


class TestChanging(OktaCase):
    def test_only_what_is_set_is_sent_and_an_empty_text_takes_away(
        self, okta: Okta, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account = okta.create_account(ANA, key=KEY)
        sent: list[Any] = []
        send = okta.http.send

        def seen(request: Request, call: Call) -> httpx.Response:
            sent.append(request.json)
            return send(request, call)

        monkeypatch.setattr(okta.http, "send", seen)
        change = AccountChange(
            title="", department="", phone="+34 600", location="Sevilla", attributes={"costCenter": ""}
        )
        changed = okta.update_account(account.id, change, key=KEY)
        assert (changed.title, changed.department, changed.phone, changed.location) == (
            None,
            None,
            "+34 600",
            "Sevilla",
        )
        assert (changed.given_name, changed.external_id) == ("Ana", "1001")
        assert changed.attributes == {"employeeNumber": "1001", "preferredLanguage": "es"}
        assert [body for body in sent if body] == [
            {
                "profile": {
                    "title": None,
                    "department": "",
                    "primaryPhone": "+34 600",
                    "city": "Sevilla",
                    "costCenter": None,
                }
            }
        ]

    def test_a_deactivated_account_is_not_changed(self, okta: Okta, okta_server: OktaServer) -> None:
        account = okta.create_account(ANA, key=KEY)
        put_status(okta_server, "DEPROVISIONED")
        with okta_server.only_reads(), pytest.raises(Rejected, match="deactivated"):
            okta.update_account(account.id, AccountChange(title="x"), key=KEY)

    def test_another_login_takes_the_place_of_the_old_one(self, okta: Okta) -> None:
        account = okta.create_account(ANA, key=KEY)
        renamed = okta.rename_account(account.id, "Ana.Perez@acme.example", keep_old=True, key=KEY)
        assert (renamed.login.casefold(), renamed.email) == ("ana.perez@acme.example", ANA.email)
        assert okta.find_account(login=ANA.login) is None
        with pytest.raises(Rejected):
            okta.rename_account(account.id, "no-address", keep_old=False, key=KEY)

    def test_a_manager_is_set_and_taken_away_and_never_in_a_circle(
        self, okta: Okta, okta_server: OktaServer
    ) -> None:
        ana, bo = okta.create_account(ANA, key=KEY), okta.create_account(BO, key=KEY)
        assert okta.set_manager(ana.id, bo.id, key=KEY).manager_id == bo.id
        with okta_server.only_reads():
            assert okta.set_manager(ana.id, bo.id, key=KEY).manager_id == bo.id
            for account, manager in ((bo, ana), (bo, bo)):
                with pytest.raises(Rejected, match="above itself"):
                    okta.set_manager(account.id, manager.id, key=KEY)
            for account_id, manager_id, named in (
                (ana.id, "00unobody", "manager"),
                ("00unobody", bo.id, "00u"),
            ):
                with pytest.raises(NotFound, match=named):
                    okta.set_manager(account_id, manager_id, key=KEY)
        assert okta.set_manager(ana.id, None, key=KEY).manager_id is None


@pytest.mark.parametrize("wrong", [{"identity": "login"}, {"identity": 'a" or b'}, {"mark": "a:b"}])
def test_fields_that_do_not_fit_are_refused_before_anything_is_sent(
    okta_server: OktaServer, wrong: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput):
        Okta(connection(okta_server, **wrong), correlation_id="c-1")
