"""However a run ends, nobody is asked about it any more, nothing waits in it, and who called it goes on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select, update

from listeners.steward.run_watch import RunWatch
from listeners.steward.steering import Steering
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, Organization, Wake, WorkflowRun
from officeflow.people import due, unmailed
from officeflow.runs import control, store, undone
from officeflow.runs.undone import Cause
from officeflow.statuses import RunControl
from tests.left_open import ALL, leave_open, left_open
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import row

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def run(started: WorkflowRun, database: Database) -> Iterator[WorkflowRun]:
    """One that waits for all there is."""
    leave_open(database, started.run_id)
    yield started
    with database.service() as session:
        later = NOW + dt.timedelta(days=900)
        assert due.to_remind(session, later) == due.to_escalate(session, later) == []
        assert due.to_expire(session, later) == due.untold(session) == []
        assert unmailed.asked(session, most=9) == []


def cancel(database: Database, run: WorkflowRun) -> None:
    with database.service() as session:
        named = session.get_one(WorkflowRun, run.run_id)
        control.ask(session, named, RunControl.CANCEL, by="airflow:ana", why="she does not come")


def woken(database: Database) -> list[str]:
    with database.service() as session:
        return list(session.scalars(select(Wake.node_key)))


def withdrawn(database: Database) -> list[tuple[str, str]]:
    """By whom, and why."""
    with database.service() as session:
        query = select(AuditRecord).where(AuditRecord.action == "request.withdrawn")
        return [(found.actor, found.details["why"]) for found in session.scalars(query)]


def succeeds(airflow: AirflowServer, watch: RunWatch, run: WorkflowRun) -> None:
    airflow.end(run.dag_id, run.dag_run_id, "success", dt.datetime.now(dt.UTC))
    watch.follow()


def is_marked_failed(airflow: AirflowServer, watch: RunWatch, run: WorkflowRun) -> None:
    airflow.end(run.dag_id, run.dag_run_id, "failed", dt.datetime.now(dt.UTC))
    watch.follow()


def is_deleted(airflow: AirflowServer, watch: RunWatch, run: WorkflowRun) -> None:
    airflow.runs.clear()
    watch.check()


@pytest.mark.parametrize(
    ("ends", "status"),
    [(succeeds, "SUCCEEDED"), (is_marked_failed, "FAILED"), (is_deleted, "FAILED")],
)
def test_what_a_run_left_open_ends_with_it(
    database: Database,
    airflow: AirflowServer,
    watch: RunWatch,
    run: WorkflowRun,
    ends: Callable[[AirflowServer, RunWatch, WorkflowRun], None],
    status: str,
) -> None:
    with database.service() as session:
        hour_ago = NOW - dt.timedelta(hours=1)
        session.execute(
            update(WorkflowRun).where(WorkflowRun.run_id == run.run_id).values(started_at=hour_ago)
        )
    ends(airflow, watch, run)
    assert (row(database, run).status, left_open(database, run.run_id)) == (status, set())
    assert woken(database) == ["call"]
    assert withdrawn(database) == [("service:steward", f"the run has ended: {status}")]


def test_a_run_that_is_to_be_cancelled_asks_nobody_from_that_moment(
    database: Database, airflow: AirflowServer, api: AirflowApi, watch: RunWatch, run: WorkflowRun
) -> None:
    cancel(database, run)
    assert left_open(database, run.run_id) == {"call"}
    [(by, why)] = withdrawn(database)
    assert (by, why.endswith("she does not come")) == ("airflow:ana", True)
    Steering(database, api).act()
    is_marked_failed(airflow, watch, run)
    assert (row(database, run).status, left_open(database, run.run_id)) == ("CANCELLED", set())


def test_a_run_that_is_cancelled_before_airflow_has_it_lets_its_caller_go_on(
    database: Database, airflow: AirflowServer, api: AirflowApi, run: WorkflowRun
) -> None:
    airflow.runs.clear()
    cancel(database, run)
    Steering(database, api).act()
    assert (row(database, run).status, left_open(database, run.run_id)) == ("CANCELLED", set())
    assert woken(database) == ["call"]


def test_a_called_run_lets_go_when_the_one_above_is_cancelled(
    database: Database, org: Organization, run: WorkflowRun
) -> None:
    with database.service() as session:
        above = store.ensure_run(session, org_id=org.org_id, dag_id="acme__calls", dag_run_id="one", conf={})
        session.get_one(WorkflowRun, run.run_id).parent_run_id = above.run_id
    cancel(database, above)
    assert left_open(database, run.run_id) == {"call"}


@pytest.mark.parametrize("ends", [is_marked_failed, succeeds])
def test_what_a_failed_run_has_called_is_cancelled_with_it(
    database: Database,
    org: Organization,
    airflow: AirflowServer,
    watch: RunWatch,
    run: WorkflowRun,
    ends: Callable[[AirflowServer, RunWatch, WorkflowRun], None],
) -> None:
    with database.service() as session:
        below = store.ensure_run(session, org_id=org.org_id, dag_id="acme__called", dag_run_id="one", conf={})
        below.parent_run_id = run.run_id
    ends(airflow, watch, run)
    called = row(database, below)
    if ends is succeeds:
        assert called.control == RunControl.NONE
    else:
        assert (called.control, called.control_by) == (RunControl.CANCEL, "service:steward")
        assert called.control_why == "the run that called it is FAILED"


def test_a_run_that_is_undone_asks_nobody_meanwhile(database: Database, run: WorkflowRun) -> None:
    with database.service() as session:
        below = store.ensure_run(session, org_id=run.org_id, dag_id="acme__called", dag_run_id="one", conf={})
        below.parent_run_id = run.run_id
        undone.begin(session, run.run_id, Cause.MARKED)
    assert row(database, below).control == RunControl.CANCEL
    assert row(database, run).status == "COMPENSATING"
    assert left_open(database, run.run_id) == {"call"}


def test_a_run_that_is_paused_asks_on(database: Database, airflow: AirflowServer, run: WorkflowRun) -> None:
    with database.service() as session:
        named = session.get_one(WorkflowRun, run.run_id)
        control.ask(session, named, RunControl.PAUSE, by="airflow:ana", why="an audit")
    assert left_open(database, run.run_id) == ALL
    cancel(database, run)
