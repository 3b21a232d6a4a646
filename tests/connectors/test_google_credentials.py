"""How people get in at Google Workspace, and what happens to what they own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from officeflow.errors import NotFound, NothingHappened, Rejected
from tests.connectors.contract import KEY
from tests.connectors.google_connection import ANA, BO, begun, opened
from tests.counterparts.google import GoogleWorkspace

pytestmark = pytest.mark.integration

USER = "/admin/directory/v1/users/{userKey}"
PASSWORD = "Corr3ct-horse battery"
APPLICATION = {"clientId": "calendar.apps.example", "displayText": "Calendar", "scopes": []}


@pytest.fixture
def server(google_workspace: GoogleWorkspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleWorkspace]:
    with begun(google_workspace, monkeypatch) as server:
        yield server


@pytest.fixture
def client(server: GoogleWorkspace) -> Iterator[Any]:
    with opened(server) as client:
        yield client


def test_a_password_lets_its_person_in_and_is_to_be_changed(server: GoogleWorkspace, client: Any) -> None:
    ana = client.create_account(ANA, key=KEY)
    for must_change in (True, False):
        client.set_password(ana.id, PASSWORD, must_change=must_change, key=KEY)
        assert server.can_sign_in(ANA.login, PASSWORD)
        assert (server.user(ANA.login) or {})["changePasswordAtNextLogin"] is must_change
    assert client.password_rules().shortest <= len(PASSWORD)


def test_a_password_that_google_refuses_is_in_no_error(
    server: GoogleWorkspace, client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    ana = client.create_account(ANA, key=KEY)
    said = {"error": {"code": 400, "message": f"{PASSWORD} is bad", "errors": [{"reason": "invalid"}]}}
    server.add_faults({"hook": "answer", "method": "PUT", "route": USER, "status": 400, "body": said})
    with pytest.raises(Rejected, match=r"\*\*\* is bad") as caught:
        client.set_password(ana.id, PASSWORD, must_change=True, key=KEY)
    with pytest.raises(Rejected):
        client.set_password(ana.id, "short", must_change=True, key=KEY)
    assert PASSWORD not in f"{caught.value!r}{caught.value.hint}{caplog.text}"
    for secret in (server.key["private_key"], server.key["private_key"].splitlines()[3]):
        assert secret not in f"{client.__dict__}{caplog.text}"


def test_everything_that_lets_in_is_ended(server: GoogleWorkspace, client: Any) -> None:
    ana = client.create_account(ANA, key=KEY)
    assert client.sessions_of(ana.id) is None, "sessions in browsers are not listed"
    assert server.can_sign_in(ANA.login)
    server.control(
        "POST",
        "let_in",
        {
            "user": ana.id,
            "tokens": [APPLICATION, {**APPLICATION, "clientId": "b.example", "displayText": "Notes"}],
            "asps": [{"name": "old phone"}],
        },
    )
    kinds = [(each.kind, each.name) for each in client.sessions_of(ana.id)]
    assert kinds == [("token", "Calendar"), ("token", "Notes"), ("app_password", "old phone")]
    said = client.end_sessions(ana.id, key=KEY)
    assert said == "signed out everywhere; 2 tokens and 1 application password revoked, none is left"
    assert client.sessions_of(ana.id) is None
    assert server.state("sessions")[ana.id]["open"] == 0
    assert "0 tokens" in client.end_sessions(ana.id, key=KEY)


def test_a_token_that_stays_is_found_out(server: GoogleWorkspace, client: Any) -> None:
    ana = client.create_account(ANA, key=KEY)
    server.control("POST", "let_in", {"user": ana.id, "tokens": [APPLICATION]})
    server.add_faults({"hook": "nothing", "method": "DELETE", "route": f"{USER}/tokens/{{clientId}}"})
    with pytest.raises(NothingHappened, match="token Calendar") as caught:
        client.end_sessions(ana.id, key=KEY)
    assert caught.value.taken


def test_two_step_verification_is_turned_off_with_its_codes(server: GoogleWorkspace, client: Any) -> None:
    ana = client.create_account(ANA, key=KEY)
    assert client.reset_factors(ana.id, key=KEY) == []
    server.control("POST", "let_in", {"user": ana.id, "isEnrolledIn2Sv": True})
    with server.client() as direct:
        generated = f"/admin/directory/v1/users/{ana.id}/verificationCodes"
        assert direct.post(f"{generated}/generate").is_success
        codes = [each["verificationCode"] for each in direct.get(generated).json()["items"]]
    factors = client.factors_of(ana.id)
    assert [each.kind for each in factors] == ["2-step verification", "backup codes"]
    assert not any(code in repr(factors) for code in codes)
    assert client.reset_factors(ana.id, key=KEY) == factors
    assert client.factors_of(ana.id) == []
    assert server.state("verificationCodes") == {}


def test_what_an_account_owns_is_handed_over(server: GoogleWorkspace, client: Any) -> None:
    ana, bo = client.create_account(ANA, key=KEY), client.create_account(BO, key=KEY)
    assert client.find_transfers(ana.id, bo.id) == []
    begun_one = client.begin_transfer(ana.id, bo.id, ["drive and docs"], key=KEY)
    assert begun_one.state == "running"
    (stored,) = server.state("transfers").values()
    (part,) = stored["applicationDataTransfers"]
    assert part["applicationTransferParams"] == [{"key": "PRIVACY_LEVEL", "value": ["SHARED", "PRIVATE"]}]
    assert [each.id for each in client.find_transfers(ana.id, bo.id)] == [begun_one.id]
    assert client.find_transfers(bo.id, ana.id) == []
    client.get_transfer(begun_one.id)
    ended = client.get_transfer(begun_one.id)
    assert (ended.state, ended.told) == ("done", "Drive and Docs: completed")
    everything = client.begin_transfer(ana.id, bo.id, [], key=KEY)
    assert everything.told.count(":") == 3
    with pytest.raises(NotFound, match="Wave"):
        client.begin_transfer(ana.id, bo.id, ["Wave"], key=KEY)
    with pytest.raises(NotFound, match="12345"):
        client.begin_transfer(ana.id, "12345", [], key=KEY)
    with pytest.raises(NotFound):
        client.get_transfer("none")


def test_a_transfer_fails_where_its_heir_goes(client: Any) -> None:
    ana, bo = client.create_account(ANA, key=KEY), client.create_account(BO, key=KEY)
    begun_one = client.begin_transfer(ana.id, bo.id, ["Calendar"], key=KEY)
    client.delete_account(bo.id, key=KEY)
    client.get_transfer(begun_one.id)
    assert client.get_transfer(begun_one.id).state == "failed"
