"""Nodes of runs that are paused, cancelled or resumed: what they do, ask and obey."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from officeflow.audit import store as audit
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, WorkflowRun
from officeflow.errors import AnswerNeeded
from officeflow.runner import holding
from officeflow.runner.holding import CLEARED_WITHIN
from officeflow.runner.run import run_node
from officeflow.runner.services import Services
from officeflow.runner.waiting import GIVE_UP, TRY_NOW
from officeflow.runs import control
from officeflow.runs.acts import RunRef
from officeflow.runs.failures import CANCELLED_UNBEGUN
from officeflow.runs.steering import CANCEL, OPTIONS, RESUME
from officeflow.sdk import Act, Answer, NodeResult, Question
from officeflow.statuses import RunControl, RunStatus
from tests.ledger.test_runner import Params, Probe, node, probe, services

__all__ = ["probe", "services"]

pytestmark = pytest.mark.integration

LATER = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the probe were one of our own node types, which ask nobody anything."""
    monkeypatch.setattr(holding, "OURS", "tests.")


def want(database: Database, run: RunRef, wanted: RunControl, why: str = "an audit") -> None:
    with database.tenant(run.org_id) as session:
        control.ask(session, session.get_one(WorkflowRun, run.run_id), wanted, by="airflow:ana", why=why)


def row(database: Database, run: RunRef) -> WorkflowRun:
    with database.service() as session:
        return session.get_one(WorkflowRun, run.run_id)


def change(database: Database, run: RunRef, **values: object) -> None:
    with database.service() as session:
        session.execute(update(WorkflowRun).where(WorkflowRun.run_id == run.run_id).values(**values))


def audited(database: Database, run: RunRef) -> list[tuple[str, str]]:
    with database.service() as session:
        found = audit.newest(session, run.org_id, subject=f"run:{run.run_id}")
        return [(record.actor, record.action) for record in found]


def perform(services: Services, chosen: str = "", *, at: dt.datetime | None = None) -> NodeResult:
    """The node, after an answer where something was chosen: one of bob's, given a minute from now or then."""
    when = at or dt.datetime.now(dt.UTC) + LATER
    return run_node(node(answer=Answer(chosen=chosen, by="bob", at=when) if chosen else None), services)


def code(result: NodeResult) -> str:
    return result.error.code if result.error else ""


def test_the_node_of_a_paused_run_asks_instead_of_acting(
    services: Services, database: Database, probe: type[Probe], run: RunRef
) -> None:
    want(database, run, RunControl.PAUSE)
    result = perform(services)
    assert (result.status, result.retry_in, code(result)) == ("retry", None, "run_paused")
    assert result.question is not None
    assert (result.question.subject, result.question.options) == ("Paused by ana: an audit", OPTIONS)
    assert result.question.timeout is None
    assert probe.seen == []
    with database.service() as session:
        assert session.scalars(select(NodeRun)).all() == []


def test_a_long_reason_is_cut_in_the_question_alone(
    services: Services, database: Database, run: RunRef
) -> None:
    want(database, run, RunControl.PAUSE, "x" * 900)
    question = perform(services).question
    assert question is not None
    assert len(question.subject) == 200
    assert question.subject.endswith("x…")
    assert row(database, run).control_why == "x" * 900


def test_who_resumes_by_the_question_resumes_the_run_in_their_name(
    services: Services, database: Database, probe: type[Probe], run: RunRef
) -> None:
    want(database, run, RunControl.PAUSE)
    perform(services)
    result = perform(services, RESUME)
    assert row(database, run).control == RunControl.NONE
    assert audited(database, run)[-1] == ("airflow:bob", "run.resumed")
    assert result.reschedule_at is not None
    assert result.reschedule_at <= dt.datetime.now(dt.UTC) + CLEARED_WITHIN
    assert probe.seen == []
    assert perform(services).status == "success"


def test_a_second_task_that_is_resumed_has_the_steward_look_again(
    services: Services, database: Database, run: RunRef
) -> None:
    want(database, run, RunControl.PAUSE)
    perform(services, RESUME)
    change(database, run, control_done_at=dt.datetime.now(dt.UTC))
    assert perform(services, RESUME).reschedule_at is not None
    assert row(database, run).control_done_at is None
    assert [action for _, action in audited(database, run)] == ["run.paused", "run.resumed"]


