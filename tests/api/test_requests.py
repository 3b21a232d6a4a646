"""Approvals through the API: by the rules of the desk, as the person who has signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.rights.permissions import Role
from officeflow.statuses import RequestState
from tests.api.conftest import Airflow
from tests.people.conftest import APPROVE, REJECT, Team, team

__all__ = ["team"]
pytestmark = pytest.mark.integration
REQUESTS = "/organizations/acme/requests"
AL, BO = {"user": "al@acme.example"}, {"user": "bo@acme.example"}
As = Callable[[str], dict[str, str]]


@pytest.fixture
def signed(airflow: Airflow) -> As:
    """The header of one of the team."""
    return lambda login: {"Authorization": f"Bearer {airflow.sign_in(login)}"}


@pytest.fixture
def now_is_real(team: Team) -> Team:
    import datetime as dt

    team.now = dt.datetime.now(dt.UTC)
    return team


def ids(client: TestClient, header: dict[str, str], query: str = "") -> list[str]:
    answer = client.get(f"{REQUESTS}{query}", headers=header)
    assert answer.status_code == 200, answer.json()
    return [each["request_id"] for each in answer.json()["items"]]


def test_each_sees_what_they_are_asked(anybody: TestClient, now_is_real: Team, signed: As) -> None:
    team = now_is_real
    mine, theirs = str(team.ask(AL)), str(team.ask(BO, attempt=2))
    assert ids(anybody, signed("al")) == [mine]
    assert ids(anybody, signed("al"), "?of=all") == [mine, theirs]
    assert ids(anybody, signed("eve"), "?of=all") == []
    assert ids(anybody, signed("dee"), "?of=all&sort=newest") == [theirs, mine]
    line = anybody.get(REQUESTS, headers=signed("al")).json()["items"][0]
    assert (line["waits_for"], line["kind"]) == ("al@acme.example", "approval")
    assert line["airflow"].endswith("/required_actions")


def test_who_stands_in_sees_it_too(anybody: TestClient, now_is_real: Team, signed: As) -> None:
    team = now_is_real
    request = str(team.ask(AL))
    first, last = str(team.now.date()), str(team.now.date())
    team.delegate("al", "cy", first, last)
    assert ids(anybody, signed("cy")) == [request]


def test_pages(anybody: TestClient, now_is_real: Team, signed: As) -> None:
    team = now_is_real
    asked = [str(team.ask(AL, attempt=number)) for number in (1, 2, 3)]
    first = anybody.get(f"{REQUESTS}?limit=2", headers=signed("al")).json()
    rest = anybody.get(REQUESTS, params={"limit": 2, "cursor": first["next"]}, headers=signed("al")).json()
    assert sorted(each["request_id"] for each in first["items"] + rest["items"]) == sorted(asked)
    assert rest["next"] is None


def test_a_request_is_answered_once(anybody: TestClient, now_is_real: Team, signed: As) -> None:
    team = now_is_real
    request = team.ask(AL, BO)
    answer = anybody.post(f"{REQUESTS}/{request}/answer", json={"choice": APPROVE}, headers=signed("al"))
    assert (answer.status_code, answer.json()["decided"]) == (200, True)
    again = anybody.post(f"{REQUESTS}/{request}/answer", json={"choice": APPROVE}, headers=signed("bo"))
    assert (again.status_code, again.json()["code"]) == (409, "already_answered")
    told = anybody.get(f"{REQUESTS}/{request}", headers=signed("al")).json()
    said = {each["user"]: (each["door"], each["choice"]) for each in told["asked"]}
    assert (told["state"], said["al@acme.example"]) == ("DECIDED", ("api", APPROVE))
    assert ids(anybody, signed("al")) == []
    assert ids(anybody, signed("al"), "?state=DECIDED") == [str(request)]


@pytest.mark.parametrize(
    ("login", "status", "code"),
    [
        ("cy", 403, "not_asked"),
        ("ana", 403, "concerned_person"),
    ],
)
def test_who_is_not_asked_does_not_answer(
    anybody: TestClient, now_is_real: Team, signed: As, login: str, status: int, code: str
) -> None:
    request = now_is_real.ask(AL)
    body = {"choice": APPROVE}
    answer = anybody.post(f"{REQUESTS}/{request}/answer", json=body, headers=signed(login))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert now_is_real.request(request).state == RequestState.OPEN


def test_a_program_is_no_person(anybody: TestClient, now_is_real: Team, program: Callable[..., str]) -> None:
    request = now_is_real.ask(AL)
    header = {"Authorization": f"Bearer {program(Role.ADMIN)}"}
    answer = anybody.post(f"{REQUESTS}/{request}/answer", json={"choice": APPROVE}, headers=header)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_asked")


def test_a_no_needs_its_reason(anybody: TestClient, now_is_real: Team, signed: As) -> None:
    request = now_is_real.ask(AL, reasons=(REJECT,))
    address = f"{REQUESTS}/{request}/answer"
    answer = anybody.post(address, json={"choice": REJECT}, headers=signed("al"))
    assert (answer.status_code, answer.json()["code"]) == (422, "reason_missing")
    body = {"choice": REJECT, "reason": "no desk"}
    assert anybody.post(address, json=body, headers=signed("al")).json()["decision"] == REJECT


def test_it_is_given_to_somebody_else(anybody: TestClient, now_is_real: Team, signed: As) -> None:
    request = now_is_real.ask(AL)
    body = {"to": "cy@acme.example", "taken_from": "al@acme.example", "why": "al is ill"}
    refused = anybody.post(f"{REQUESTS}/{request}/reassign", json=body, headers=signed("eve"))
    assert (refused.status_code, refused.json()["permission"]) == (403, "request.answer")
    done = anybody.post(f"{REQUESTS}/{request}/reassign", json=body, headers=signed("dee"))
    assert (done.status_code, done.json()["to"]) == (200, "cy@acme.example")
    assert now_is_real.asked(request) == ["cy"]


def test_another_organizations_request_is_not_there(
    anybody: TestClient,
    now_is_real: Team,
    signed: As,
    database: Database,
    other: Organization,
    platform_admin: dict[str, str],
) -> None:
    request = now_is_real.ask(AL)
    address = f"/organizations/globex/requests/{request}"
    assert anybody.get(address, headers=platform_admin).status_code == 404
    answer = anybody.post(f"{address}/answer", json={"choice": APPROVE}, headers=platform_admin)
    assert answer.status_code == 404
    assert anybody.get(f"{REQUESTS}/{request}", headers=platform_admin).status_code == 200
    assert anybody.get(f"{REQUESTS}/{request}", headers=signed("eve")).status_code == 404


class TestDelegations:
    def test_made_shown_and_taken_back(self, anybody: TestClient, now_is_real: Team, signed: As) -> None:
        day = str(now_is_real.now.date())
        body = {"to": "bo@acme.example", "last_day": day, "why": "holidays"}
        address = "/organizations/acme/delegations"
        made = anybody.post(address, json=body, headers=signed("al"))
        assert made.status_code == 201, made.json()
        told = made.json()
        assert (told["giver"], told["taker"], told["first_day"]) == (
            "al@acme.example",
            "bo@acme.example",
            day,
        )
        one = f"{address}/{told['delegation']}"
        assert made.headers["location"].endswith(one)
        assert anybody.get(one, headers=signed("al")).json() == told
        listed = anybody.get(address, headers=signed("dee")).json()["items"]
        assert [each["delegation"] for each in listed] == [told["delegation"]]
        assert anybody.delete(one, headers=signed("cy")).status_code == 403
        assert anybody.delete(one, headers=signed("al")).json()["ended_at"] is not None
        assert anybody.get(one, headers=signed("al")).status_code == 404

    def test_for_others_an_admin_alone(self, anybody: TestClient, now_is_real: Team, signed: As) -> None:
        day = str(now_is_real.now.date())
        body = {"to": "bo@acme.example", "giver": "al@acme.example", "last_day": day}
        address = "/organizations/acme/delegations"
        assert anybody.post(address, json=body, headers=signed("cy")).status_code == 403
        assert anybody.post(address, json=body, headers=signed("dee")).status_code == 201
