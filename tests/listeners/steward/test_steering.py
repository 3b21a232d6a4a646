"""What is wanted of runs is carried to Airflow, whose API is played by a server that keeps its rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select, update

from listeners.steward import notes
from listeners.steward.run_watch import RunWatch
from listeners.steward.steering import SETTLED, Steering
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, Organization, OutboxMessage, WorkflowRun
from officeflow.errors import Unavailable
from officeflow.runs import control, store
from officeflow.runs.steering import OPTIONS
from officeflow.statuses import RunControl, RunStatus
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import Publish, row

PAUSE, RESUME, CANCEL = RunControl.PAUSE, RunControl.NONE, RunControl.CANCEL
LONG_AGO = "2026-01-01T00:00:00+00:00"


class Clock:
    """Seconds that the test lets pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def steering(database: Database, api: AirflowApi, clock: Clock) -> Steering:
    return Steering(database, api, seconds=clock)


@pytest.fixture
def run(started: WorkflowRun, airflow: AirflowServer, database: Database) -> WorkflowRun:
    """One that runs."""
    airflow.restart(started.dag_id, started.dag_run_id, dt.datetime.now(dt.UTC))
    airflow.runs[started.dag_id, started.dag_run_id]["note"] = "Ana García"
    with database.service() as session:
        session.get_one(WorkflowRun, started.run_id).status = RunStatus.RUNNING
    return started


def want(database: Database, run: WorkflowRun, wanted: RunControl, why: str = "an audit") -> None:
    with database.service() as session:
        control.ask(session, session.get_one(WorkflowRun, run.run_id), wanted, by="airflow:ana", why=why)


def in_airflow(airflow: AirflowServer, run: WorkflowRun) -> dict[str, Any]:
    return airflow.runs[run.dag_id, run.dag_run_id]


def waits(airflow: AirflowServer, task: str, state: str, *, since: str = LONG_AGO, index: int = -1) -> None:
    airflow.tasks.append({"task_id": task, "state": state, "start_date": since, "map_index": index})


def asks(airflow: AirflowServer, task: str, options: Sequence[str] = OPTIONS, *, index: int = -1) -> None:
    waits(airflow, task, "awaiting_input", index=index)
    airflow.questions.append(
        {"options": list(options), "task_instance": {"task_id": task, "map_index": index}}
    )


def cleared(airflow: AirflowServer) -> list[Any]:
    return [body["task_ids"] for body in airflow.cleared]


def test_a_paused_runs_note_says_so_until_it_is_resumed(
    database: Database, steering: Steering, airflow: AirflowServer, run: WorkflowRun
) -> None:
    want(database, run, PAUSE)
    assert steering.act() == 1
    note = in_airflow(airflow, run)["note"]
    assert note.startswith("PAUSED by ana: an audit (20")
    assert note.endswith(" UTC)\n\n---\n\nAna García")
    assert row(database, run).control_done_at is not None
    assert steering.act() == 0
    want(database, run, RESUME)
    assert steering.act() == 1
    assert in_airflow(airflow, run)["note"] == "Ana García"


@pytest.mark.parametrize("wanted", [PAUSE, CANCEL])
def test_a_reason_that_has_no_room_in_a_note_is_cut_there(
    database: Database, steering: Steering, airflow: AirflowServer, run: WorkflowRun, wanted: RunControl
) -> None:
    want(database, run, wanted, why="the contract is disputed; " * 38)
    assert steering.act() == 1
    note = in_airflow(airflow, run)["note"]
    assert len(note) <= notes.MOST
    assert note.startswith(("PAUSED by ana: the contract", "CANCELLED by ana: the contract"))
    assert notes.without(note) == "Ana García"


