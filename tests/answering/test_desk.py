"""What a login does about requests, whatever Airflow says of it; `tests/airflow` signs in for real."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from officeflow.database.tables import AuditRecord, Organization, WorkflowRun
from officeflow.errors import (
    AlreadyAnswered,
    AnswerRefused,
    ConcernedPerson,
    InvalidDelegation,
    InvalidInput,
    NotAsked,
    NotKnown,
    RequestWithdrawn,
    StarterMayNot,
)
from officeflow.people import requests
from officeflow.people.desk import Desk
from officeflow.runs import control
from officeflow.statuses import RequestKind, RunControl, RunStatus
from tests.answering.asked import CLOCK, FORM, Asked

pytestmark = pytest.mark.integration

TODAY = CLOCK.now().date()
APPROVAL = [RequestKind.APPROVAL]


def desk(asked: Asked, login: str, *, may_change: bool = False) -> Desk:
    return Desk(asked.database, CLOCK, login, lambda dag, run, task: may_change)


def test_people_see_what_they_are_asked_and_answer_it(asked: Asked) -> None:
    request_id = asked.ask("bea")
    asked.ask("cyd", node="other")
    (mine,) = desk(asked, "bea").every()
    assert (mine["org"], mine["waits_for"]) == ("acme", "bea@acme.example")
    done = desk(asked, "bea").answer(mine["request"], APPROVAL)
    assert (done["decided"], done["decision"], done["by"]) == (True, "Approve", "bea")
    assert desk(asked, "bea").every() == []
    assert desk(asked, "bea").show(str(request_id))["state"] == "DECIDED"


def test_a_second_answer_is_told_who_answered_and_when(asked: Asked) -> None:
    named = str(asked.ask("bea", "cyd"))
    desk(asked, "bea").answer(named, APPROVAL)
    for login in ("bea", "cyd"):
        with pytest.raises(AlreadyAnswered, match=r"already answered by bea at 20"):
            desk(asked, login).answer(named, APPROVAL)


def test_what_a_cancelled_run_has_asked_is_listed_no_more_and_an_answer_is_told_why(asked: Asked) -> None:
    named = str(asked.ask("bea"))
    asked.user("al", role="admin")
    with asked.database.tenant(asked.org.org_id) as session:
        run = session.get_one(WorkflowRun, asked.run_id)
        control.ask(session, run, RunControl.CANCEL, by="airflow:al", why="she does not come")
    assert desk(asked, "bea").every() == desk(asked, "al").every(everything=True) == []
    with pytest.raises(RequestWithdrawn, match=r"its run was cancelled by al at 20.*needs no answer"):
        desk(asked, "bea").answer(named, APPROVAL)
    with pytest.raises(RequestWithdrawn, match="its run was cancelled by al"):
        desk(asked, "al").reassign(named, to="al@acme.example", why="she is away")


@pytest.mark.parametrize(
    ("status", "said"),
    [(RunStatus.FAILED, "has ended, it is FAILED"), (RunStatus.RUNNING, "goes on without it")],
)
def test_why_a_run_needs_no_answer_is_told(asked: Asked, status: RunStatus, said: str) -> None:
    named = str(asked.ask("bea"))
    with asked.database.tenant(asked.org.org_id) as session:
        run = session.get_one(WorkflowRun, asked.run_id)
        run.status, run.ended_at = status, CLOCK.now()
        requests.withdraw_of_run(session, asked.run_id, "it is over", now=CLOCK.now())
    with pytest.raises(RequestWithdrawn, match=said):
        desk(asked, "bea").answer(named, APPROVAL)


@pytest.mark.parametrize(
    ("login", "error"), [("starter", StarterMayNot), ("concerned", ConcernedPerson), ("dan", NotAsked)]
)
def test_nobody_else_answers(asked: Asked, login: str, error: type[Exception]) -> None:
    named = str(asked.ask("bea"))
    asked.user(login, role="admin")
    with pytest.raises(error):
        desk(asked, login, may_change=True).answer(named, APPROVAL)


def test_another_organizations_requests_are_not_there(asked: Asked, other: Organization) -> None:
    named = str(asked.ask("bea"))
    theirs = Asked(asked.database, other, "globex__hire")
    theirs.user("gil", role="admin")
    with pytest.raises(NotKnown):
        desk(asked, "gil").show(named)
    with pytest.raises(NotKnown):
        desk(asked, "gil").answer(named, APPROVAL)
    with pytest.raises(NotKnown):
        desk(asked, "gil").reassign(named, to="gil@globex.example", why="x")
    assert desk(asked, "gil").every(everything=True) == []


def test_who_is_not_asked_and_sees_not_all_sees_nothing(asked: Asked) -> None:
    named = str(asked.ask("bea"))
    asked.user("dan")
    with pytest.raises(NotKnown):
        desk(asked, "dan").show(named)
    asked.user("aud", role="auditor")
    assert desk(asked, "aud").show(named)["subject"]
    assert len(desk(asked, "aud").every(everything=True)) == 1
    assert desk(asked, "aud").every() == []


def test_where_nobody_in_particular_is_asked_airflow_says_who_may(asked: Asked) -> None:
    named = str(asked.ask())
    with pytest.raises(NotAsked, match="may not change this run in Airflow"):
        desk(asked, "dan").answer(named, APPROVAL)
    assert desk(asked, "dan", may_change=True).answer(named, APPROVAL)["decided"]


def test_each_kind_has_its_command_and_its_answers(asked: Asked) -> None:
    form, task = (
        str(asked.ask("bea", node="f", kind=RequestKind.FORM, form=FORM)),
        str(asked.ask("bea", node="t", kind=RequestKind.TASK)),
    )
    mine = desk(asked, "bea")
    with pytest.raises(InvalidInput, match=r"this is a form \(use `approval fill`"):
        mine.answer(form, APPROVAL)
    with pytest.raises(InvalidInput, match="does not fit the form"):
        mine.answer(form, [RequestKind.FORM], values={"laptop": "huge"})
    assert mine.answer(form, [RequestKind.FORM], values={"laptop": "large", "bank": "DE1"})["decided"]
    assert mine.answer(task, [RequestKind.TASK], reason="on her desk")["decided"]
    told = mine.show(form)["asked"][0]
    assert told["values"] == {"laptop": "large", "bank": "***"}


def test_what_is_private_in_a_form_is_shown_to_nobody(asked: Asked) -> None:
    request_id = asked.ask("bea", kind=RequestKind.FORM, form=FORM)
    values = {"laptop": "small", "bank": "ES79210008"}
    desk(asked, "bea").answer(str(request_id), [RequestKind.FORM], values=values)
    shown = desk(asked, "bea").show(str(request_id))
    assert shown["asked"][0]["values"] == {"laptop": "small", "bank": "***"}
    with asked.database.tenant(asked.org.org_id) as session:
        records = [(row.subject, row.details) for row in session.scalars(select(AuditRecord))]
    assert len(records) > 1
    assert "ES79210008" not in str([shown, records])
    assert "small" not in str(records), "what was filled in is in no audit record"


@pytest.mark.parametrize("login", ["starter", "concerned"])
def test_who_may_not_answer_does_not_choose_who_does(asked: Asked, login: str) -> None:
    request_id = asked.ask("bea")
    asked.user(login, "admin")
    asked.user("friend")
    with pytest.raises(AnswerRefused, match=f"{login} may not choose who answers"):
        desk(asked, login).reassign(str(request_id), to="friend@acme.example", why="a favour")
    asked.user("dora", "operator")
    desk(asked, "dora").reassign(str(request_id), to="friend@acme.example", why="bea is ill")
    assert [seat.user_id for seat in asked.seats(request_id)][-1] == asked.user("friend").user_id


def test_ids_are_named_by_their_beginning(asked: Asked) -> None:
    request_id = str(asked.ask("bea"))
    assert desk(asked, "bea").show(request_id[:8])["request"] == request_id
    for wrong in ("abc", "x' or 1=1", "%%%%%%%"):
        with pytest.raises(InvalidInput, match="is no id of a request"):
            desk(asked, "bea").show(wrong)
    with pytest.raises(NotKnown):
        desk(asked, "bea").show("0" * 12)


def test_an_admin_or_operator_asks_somebody_else(asked: Asked) -> None:
    request_id = asked.ask("bea")
    asked.user("op", role="operator")
    for name in ("cyd", "concerned", "starter"):
        asked.user(name)
    operator = desk(asked, "op")
    with pytest.raises(ConcernedPerson):
        operator.reassign(str(request_id), to="concerned@acme.example", why="x")
    with pytest.raises(StarterMayNot):
        operator.reassign(str(request_id), to="starter@acme.example", why="x")
    with pytest.raises(NotAsked, match="may not give requests to others"):
        desk(asked, "bea").reassign(str(request_id), to="cyd@acme.example", why="x")
    with pytest.raises(InvalidInput, match="reason is empty"):
        operator.reassign(str(request_id), to="cyd@acme.example", why=" ")
    operator.reassign(
        str(request_id), to="cyd@acme.example", taken_from="bea@acme.example", why="she is away"
    )
    assert desk(asked, "bea").every() == []
    assert len(desk(asked, "cyd").every()) == 1
    assert ("airflow:op", "request.reassigned") in asked.audited()


def test_who_stands_in_sees_and_answers_in_somebodys_place(asked: Asked) -> None:
    named = str(asked.ask("bea"))
    asked.user("cyd")
    made = desk(asked, "bea").delegate(
        "", to="cyd@acme.example", starts_on=None, ends_on=TODAY, why="holiday"
    )
    assert (made["of"], made["to"]) == ("bea@acme.example", "cyd@acme.example")
    assert [each["waits_for"] for each in desk(asked, "cyd").every()] == [
        "cyd@acme.example for bea@acme.example"
    ]
    assert desk(asked, "cyd").answer(named, APPROVAL)["by"] == "cyd for bea"


def test_a_delegation_is_taken_back(asked: Asked) -> None:
    asked.ask("bea")
    asked.user("cyd")
    asked.user("dan")
    made = desk(asked, "bea").delegate("acme", to="cyd@acme.example", starts_on=None, ends_on=TODAY, why="")
    assert len(desk(asked, "cyd").delegations("")) == 1
    assert desk(asked, "dan").delegations("") == []
    with pytest.raises(NotAsked, match="only who has delegated"):
        desk(asked, "cyd").end_delegation("", made["delegation"])
    desk(asked, "bea").end_delegation("", made["delegation"])
    assert desk(asked, "cyd").every() == []


def test_delegations_that_cannot_be(asked: Asked) -> None:
    for name in ("bea", "cyd", "dan"):
        asked.user(name)
    later = TODAY + dt.timedelta(days=3)

    def give(login: str, to: str, ends_on: dt.date = TODAY, giver: str = "") -> None:
        desk(asked, login).delegate(
            "", to=f"{to}@acme.example", starts_on=None, ends_on=ends_on, why="", giver=giver
        )

    with pytest.raises(InvalidDelegation, match="cannot stand in for themselves"):
        give("bea", "bea")
    with pytest.raises(InvalidDelegation, match=r"is over|before its first"):
        give("bea", "cyd", TODAY - dt.timedelta(days=1))
    with pytest.raises(NotKnown):
        give("bea", "nobody")
    with pytest.raises(NotAsked, match="only an admin"):
        give("bea", "cyd", giver="dan@acme.example")
    give("bea", "cyd", later)
    give("cyd", "dan", later)
    with pytest.raises(InvalidDelegation, match="in a circle"):
        give("dan", "bea", later)
    with pytest.raises(NotKnown, match="is no user"):
        give("stranger", "bea")


def test_one_who_may_not_does_not_answer_by_way_of_a_delegation(asked: Asked) -> None:
    named = str(asked.ask("bea"))
    asked.user("concerned")
    desk(asked, "bea").delegate("", to="concerned@acme.example", starts_on=None, ends_on=TODAY, why="")
    with pytest.raises(ConcernedPerson):
        desk(asked, "concerned").answer(named, APPROVAL)
    assert desk(asked, "concerned").every() == []
    assert desk(asked, "bea").answer(named, APPROVAL)["decided"]
