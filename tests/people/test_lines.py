"""What a list says of each request: for whom somebody stands in, and for whom nobody may."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

import pytest
from sqlalchemy import select

from officeflow.database.pages import Wanted
from officeflow.database.tables import User
from officeflow.errors import AlreadyAnswered
from officeflow.people import finding, requests, shown
from officeflow.people.finding import RequestLine
from officeflow.statuses import DecisionRule
from tests.people.conftest import RUN_ID, Team

pytestmark = pytest.mark.integration

AL, BO, CY = ({"user": f"{name}@acme.example"} for name in ("al", "bo", "cy"))


def listed(team: Team, login: str = "") -> Iterable[RequestLine]:
    """All that are open, or those that the login may answer."""
    with team() as session:
        sought = finding.Sought()
        if login:
            theirs = finding.theirs(session, team.org.org_id, login, team.now.date())
            sought = finding.Sought(asked=theirs.users, answerer=theirs.user_id)
        return finding.page(session, team.org.org_id, sought, Wanted(), now=team.now).rows


def words(team: Team) -> tuple[set[str], str]:
    """Whom the one request waits for, and how far it is: those who were asked at once are in any order."""
    (line,) = listed(team)
    people, _, far = line.waits_for.partition("; ")
    return set(people.split(", ")), far


def test_a_chain_is_told_by_its_end_and_who_asks_is_shown_what_its_ends_may_answer(team: Team) -> None:
    team.delegate("al", "eve")
    team.delegate("eve", "dee")
    request = team.ask(AL, BO)
    assert words(team) == ({"dee@acme.example for al@acme.example", "bo@acme.example"}, "")
    mine = {
        name: [each.request_id for each in listed(team, name)] for name in ("al", "bo", "cy", "dee", "eve")
    }
    assert mine == {"al": [request], "bo": [request], "cy": [], "dee": [request], "eve": []}


def test_a_chain_ends_before_who_has_started_the_run(team: Team) -> None:
    team.delegate("al", "eve")
    team.delegate("eve", "sam")
    team.ask(AL)
    assert words(team) == ({"eve@acme.example for al@acme.example"}, "")
    assert not listed(team, "sam")


def test_a_stand_in_who_is_the_person_concerned_is_not_told(team: Team) -> None:
    team.delegate("al", "ana")
    team.ask(AL, BO)
    assert words(team) == ({"al@acme.example", "bo@acme.example"}, "")
    assert not listed(team, "ana")


def test_nobody_stands_in_for_who_is_found_to_be_the_person_concerned(team: Team) -> None:
    team.delegate("al", "dee")
    team.ask(AL)
    assert words(team) == ({"dee@acme.example for al@acme.example"}, "")
    team.employ("E-1", work_email="al@acme.example")
    assert words(team) == ({"al@acme.example"}, "")
    assert not listed(team, "dee")


def test_a_stand_in_who_is_no_active_user_any_more_is_not_told(team: Team) -> None:
    team.delegate("al", "eve")
    team.ask(AL)
    team.change("eve", is_active=False)
    assert words(team) == ({"al@acme.example"}, "")


def test_what_a_stand_in_has_answered_counts_and_names_both(team: Team) -> None:
    team.delegate("al", "eve")
    request = team.ask(AL, BO, CY, rule=DecisionRule.ALL)
    team.say(request, "eve")
    assert words(team) == ({"bo@acme.example", "cy@acme.example"}, "1 of 3 have said yes")
    with team() as session:
        told = shown.as_json(session, requests.find(session, request), now=team.now)
    said = {each["user"].partition("@")[0]: each["by"] for each in told["asked"]}
    assert said == {"al": "eve for al", "bo": "", "cy": ""}
    team.say(request, "bo")
    team.say(request, "cy")
    with team() as session, pytest.raises(AlreadyAnswered) as refused:
        requests.refuse_unless_open(session, requests.find(session, request))
    assert set(refused.value.by.split(", ")) == {"eve for al", "bo", "cy"}


def test_why_nobody_is_asked_is_told(team: Team) -> None:
    team.ask({"user": "sam@acme.example"})
    (line,) = listed(team)
    assert line.waits_for == "nobody, so it cannot go on: asked by name: sam@acme.example has started the run"


def test_of_what_is_over_nobody_is_told(team: Team) -> None:
    request = team.ask(AL)
    team.say(request, "al")
    with team() as session:
        sought = finding.Sought(state=None, run_id=RUN_ID)
        (line,) = finding.page(session, team.org.org_id, sought, Wanted(), now=team.now).rows
    assert (line.request_id, line.decision, line.waits_for) == (request, "Approve", "")


def test_a_login_is_found_before_an_address_and_only_of_active_users(team: Team) -> None:
    def user_of(login: str) -> uuid.UUID | None:
        with team() as session:
            return finding.theirs(session, team.org.org_id, login, team.now.date()).user_id

    with team() as session:
        al = session.scalar(select(User.user_id).where(User.email == "al@acme.example"))
    assert [user_of(each) for each in ("al", "AL@acme.example", "nobody", "")] == [al, al, None, None]
    team.change("al", is_active=False)
    assert user_of("al") is None
