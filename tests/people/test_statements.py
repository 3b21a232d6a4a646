"""A page takes as many statements however many requests, seats, delegations and waiting runs it has."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, update
from sqlalchemy.orm import Session

from officeflow.database.pages import Wanted
from officeflow.database.tables import NodeRun, WorkflowRun
from officeflow.ids import new_id
from officeflow.people import answers, delegations, finding, holding, requests, shown
from officeflow.people.desk import Desk
from officeflow.runs import finding as runs
from officeflow.runs import store, waits
from officeflow.sdk import Effect, Question
from officeflow.statuses import ActStatus, DecisionRule, RequestKind, ShownRunStatus
from officeflow.tenants import employees, users
from tests.people.conftest import APPROVE, REJECT, Team

pytestmark = pytest.mark.integration

FEW, MANY = 3, 30
PAGE = Wanted(limit=100)


@contextmanager
def statements(team: Team) -> Iterator[list[str]]:
    """Those of all connections meanwhile, looking up keys too, of which none is remembered."""
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    team.database.keys.forget()
    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def reading(seen: list[str]) -> list[str]:
    """Without those that enter an organization."""
    return [each for each in seen if "set_config" not in each]


class Crowd:
    """Runs, each about somebody of its own, and called by one about somebody else. Each asks `bo`, and a user
    of its own for whom `dee` stands in by way of another.
    """

    def __init__(self, team: Team) -> None:
        self.team = team
        self.requests: list[uuid.UUID] = []

    def grow(self, number: int) -> None:
        while len(self.requests) < number:
            self.requests.append(self.add(len(self.requests)))

    def add(self, index: int) -> uuid.UUID:
        team, name = self.team, f"u{index}"
        with team() as session:
            for each in (name, f"{name}b"):
                users.create(session, team.org.org_id, email=f"{each}@acme.example", name=each, role="editor")
        team.delegate(name, f"{name}b")
        team.delegate(f"{name}b", "dee")
        with team() as session:
            caller, called = self._run(session, index, "caller"), self._run(session, index, "called")
            session.flush()
            values = {"parent_run_id": caller.run_id, "status": "RUNNING"}
            session.execute(update(WorkflowRun).where(WorkflowRun.run_id == called.run_id).values(**values))
            session.add(_act(called))
            place = requests.Place(run_id=called.run_id, node="ask", act_key="ask")
            asked = ({"user": f"{name}@acme.example"}, {"user": "bo@acme.example"})
            question = Question(
                subject="May they?",
                body="Of this nothing is read.",
                options=(APPROVE, REJECT),
                kind=RequestKind.APPROVAL,
                asked=asked,
                rule=DecisionRule.ALL,
            )
            return requests.ask(
                session, place, question, now=team.now + index * dt.timedelta(seconds=1)
            ).request_id

    def _run(self, session: Session, index: int, what: str) -> WorkflowRun:
        """The caller is about somebody whose private address is `bo`'s where the index is 1."""
        person = f"P-{what}-{index}"
        private = "bo@acme.example" if (what, index) == ("caller", 1) else f"{person}@home.example"
        employees.apply_event(
            session,
            self.team.org.org_id,
            kind="employee.onboard",
            external_id=person,
            event_id="e",
            event_time=self.team.now,
            payload={},
            sensitive={"personal_email": private},
        )
        conf = {"event": {"kind": "employee.onboard", "employee": person, "payload": {}}}
        return store.ensure_run(
            session,
            org_id=self.team.org.org_id,
            dag_id=f"acme__{what}",
            dag_run_id=f"r-{index}",
            conf=conf,
            started_by="dee" if (what, index) == ("caller", 2) else "",
        )


def _act(run: WorkflowRun) -> NodeRun:
    return NodeRun(
        node_run_id=new_id(),
        org_id=run.org_id,
        run_id=run.run_id,
        node_key="ask",
        node_type="human.approval",
        effect=Effect.IDEMPOTENT,
        status=ActStatus.QUEUED,
        idempotency_key=uuid.uuid4().hex,
        started_at=run.started_at,
    )


class At:
    """The team's clock."""

    def __init__(self, team: Team) -> None:
        self._team = team

    def now(self) -> dt.datetime:
        return self._team.now


@pytest.fixture
def crowd(team: Team) -> Crowd:
    return Crowd(team)


def grown(crowd: Crowd, ask: Callable[[], int]) -> tuple[list[str], list[str]]:
    """The statements of `ask` for few and for many; it returns how many it has found."""
    taken = []
    for number in (FEW, MANY):
        crowd.grow(number)
        assert ask() == number  # what is made at the first call is made now
        with statements(crowd.team) as seen:
            ask()
        taken.append(seen)
    return taken[0], taken[1]


