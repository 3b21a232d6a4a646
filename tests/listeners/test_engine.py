"""The engine by its names, with Airflow's API played by a server that keeps its rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.errors import AirflowForbids
from officeflow.database.engine import Database
from officeflow.database.tables import Employee, InboxEvent, Organization, Workflow, WorkflowRun
from officeflow.errors import InvalidEvent, InvalidInput, NotKnown
from officeflow.events.message import Message
from officeflow.runs import store
from officeflow.runs.engine import Engine
from officeflow.settings import Settings
from officeflow.statuses import RunControl, RunStatus
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import Publish, event

AddRun = Callable[..., WorkflowRun]


@pytest.fixture
def engine(database: Database, api: AirflowApi) -> Engine:
    return Engine(database, api, Settings(), by="airflow:ana")


@pytest.fixture
def add_run(database: Database, org: Organization, airflow: AirflowServer) -> AddRun:
    """`add_run(name, workflow="hello", **values)`: one that runs, also in Airflow."""

    def added(name: str, workflow: str = "hello", **values: Any) -> WorkflowRun:
        dag_id = f"acme__{workflow}"
        airflow.take(dag_id, name, {}, by="officeflow", state="running")
        with database.service() as session:
            run = store.ensure_run(
                session,
                org_id=org.org_id,
                dag_id=dag_id,
                dag_run_id=name,
                conf={},
                status=RunStatus.RUNNING,
            )
            for key, value in values.items():
                setattr(run, key, value)
        return run

    return added


def test_a_lifecycle_event_is_taken_once(database: Database, engine: Engine, org: Organization) -> None:
    message = Message(
        topic=f"employee.onboard.{org.slug}", partition=0, offset=1, value=json.dumps(event()).encode()
    )
    first, second = (engine.process_lifecycle_event(message) for _ in range(2))
    assert first.identity == second.identity
    with database.service() as session:
        assert len(session.scalars(select(InboxEvent)).all()) == 1
    with pytest.raises(InvalidEvent):
        engine.process_lifecycle_event(
            Message(topic=f"employee.onboard.{org.slug}", partition=0, offset=2, value=b"{")
        )


@pytest.mark.usefixtures("person")
def test_a_run_is_started_once_under_an_id_and_as_often_as_asked_without_one(
    engine: Engine, publish: Publish, airflow: AirflowServer
) -> None:
    publish("hello")
    first, second = (
        engine.execute_workflow("acme", "hello", {"employee": "E1"}, why="x", request_id="1")
        for _ in range(2)
    )
    assert (first.changed, second.changed, first.run) == (True, False, second.run)
    for _ in range(2):
        assert engine.execute_workflow("acme", "hello", {"employee": "E1"}, why="x").changed
    assert len(airflow.runs) == 3
    with pytest.raises(InvalidInput, match="under this id another run was started"):
        engine.execute_workflow(
            "acme", "hello", {"employee": "E1", "payload": {"department": "Legal"}}, why="x", request_id="1"
        )


@pytest.mark.usefixtures("person")
def test_a_deactivated_workflow_is_not_started(
    database: Database, engine: Engine, publish: Publish, airflow: AirflowServer
) -> None:
    publish("hello")
    with database.service() as session:
        session.scalars(select(Workflow)).one().is_active = False
    with pytest.raises(InvalidInput, match="was deactivated"):
        engine.execute_workflow("acme", "hello", {"employee": "E1"}, why="x")
    with pytest.raises(NotKnown, match="no workflow 'helo'"):
        engine.execute_workflow("acme", "helo", {"employee": "E1"}, why="x")
    with pytest.raises(InvalidInput, match="reason"):
        engine.execute_workflow("acme", "hello", {"employee": "E1"}, why=" ")
    assert airflow.runs == {}


def test_a_workflow_that_others_call_alone_is_not_started_by_hand(
    engine: Engine, publish: Publish, airflow: AirflowServer, person: Employee
) -> None:
    publish("equip", events=[])
    with pytest.raises(InvalidInput, match="equip starts on no event: another workflow calls it") as refused:
        engine.execute_workflow("acme", "equip", {"employee": person.external_id}, why="a laptop broke")
    assert "flow.call" in refused.value.hint
    assert airflow.runs == {}


def test_who_may_not_clear_a_runs_tasks_may_not_steer_it(
    database: Database, engine: Engine, airflow: AirflowServer, add_run: AddRun
) -> None:
    run = add_run("manual__1")
    airflow.forbidden = True
    for steer in (engine.pause_workflow, engine.resume_workflow, engine.cancel_workflow):
        with pytest.raises(AirflowForbids):
            steer(str(run.run_id), why="x")
    with database.service() as session:
        assert session.get_one(WorkflowRun, run.run_id).control == RunControl.NONE


def test_a_run_that_airflow_does_not_have_yet_is_steered(
    engine: Engine, database: Database, org: Organization
) -> None:
    with database.service() as session:
        run = store.ensure_run(session, org_id=org.org_id, dag_id="acme__hello", dag_run_id="evt__1", conf={})
    assert engine.cancel_workflow(str(run.run_id), why="x").changed


def test_a_run_of_another_organization_is_not_known(
    engine: Engine, add_run: AddRun, other: Organization
) -> None:
    run = add_run("manual__1")
    with pytest.raises(NotKnown, match="globex has no run"):
        engine.pause_workflow(str(run.run_id), why="x", org=other.slug)
    with pytest.raises(NotKnown, match="there is no run"):
        engine.pause_workflow("acme__hello/manual__2", why="x")


def test_what_is_open_of_a_workflow_or_a_person_is_what_can_still_be_steered_so(
    engine: Engine, publish: Publish, add_run: AddRun, person: Employee
) -> None:
    publish("hello")
    publish("other")
    first = add_run("manual__1", employee_id=person.employee_id)
    second = add_run("manual__2")
    third = add_run("manual__3", "other", employee_id=person.employee_id)
    add_run("manual__4", status=RunStatus.SUCCEEDED)
    engine.pause_workflow(str(first.run_id), why="x")

    def found(wanted: RunControl, **which: str) -> set[str]:
        return {run.dag_run_id for run in engine.open_runs("acme", wanted, **which)}

    assert found(RunControl.PAUSE, workflow="hello") == {second.dag_run_id}
    assert found(RunControl.NONE, workflow="hello") == {first.dag_run_id}
    assert found(RunControl.CANCEL, workflow="acme__hello") == {first.dag_run_id, second.dag_run_id}
    assert found(RunControl.CANCEL, employee="E1") == {first.dag_run_id, third.dag_run_id}
    assert found(RunControl.CANCEL, employee="E1", workflow="other") == {third.dag_run_id}
    with pytest.raises(NotKnown, match="did you mean hello"):
        found(RunControl.PAUSE, workflow="hallo")
    with pytest.raises(NotKnown, match="knows nobody as 'E9'"):
        found(RunControl.PAUSE, employee="E9")