@pytest.mark.parametrize("about", ["", "Ana García", "one\n\n---\n\ntwo", "PAUSED by mistake", "x" * 990])
def test_what_a_note_said_before_is_there_again_when_its_run_goes_on(
    database: Database, steering: Steering, airflow: AirflowServer, run: WorkflowRun, about: str
) -> None:
    in_airflow(airflow, run)["note"] = about
    for wanted in (PAUSE, RESUME, PAUSE, CANCEL):
        want(database, run, wanted)
        steering.act()
        assert notes.without(in_airflow(airflow, run)["note"]) == about


def test_what_was_held_is_cleared_and_nothing_else(
    database: Database, steering: Steering, airflow: AirflowServer, run: WorkflowRun
) -> None:
    asks(airflow, "held")
    asks(airflow, "mapped", index=3)
    asks(airflow, "own", ["Approve", "Reject"])
    waits(airflow, "timed", "up_for_reschedule")
    waits(airflow, "later", "up_for_reschedule", since="2999-01-01T00:00:00+00:00")
    waits(airflow, "done", "success")
    want(database, run, PAUSE)
    steering.act()
    assert cleared(airflow) == []
    want(database, run, RESUME)
    steering.act()
    assert cleared(airflow) == [["held", ["mapped", 3], "timed"]]
    assert [(body["reset_dag_runs"], body["only_failed"]) for body in airflow.cleared] == [(False, False)]


def test_a_task_that_parks_after_its_run_was_resumed_is_found_by_a_later_look(
    database: Database, steering: Steering, airflow: AirflowServer, run: WorkflowRun, clock: Clock
) -> None:
    want(database, run, PAUSE)
    want(database, run, RESUME)
    steering.act()
    asks(airflow, "late")
    steering.act()
    assert cleared(airflow) == []
    clock.now += 1
    steering.act()
    assert cleared(airflow) == [["late"]]


def test_a_resumed_run_is_looked_at_for_a_while_alone(
    database: Database, steering: Steering, airflow: AirflowServer, run: WorkflowRun, clock: Clock
) -> None:
    want(database, run, PAUSE)
    want(database, run, RESUME)
    steering.act()
    with database.service() as session:
        session.execute(update(WorkflowRun).values(control_at=WorkflowRun.control_at - SETTLED))
    asks(airflow, "late")
    clock.now += 1000
    steering.act()
    assert cleared(airflow) == []


def test_a_steward_that_starts_anew_goes_on_where_the_last_one_was(
    database: Database, api: AirflowApi, airflow: AirflowServer, run: WorkflowRun
) -> None:
    want(database, run, PAUSE)
    asks(airflow, "held")
    want(database, run, RESUME)
    Steering(database, api).act()
    Steering(database, api).act()
    assert cleared(airflow)[0] == ["held"]
    want(database, run, CANCEL)
    Steering(database, api).act()
    assert airflow.marked == [(run.dag_run_id, "failed")]


def test_a_cancelled_runs_verdict_is_marked_before_the_run(
    database: Database, steering: Steering, airflow: AirflowServer, run: WorkflowRun
) -> None:
    waits(airflow, "verdict", "scheduled")
    want(database, run, CANCEL)
    assert steering.act() == 1
    assert airflow.marked == [("verdict", "failed"), (run.dag_run_id, "failed")]
    assert in_airflow(airflow, run)["note"].startswith("CANCELLED by ana: an audit (20")
    assert steering.act() == 0
    assert len(airflow.marked) == 2


def test_a_cancelled_run_is_cancelled_once_its_end_is_seen(
    database: Database, steering: Steering, airflow: AirflowServer, run: WorkflowRun, watch: RunWatch
) -> None:
    want(database, run, CANCEL)
    steering.act()
    assert row(database, run).status == RunStatus.RUNNING
    airflow.end(run.dag_id, run.dag_run_id, "failed", dt.datetime.now(dt.UTC))
    watch.follow()
    assert row(database, run).status == RunStatus.CANCELLED