def test_a_page_of_requests(crowd: Crowd) -> None:
    team = crowd.team

    def ask() -> int:
        with team() as session:
            theirs = finding.theirs(session, team.org.org_id, "bo", team.now.date())
            sought = finding.Sought(asked=theirs.users, answerer=theirs.user_id)
            page = finding.page(session, team.org.org_id, sought, PAGE, now=team.now)
            return len(page.rows) + 1  # one of them is about bo

    few, many = grown(crowd, ask)
    assert many == few
    assert len(reading(few)) == 6, few


def test_a_page_of_requests_on_a_day_on_which_nobody_stands_in(crowd: Crowd) -> None:
    """Neither the runs nor whom they are about are read: the questions, who is asked, who stands in."""
    team = crowd.team

    def ask() -> int:
        with team() as session:
            later = team.now + dt.timedelta(days=30)
            page = finding.page(session, team.org.org_id, finding.Sought(), PAGE, now=later)
            return len(page.rows)

    few, many = grown(crowd, ask)
    assert many == few
    assert len(reading(few)) == 3, few


def test_a_page_of_what_somebody_may_answer_in_the_place_of_many(crowd: Crowd) -> None:
    team = crowd.team
    found: list[uuid.UUID] = []

    def ask() -> int:
        with team() as session:
            theirs = finding.theirs(session, team.org.org_id, "dee", team.now.date())
            sought = finding.Sought(asked=theirs.users, answerer=theirs.user_id)
            page = finding.page(session, team.org.org_id, sought, PAGE, now=team.now)
        found[:] = [each.request_id for each in page.rows]
        return len(found) + 1

    few, many = grown(crowd, ask)
    assert many == few
    started_by_dee = crowd.requests[2]
    assert found == [each for each in crowd.requests if each != started_by_dee]


def test_each_line_says_what_is_said_of_its_request_alone(crowd: Crowd) -> None:
    crowd.grow(4)
    team = crowd.team
    with team() as session:
        page = finding.page(session, team.org.org_id, finding.Sought(), PAGE, now=team.now)
        alone = [
            shown.in_words(holding.of_request(session, requests.find(session, each), now=team.now))
            for each in crowd.requests
        ]
    assert [each.waits_for for each in page.rows] == alone
    bo, far = "bo@acme.example", "0 of 2 have said yes"
    assert [set(re.split("[,;] ", each)) for each in alone] == [
        {bo, "dee@acme.example for u0@acme.example", far},
        {"dee@acme.example for u1@acme.example"},
        {bo, "u2b@acme.example for u2@acme.example", far},
        {bo, "dee@acme.example for u3@acme.example", far},
    ]


def test_who_is_barred_from_one_run_stands_in_at_the_others_beside_what_nobody_stands_in_at(
    crowd: Crowd,
) -> None:
    crowd.grow(4)
    team = crowd.team
    with team() as session:
        giver = users.find(session, team.org.org_id, "u3@acme.example")
        (theirs,) = [
            each for each in delegations.every(session, team.org.org_id) if each.from_user_id == giver.user_id
        ]
        delegations.end(session, team.org.org_id, theirs.delegation_id, by="cli:dee", now=team.now)
        page = finding.page(session, team.org.org_id, finding.Sought(), PAGE, now=team.now)
    people = [set(each.waits_for.partition(";")[0].split(", ")) for each in page.rows]
    assert [each - {"bo@acme.example"} for each in people] == [
        {"dee@acme.example for u0@acme.example"},
        {"dee@acme.example for u1@acme.example"},
        {"u2b@acme.example for u2@acme.example"},
        {"u3@acme.example"},
    ]


def test_what_a_command_lists(crowd: Crowd) -> None:
    team = crowd.team
    desk = Desk(team.database, At(team), "dee", lambda *_: False, org_id=team.org.org_id)

    def ask() -> int:
        desk.delegations("acme")
        return min(len(desk.every(everything=True)), len(desk.every()) + 1)

    few, many = grown(crowd, ask)
    assert many == few


def test_waiting_runs_with_questions_that_are_open_and_that_are_answered(crowd: Crowd) -> None:
    team = crowd.team

    def ask() -> int:
        with team() as session:
            sought = runs.Sought(statuses=[ShownRunStatus.WAITING])
            return len(runs.page(session, team.org.org_id, sought, PAGE).rows)

    def answer(request: uuid.UUID, login: str) -> None:
        with team() as session:
            answers.answer(session, request, login=login, choice=REJECT, door="command", now=team.now)

    crowd.grow(FEW)
    answer(crowd.requests[0], "bo")
    few, many = grown(crowd, ask)
    assert many == few
    for request in crowd.requests[5:]:
        answer(request, "bo")
    with statements(team) as more:
        assert ask() == MANY
    assert more == few
    with team() as session:
        run_id = requests.find(session, crowd.requests[0]).run_id
        (wait,) = waits.of_runs(session, [run_id])[run_id]
    assert (wait.of, wait.answered) == ("", f"already answered by bo at {team.now:%Y-%m-%dT%H:%M:%S}+00:00")