def test_who_cancels_by_the_question_cancels_the_run_in_their_name(
    services: Services, database: Database, probe: type[Probe], run: RunRef
) -> None:
    want(database, run, RunControl.PAUSE)
    result = perform(services, CANCEL)
    assert (result.status, code(result)) == ("failed", "run_cancelled")
    assert row(database, run).control == RunControl.CANCEL
    assert audited(database, run)[1] == ("airflow:bob", "run.cancelled")
    assert probe.seen == []


def test_an_answer_to_an_earlier_pause_does_not_end_a_later_one(
    services: Services, database: Database, run: RunRef
) -> None:
    given = dt.datetime.now(dt.UTC) - LATER
    want(database, run, RunControl.PAUSE)
    result = perform(services, RESUME, at=given)
    assert code(result) == "run_paused"
    assert row(database, run).control == RunControl.PAUSE


def test_an_answer_that_comes_when_the_run_was_cancelled_does_not_bring_it_back(
    services: Services, database: Database, run: RunRef
) -> None:
    want(database, run, RunControl.PAUSE)
    want(database, run, RunControl.CANCEL)
    assert code(perform(services, RESUME)) == "run_cancelled"
    assert row(database, run).control == RunControl.CANCEL


def test_the_node_of_a_cancelled_run_does_not_begin(
    services: Services, database: Database, probe: type[Probe], run: RunRef
) -> None:
    want(database, run, RunControl.CANCEL, "hired by mistake")
    result = perform(services)
    assert (result.status, code(result), result.retry_in) == ("failed", "run_cancelled", None)
    assert result.error is not None
    assert "cancelled by ana at" in result.error.message
    assert result.error.message.endswith("hired by mistake")
    assert probe.seen == []


def test_a_cancelled_run_that_was_cleared_after_its_end_acts_again(
    services: Services, database: Database, run: RunRef
) -> None:
    want(database, run, RunControl.CANCEL)
    change(database, run, status=RunStatus.CANCELLED)
    assert perform(services).status == "success"


def test_a_run_that_was_cancelled_before_it_began_never_acts(
    services: Services, database: Database, run: RunRef
) -> None:
    want(database, run, RunControl.CANCEL)
    change(
        database, run, status=RunStatus.CANCELLED, error_details={"code": CANCELLED_UNBEGUN, "message": ""}
    )
    assert code(perform(services)) == "run_cancelled"


def test_a_node_that_had_asked_before_the_pause_goes_on_with_its_answer(
    services: Services,
    database: Database,
    probe: type[Probe],
    run: RunRef,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def script(params: Params, act: Act) -> None:
        if act.answer is None:
            raise AnswerNeeded("asks", question=Question(subject="May she?", options=("Yes", "No")))

    monkeypatch.setattr(probe, "script", staticmethod(script))
    assert perform(services).question is not None
    want(database, run, RunControl.PAUSE)
    assert perform(services, "Yes").status == "success"
    assert row(database, run).control == RunControl.PAUSE


def test_a_node_that_may_ask_people_itself_waits_for_a_time_instead_of_asking(
    services: Services, database: Database, run: RunRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "OURS", "officeflow.nodes.")
    want(database, run, RunControl.PAUSE)
    result = perform(services)
    assert (result.retry_in, result.question, code(result)) == (None, None, "not_yet")


def test_a_node_that_waits_for_its_retry_uses_no_try_in_a_pause(
    services: Services, database: Database, run: RunRef
) -> None:
    want(database, run, RunControl.PAUSE)
    result = run_node(node(try_number=3, tries_before=1), services)
    assert (result.retry_in, result.question, code(result)) == (None, None, "not_yet")
    assert result.reschedule_at is not None


def test_the_node_of_a_run_that_was_resumed_acts_as_if_nothing_had_been(
    services: Services, database: Database, run: RunRef
) -> None:
    want(database, run, RunControl.PAUSE)
    want(database, run, RunControl.NONE)
    assert perform(services).status == "success"


@pytest.mark.parametrize("option", [RESUME, CANCEL, TRY_NOW, GIVE_UP])
def test_no_node_may_offer_what_the_platform_itself_asks(
    services: Services, probe: type[Probe], monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    def script(params: Params, act: Act) -> None:
        raise AnswerNeeded("asks", question=Question(subject="?", options=("Yes", option)))

    monkeypatch.setattr(probe, "script", staticmethod(script))
    with capture_logs():
        result = perform(services)
    assert (result.status, code(result)) == ("failed", "output_refused")