def test_a_run_that_was_faster_than_its_cancelling_has_succeeded(
    database: Database, steering: Steering, airflow: AirflowServer, run: WorkflowRun, watch: RunWatch
) -> None:
    airflow.end(run.dag_id, run.dag_run_id, "success", dt.datetime.now(dt.UTC))
    want(database, run, CANCEL)
    watch.follow()
    steering.act()
    assert airflow.marked == []
    assert row(database, run).status == RunStatus.SUCCEEDED


def test_a_run_that_airflow_does_not_have_yet_never_starts(
    database: Database, steering: Steering, org: Organization, airflow: AirflowServer
) -> None:
    with database.service() as session:
        run = store.ensure_run(
            session, org_id=org.org_id, dag_id="acme__all", dag_run_id="evt__later", conf={}
        )
    want(database, run, CANCEL)
    assert steering.act() == 1
    ended = row(database, run)
    assert (ended.status, ended.error_details["code"]) == (  # type: ignore[index]  # it has ended
        RunStatus.CANCELLED,
        "cancelled_before_it_began",
    )
    with database.service() as session:
        actions = session.scalars(select(AuditRecord.action).order_by(AuditRecord.position)).all()
        types = session.scalars(select(OutboxMessage.type)).all()
    assert actions == ["run.cancelled", "run.ended"]
    assert "officeflow.workflow.run.ended" in types
    assert airflow.runs == {}


def test_called_runs_are_cancelled_before_the_one_that_called_them(
    database: Database, steering: Steering, org: Organization, airflow: AirflowServer, run: WorkflowRun
) -> None:
    airflow.take("acme__child", "call__1", {}, by="officeflow", state="running")
    with database.service() as session:
        child = store.ensure_run(
            session, org_id=org.org_id, dag_id="acme__child", dag_run_id="call__1", conf={}
        )
        child.parent_run_id, child.depth = run.run_id, 1
    want(database, run, CANCEL)
    steering.act()
    assert airflow.marked == [("call__1", "failed"), (run.dag_run_id, "failed")]


@pytest.mark.parametrize("wanted", [PAUSE, CANCEL])
def test_while_airflow_is_away_what_is_wanted_waits(
    database: Database, steering: Steering, airflow: AirflowServer, run: WorkflowRun, wanted: RunControl
) -> None:
    want(database, run, wanted)
    airflow.status = 503
    with pytest.raises(Unavailable):
        steering.act()
    assert row(database, run).control_done_at is None
    airflow.status = None
    assert steering.act() == 1
    assert row(database, run).control_done_at is not None


def test_one_run_that_airflow_refuses_keeps_no_other_from_it(
    database: Database,
    steering: Steering,
    org: Organization,
    airflow: AirflowServer,
    run: WorkflowRun,
    publish: Publish,
) -> None:
    publish("other")
    airflow.take("acme__other", "evt__2", {}, by="officeflow", state="running")
    with database.service() as session:
        second = store.ensure_run(
            session, org_id=org.org_id, dag_id="acme__other", dag_run_id="evt__2", conf={}
        )
    want(database, run, CANCEL)
    want(database, second, CANCEL)
    airflow.refused_runs.add(run.dag_run_id)
    steering.act()
    assert airflow.marked == [("evt__2", "failed")]
    assert row(database, run).control_done_at is None


def test_what_is_wanted_meanwhile_is_not_taken_as_done(
    database: Database,
    steering: Steering,
    airflow: AirflowServer,
    run: WorkflowRun,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    want(database, run, PAUSE)
    carry = AirflowApi.change_run

    def and_meanwhile(*given: Any, **values: Any) -> None:
        monkeypatch.setattr(AirflowApi, "change_run", carry)
        want(database, run, CANCEL)

    monkeypatch.setattr(AirflowApi, "change_run", and_meanwhile)
    steering.act()
    assert row(database, run).control_done_at is None
    steering.act()
    assert airflow.marked == [(run.dag_run_id, "failed")]
