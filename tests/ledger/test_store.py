"""Runs: inserted once, found by what people have at hand, and what their nodes gave."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from officeflow.airflow_api.types import DagRunState
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization, WorkflowRun
from officeflow.errors import NotKnown
from officeflow.ids import new_id, workflow_run_id
from officeflow.runs import store
from officeflow.runs.acts import RunRef
from officeflow.tenants import employees
from tests.ledger.conftest import CONF, DAG, RUN

pytestmark = pytest.mark.integration
NOW = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


def ensure(database: Database, org: Organization, name: str = RUN, **given: Any) -> WorkflowRun:
    with database.tenant(org.org_id) as session:
        return store.ensure_run(
            session, org_id=org.org_id, dag_id=DAG, dag_run_id=name, **{"conf": CONF, **given}
        )


@pytest.mark.rounds(10)
def test_a_run_is_inserted_once_whoever_comes_first(database: Database, org: Organization) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: ensure(database, org, status="RUNNING").run_id, range(8)))
    assert set(found) == {workflow_run_id(DAG, RUN)}
    with database.service() as session:
        (run,) = session.query(WorkflowRun).all()
    assert (run.status, run.trigger_event, run.correlation_id, run.workflow_id, run.employee_id) == (
        "RUNNING",
        "employee.onboard",
        "c-1",
        None,
        None,
    )


def test_a_pending_run_starts_running_and_an_ended_one_stays_as_it_is(
    database: Database, org: Organization
) -> None:
    assert ensure(database, org).status == "PENDING"
    assert ensure(database, org, status="RUNNING").status == "RUNNING"
    with database.tenant(org.org_id) as session:
        assert (
            store.mark(
                session.get_one(WorkflowRun, workflow_run_id(DAG, RUN)), DagRunState.SUCCESS, ended_at=NOW
            )
            is True
        )
    assert ensure(database, org, status="RUNNING").status == "SUCCEEDED"


def test_a_run_knows_the_person_it_is_about(database: Database, org: Organization) -> None:
    with database.tenant(org.org_id) as session:
        person = employees.apply_event(
            session,
            org.org_id,
            kind="employee.onboard",
            external_id="E-1001",
            event_id="e",
            event_time=NOW,
            payload={},
            sensitive={},
        )
    assert ensure(database, org).employee_id == person.employee_id


def test_a_run_started_by_hand_has_its_own_correlation_id(database: Database, org: Organization) -> None:
    run = ensure(database, org, conf={})
    assert (run.trigger_event, run.correlation_id) == ("manual", str(run.run_id))


def test_what_airflow_says_is_written_down_once_and_undone_when_the_run_goes_on(
    database: Database, org: Organization
) -> None:
    ensure(database, org)
    with database.tenant(org.org_id) as session:
        run = session.get_one(WorkflowRun, workflow_run_id(DAG, RUN))
        assert store.mark(run, DagRunState.FAILED, ended_at=NOW, error={"node": "mail"}) is True
        assert (run.status, run.ended_at, run.error_details) == ("FAILED", NOW, {"node": "mail"})
        assert store.mark(run, DagRunState.FAILED, ended_at=NOW) is False
        assert store.mark(run, DagRunState.RUNNING) is True
        assert (run.status, run.ended_at, run.error_details) == ("RUNNING", None, None)


@pytest.mark.parametrize(
    "text",
    [
        str(workflow_run_id(DAG, RUN)),
        f"{DAG}/{RUN}",
        RUN,
        RUN[:12],
        str(workflow_run_id(DAG, RUN))[:8].upper(),
    ],
)
def test_a_run_is_found_by_its_uuid_its_name_or_a_beginning(
    text: str, database: Database, org: Organization
) -> None:
    expected = ensure(database, org).run_id
    ensure(database, org, "manual__1")
    with database.service() as session:
        assert store.find_run(session, text).run_id == expected


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("manual__", f"one of {DAG}/manual__2, {DAG}/manual__1"),
        (f"{DAG}/manual__3", f"did you mean {DAG}/manual__"),
        ("man", f"the newest is {DAG}/manual__2"),
        ("100%_", f"the newest is {DAG}/manual__2"),
        (str(new_id()), "the newest is"),
    ],
)
def test_a_run_that_is_not_found_comes_with_a_suggestion(
    text: str, hint: str, database: Database, org: Organization
) -> None:
    ensure(database, org, "manual__1")
    ensure(database, org, "manual__2")
    with database.service() as session, pytest.raises(NotKnown) as caught:
        store.find_run(session, text)
    assert hint in caught.value.hint


def test_where_there_are_no_runs_that_is_said(database: Database) -> None:
    with database.service() as session, pytest.raises(NotKnown, match="there are no runs yet"):
        store.find_run(session, "anything")


def test_outputs_are_those_of_the_newest_generation_that_was_done_and_not_undone(
    database: Database, run: RunRef
) -> None:
    acts = [
        ("create", -1, 1, "SUCCEEDED", "old"),
        ("create", -1, 2, "SUCCEEDED", "new"),
        ("create", -1, 3, "QUEUED", None),
        ("undone", -1, 1, "SUCCEEDED", "old"),
        ("undone", -1, 2, "COMPENSATED", "new"),
        ("failed", -1, 1, "FAILED", None),
        ("each", 1, 1, "SUCCEEDED", "b"),
        ("each", 0, 1, "SUCCEEDED", "a"),
    ]
    with database.tenant(run.org_id) as session:
        for key, index, generation, status, value in acts:
            session.add(
                NodeRun(
                    node_run_id=new_id(),
                    org_id=run.org_id,
                    run_id=run.run_id,
                    node_key=key,
                    node_type="x.y",
                    map_index=index,
                    generation=generation,
                    effect="pure",
                    status=status,
                    output={"value": value} if value else None,
                    idempotency_key=f"{key}{index}{generation}",
                )
            )
        session.flush()
        assert store.outputs(session, run.run_id).nodes == {
            "create": {"output": {"value": "new"}},
            "each": {"output": [{"value": "a"}, {"value": "b"}]},
        }
