"""What is wanted of a run: by whom, why, of which others too, and what cannot be wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.airflow_api.types import DagRunState
from officeflow.audit import store as audit
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, WorkflowRun
from officeflow.errors import InvalidInput, NotSteerable
from officeflow.runs import control, store
from officeflow.runs.acts import RunRef
from officeflow.statuses import RunControl, RunStatus
from tests.runs.conftest import act, add_run

ANA = "airflow:ana"
PAUSE, RESUME, CANCEL = RunControl.PAUSE, RunControl.NONE, RunControl.CANCEL


def ask(database: Database, run: RunRef, wanted: RunControl, why: str = "the office is closed") -> bool:
    with database.tenant(run.org_id) as session:
        return control.ask(session, session.get_one(WorkflowRun, run.run_id), wanted, by=ANA, why=why)


def row(database: Database, run: RunRef) -> WorkflowRun:
    with database.service() as session:
        return session.get_one(WorkflowRun, run.run_id)


def change(database: Database, run: RunRef, **values: object) -> None:
    with database.service() as session:
        for name, value in values.items():
            setattr(session.get_one(WorkflowRun, run.run_id), name, value)


def audited(database: Database, run: RunRef) -> list[tuple[str, str, Any]]:
    with database.service() as session:
        found = audit.newest(session, run.org_id, subject=f"run:{run.run_id}")
        return [(record.actor, record.action, record.details["why"]) for record in found]


def called(database: Database, org: Organization, parent: RunRef, name: str) -> RunRef:
    return add_run(database, org, name, "E-2", status="RUNNING", parent_run_id=parent.run_id, depth=1)


def test_a_paused_run_is_paused_and_audited_and_goes_on_where_it_was(
    database: Database, left: RunRef
) -> None:
    act(database, left, "suspend")
    assert ask(database, left, PAUSE)
    paused = row(database, left)
    assert (paused.status, paused.control, paused.control_by) == (RunStatus.PAUSED, PAUSE, ANA)
    assert control.told(paused).endswith("UTC: the office is closed")
    assert ask(database, left, RESUME, "it is open")
    resumed = row(database, left)
    assert (resumed.status, resumed.control, resumed.control_done_at) == (RunStatus.RUNNING, RESUME, None)
    assert audited(database, left) == [
        (ANA, "run.paused", "the office is closed"),
        (ANA, "run.resumed", "it is open"),
    ]


@pytest.mark.parametrize("wanted", [PAUSE, RESUME, CANCEL])
def test_what_is_wanted_already_changes_nothing_and_is_not_audited_again(
    database: Database, left: RunRef, wanted: RunControl
) -> None:
    first = ask(database, left, wanted)
    before = row(database, left)
    assert first is (wanted != RESUME)
    assert not ask(database, left, wanted, "again")
    after = row(database, left)
    assert (after.control_at, after.control_why) == (before.control_at, before.control_why)
    assert len(audited(database, left)) == int(first)


def test_a_run_of_which_no_node_has_told_is_pending_again_after_a_pause(
    database: Database, org: Organization
) -> None:
    run = add_run(database, org, "exit", "E-3", status="PENDING")
    assert ask(database, run, PAUSE)
    assert ask(database, run, RESUME)
    assert row(database, run).status == RunStatus.PENDING


@pytest.mark.parametrize("wanted", [PAUSE, RESUME, CANCEL])
@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "CANCELLED", "COMPENSATED"])
def test_a_run_that_has_ended_is_not_steered(
    database: Database, left: RunRef, wanted: RunControl, status: str
) -> None:
    change(database, left, status=RunStatus(status))
    with pytest.raises(NotSteerable, match=rf"acme__exit/evt__exit-E-2 has ended, it is {status}"):
        ask(database, left, wanted)
    assert audited(database, left) == []


@pytest.mark.parametrize("wanted", [PAUSE, RESUME, CANCEL])
def test_a_run_that_is_being_undone_is_not_steered(
    database: Database, left: RunRef, wanted: RunControl
) -> None:
    change(database, left, status=RunStatus.COMPENSATING)
    with pytest.raises(NotSteerable, match="is being undone"):
        ask(database, left, wanted)


@pytest.mark.parametrize("wanted", [PAUSE, RESUME])
def test_a_run_that_is_being_cancelled_neither_pauses_nor_goes_on(
    database: Database, left: RunRef, wanted: RunControl
) -> None:
    ask(database, left, CANCEL, "hired by mistake")
    with pytest.raises(NotSteerable, match=r"was cancelled by ana at .*hired by mistake"):
        ask(database, left, wanted)


@pytest.mark.parametrize("why", ["", "  \n", "x" * 1001])
def test_a_reason_is_needed_and_has_a_limit(database: Database, left: RunRef, why: str) -> None:
    with pytest.raises(InvalidInput, match="reason"):
        ask(database, left, PAUSE, why)
    assert row(database, left).control == RESUME


def test_what_is_wanted_of_a_run_is_wanted_of_the_runs_that_it_called(
    database: Database, org: Organization, left: RunRef
) -> None:
    child = called(database, org, left, "child")
    grandchild = called(database, org, child, "grandchild")
    ask(database, left, PAUSE)
    assert [row(database, each).status for each in (child, grandchild)] == ["PAUSED", "PAUSED"]
    ask(database, left, RESUME)
    assert [row(database, each).control for each in (child, grandchild)] == [RESUME, RESUME]
    ask(database, left, CANCEL)
    assert [row(database, each).control for each in (child, grandchild)] == [CANCEL, CANCEL]
    assert [action for _, action, _ in audited(database, grandchild)] == [
        "run.paused",
        "run.resumed",
        "run.cancelled",
    ]


def test_a_called_run_that_was_paused_by_itself_stays_paused(
    database: Database, org: Organization, left: RunRef
) -> None:
    child = called(database, org, left, "child")
    ask(database, child, PAUSE, "this one alone")
    ask(database, left, PAUSE)
    ask(database, left, RESUME)
    assert row(database, child).status == RunStatus.PAUSED
    assert row(database, child).control_why == "this one alone"


def test_called_runs_that_have_ended_are_left_as_they_are(
    database: Database, org: Organization, left: RunRef
) -> None:
    child = called(database, org, left, "child")
    change(database, child, status=RunStatus.SUCCEEDED)
    assert ask(database, left, CANCEL)
    assert row(database, child).control == RESUME


def test_whoever_listens_is_told_of_the_run(
    database: Database, left: RunRef, listening: Callable[[], list[str]]
) -> None:
    ask(database, left, CANCEL)
    assert listening() == [str(left.run_id)]


def test_another_organization_sees_no_run_to_steer(
    database: Database, left: RunRef, elsewhere: RunRef
) -> None:
    with database.tenant(elsewhere.org_id) as session:
        assert session.scalar(select(WorkflowRun).where(WorkflowRun.run_id == left.run_id)) is None


def test_a_cancelled_run_that_is_cleared_after_its_end_is_not_to_be_cancelled_any_more(
    database: Database, left: RunRef
) -> None:
    ask(database, left, CANCEL)
    with database.service() as session:
        run = session.get_one(WorkflowRun, left.run_id)
        assert control.is_wanted(run, CANCEL)
        assert store.mark(run, DagRunState.FAILED)
        assert run.status == RunStatus.CANCELLED
        assert not control.is_wanted(run, CANCEL)
        assert store.mark(run, DagRunState.RUNNING)
        assert (run.status, run.control) == (RunStatus.RUNNING, RESUME)
