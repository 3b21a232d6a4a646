"""How people sign in to Okta: passwords, temporary ones, sessions, tokens and factors."""

from __future__ import annotations

from typing import Any

import pytest

from officeflow.connectors.families.identity import Account
from officeflow.connectors.okta.client import Okta
from officeflow.errors import NotFound, NothingHappened, Rejected
from tests.connectors.contract import KEY
from tests.connectors.okta_client import ANA, OktaCase, put_status
from tests.counterparts.okta import OktaServer

pytestmark = pytest.mark.integration

ONE = "/api/v1/users/{id}"
OF_ONE = "/api/v1/users/{userId}"
PASSWORD = "Correct-horse-7-battery"


class WithAna(OktaCase):
    @pytest.fixture
    def ana(self, okta: Okta) -> Account:
        return okta.create_account(ANA, key=KEY)


def signs_in(server: OktaServer, password: str) -> bool:
    answer = server.control("POST", "sign_in", {"login": ANA.login, "password": password})
    return bool(answer["signed_in"])


class TestPasswords(WithAna):
    def test_a_password_lets_its_person_in(self, okta: Okta, okta_server: OktaServer, ana: Account) -> None:
        assert okta.set_password(ana.id, PASSWORD, must_change=False, key=KEY).status == "ACTIVE"
        assert signs_in(okta_server, PASSWORD)
        assert not signs_in(okta_server, f"{PASSWORD}x")

    def test_one_that_must_be_changed_is_expired(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        changed = okta.set_password(ana.id, PASSWORD, must_change=True, key=KEY)
        assert (changed.status, changed.active) == ("PASSWORD_EXPIRED", True)
        assert signs_in(okta_server, PASSWORD)

    def test_a_password_that_is_refused_is_in_no_error(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        body = {
            "errorCode": "E0000001",
            "errorSummary": "weak: hunter2",
            "errorCauses": [{"errorSummary": "hunter2"}],
        }
        okta_server.add_faults(
            {"hook": "answer", "method": "POST", "route": ONE, "status": 400, "body": body}
        )
        for _ in range(2):
            with pytest.raises(Rejected, match="E0000001") as caught:
                okta.set_password(ana.id, "hunter2", must_change=False, key=KEY)
            assert not caught.value.maybe_done
            assert (
                "hunter2"
                not in f"{caught.value!r} {caught.value} {caught.value.hint} {caught.value.__cause__!r}"
            )

    def test_a_password_that_did_not_change_is_found_out(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        okta_server.add_faults({"hook": "nothing", "method": "POST", "route": ONE})
        with pytest.raises(NothingHappened) as caught:
            okta.set_password(ana.id, PASSWORD, must_change=False, key=KEY)
        assert caught.value.taken
        assert PASSWORD not in str(caught.value)

    @pytest.mark.parametrize("status", ["STAGED", "SUSPENDED", "DEPROVISIONED"])
    def test_no_closed_account_is_opened_by_a_password(
        self, okta: Okta, okta_server: OktaServer, ana: Account, status: str
    ) -> None:
        put_status(okta_server, status)
        with okta_server.only_reads():
            with pytest.raises(Rejected):
                okta.set_password(ana.id, PASSWORD, must_change=True, key=KEY)
            with pytest.raises(Rejected):
                okta.give_temporary_access(ana.id, minutes=60, once=True, key=KEY)


class TestTemporaryAccess(WithAna):
    def test_a_temporary_password_ends_the_one_before(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        okta.set_password(ana.id, PASSWORD, must_change=False, key=KEY)
        given = okta.give_temporary_access(ana.id, minutes=60, once=True, key=KEY)
        assert (given.kind, given.until, given.once) == ("password", None, True)
        assert given.secret not in repr(given)
        assert signs_in(okta_server, given.secret)
        assert not signs_in(okta_server, PASSWORD)
        again = okta.give_temporary_access(ana.id, minutes=60, once=True, key=KEY)
        assert not signs_in(okta_server, given.secret)
        assert signs_in(okta_server, again.secret)

    def test_one_for_several_sign_ins_is_refused(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        with okta_server.only_reads(), pytest.raises(Rejected):
            okta.give_temporary_access(ana.id, minutes=60, once=False, key=KEY)

    def test_a_yes_without_a_password_or_an_effect_is_found_out(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        route = f"{ONE}/lifecycle/expire_password_with_temp_password"
        okta_server.add_faults(
            {"hook": "nothing", "method": "POST", "route": route},
            {"hook": "act_then_answer", "method": "POST", "route": route, "status": 200, "body": {}},
        )
        for kind in (NothingHappened, Rejected):
            with pytest.raises(kind) as caught:
                okta.give_temporary_access(ana.id, minutes=60, once=True, key=KEY)
            assert caught.value.taken


def sign_in(server: OktaServer, **more: Any) -> None:
    assert server.control("POST", "sign_in", {"login": ANA.login, **more})["signed_in"]


class TestSessions(WithAna):
    def test_sessions_tokens_and_grants_end(self, okta: Okta, okta_server: OktaServer, ana: Account) -> None:
        assert okta.sessions_of(ana.id) is None
        sign_in(okta_server, client_id="0oa1mail")
        sign_in(okta_server, client_id="0oa2wiki")
        told = okta.sessions_of(ana.id)
        assert told is not None
        assert {each.kind for each in told} == {"token"}
        assert {"0oa1mail", "0oa2wiki"} <= {each.name for each in told}
        assert len(told) == 4
        assert "4 tokens and grants" in okta.end_sessions(ana.id, key=KEY)
        assert okta.sessions_of(ana.id) is None
        for kind in ("session", "refreshToken", "grant"):
            assert okta_server.state(kind) == {}

    def test_tokens_that_are_left_are_found_out(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        sign_in(okta_server)
        okta_server.add_faults(
            {"hook": "nothing", "method": "DELETE", "route": f"{OF_ONE}/sessions"},
            {"hook": "nothing", "method": "DELETE", "route": f"{OF_ONE}/grants"},
        )
        with pytest.raises(NothingHappened, match="0oa1mail") as caught:
            okta.end_sessions(ana.id, key=KEY)
        assert caught.value.taken

    def test_nobodys_sessions_are_not_found(self, okta: Okta, okta_server: OktaServer) -> None:
        with okta_server.only_reads():
            for identity in ("00unobody", "me"):
                with pytest.raises(NotFound):
                    okta.end_sessions(identity, key=KEY)


def enrol(server: OktaServer, account_id: str, kind: str, **profile: str) -> None:
    with server.client() as client:
        body = {"factorType": kind, "provider": "OKTA", "profile": profile}
        client.post(f"/api/v1/users/{account_id}/factors", json=body).raise_for_status()


class TestFactors(WithAna):
    def test_all_factors_are_taken_away(self, okta: Okta, okta_server: OktaServer, ana: Account) -> None:
        with okta_server.only_reads():
            assert okta.reset_factors(ana.id, key=KEY) == []
        enrol(okta_server, ana.id, "sms", phoneNumber="+34600600600")
        enrol(okta_server, ana.id, "token:software:totp")
        assert {each.kind for each in okta.factors_of(ana.id)} == {"sms", "token:software:totp"}
        assert {each.kind for each in okta.reset_factors(ana.id, key=KEY)} == {"sms", "token:software:totp"}
        assert okta.factors_of(ana.id) == []

    @pytest.mark.parametrize("stays", [True, False])
    def test_whether_the_factor_that_comes_from_the_address_stays_is_read_back(
        self, okta: Okta, okta_server: OktaServer, ana: Account, *, stays: bool
    ) -> None:
        enrol(okta_server, ana.id, "email", email="ana@acme.example")
        assert [each.may_stay for each in okta.factors_of(ana.id)] == [True]
        if stays:
            route = f"{ONE}/lifecycle/reset_factors"
            okta_server.add_faults({"hook": "nothing", "method": "POST", "route": route})
        gone = [each.kind for each in okta.reset_factors(ana.id, key=KEY)]
        assert gone == ([] if stays else ["email"])
        assert [each.kind for each in okta.factors_of(ana.id)] == (["email"] if stays else [])

    def test_factors_that_are_left_are_found_out(
        self, okta: Okta, okta_server: OktaServer, ana: Account
    ) -> None:
        enrol(okta_server, ana.id, "sms", phoneNumber="+34600600600")
        route = f"{ONE}/lifecycle/reset_factors"
        okta_server.add_faults({"hook": "nothing", "method": "POST", "route": route})
        with pytest.raises(NothingHappened, match="sms"):
            okta.reset_factors(ana.id, key=KEY)
