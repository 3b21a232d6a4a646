"""Workflows that call others: the node, the listener that starts what is called, and the steward's watch that
sees its end, on PostgreSQL and with Airflow's API played by a server that keeps its rules.
"""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from sqlalchemy import select, update

from listeners.inbound.calls import Calls
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization, RunRequest, Workflow, WorkflowRun
from officeflow.errors import Unavailable
from officeflow.ids import workflow_run_id
from officeflow.sdk import NodeResult
from officeflow.statuses import CallState, RunControl, RunStatus
from officeflow.waiting import calls
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import eventually
from tests.listeners.inbound.office import CALLER, EVENT, OUTPUTS, Office


@pytest.fixture
def office(database: Database, org: Organization, airflow: AirflowServer, api: AirflowApi) -> Office:
    return Office(database, org, airflow, api)


def is_waiting(result: NodeResult) -> bool:
    return result.status == "retry" and result.reschedule_at is not None


def told(result: NodeResult) -> str:
    assert result.status == "failed"
    assert result.error is not None
    return f"{result.error.code}: {result.error.message} {'; '.join(map(str, result.error.problems))}"


ASSET = {"values": {"asset": "${{ 'L-' + input.size }}"}}


def test_a_workflow_is_called_with_its_input_and_gives_its_output(office: Office) -> None:
    office.publish("equip")
    assert is_waiting(office.call())
    assert office.calls.take_all() == 1
    child = office.child()
    parent = workflow_run_id(CALLER, "hire")
    assert (child.parent_run_id, child.depth, child.correlation_id) == (parent, 1, "hire-1")
    assert is_waiting(office.call())

    ((dag, _), started) = next(iter(office.airflow.runs.items()))
    assert dag == "acme__equip"
    assert started["conf"] == {"event": EVENT, "correlation_id": "hire-1"}, "what it is given is not in there"
    assert office.act(child, ASSET).output["asset"] == "L-large"
    office.end(child)
    assert office.woken() == [("hire", "it")]

    done = office.call()
    assert done.status == "success"
    assert {name: done.output[name] for name in ("run_id", "status", "output")} == {
        "run_id": str(child.run_id),
        "status": "SUCCEEDED",
        "output": {"asset": "L-large"},
    }


def test_it_is_started_once_however_often_it_is_asked_for(office: Office) -> None:
    office.publish("equip")
    for _ in range(3):
        office.call()
        office.calls.take_all()
    assert (len(office.requests()), len(office.airflow.runs), office.airflow.posts) == (1, 1, 1)


def test_killed_between_airflow_and_the_request_it_is_found_and_not_started_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.publish("equip")
    office.call()

    def killed(*_: Any) -> None:
        raise InterruptedError

    monkeypatch.setattr(calls, "started", killed)
    with pytest.raises(InterruptedError):
        office.calls.take_all()
    monkeypatch.undo()
    assert office.requests()[0].state == CallState.WANTED
    assert office.calls.take_all() == 1
    assert (len(office.airflow.runs), office.requests()[0].state) == (1, CallState.STARTED)


def test_a_run_that_ends_before_its_request_is_settled_is_not_missed(office: Office) -> None:
    office.publish("equip")
    office.call()
    started = calls.started

    def late(session: Any, request_id: Any) -> None:
        office.end(office.child())
        started(session, request_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calls, "started", late)
        office.calls.take_all()
    assert office.requests()[0].state == CallState.ENDED
    assert office.woken() == [("hire", "it")]


def test_while_airflow_is_away_the_request_waits(office: Office) -> None:
    office.publish("equip")
    office.call()
    office.airflow.status = 503
    with pytest.raises(Unavailable):
        office.calls.take_all()
    office.airflow.status = None
    assert office.calls.take_all() == 1


def test_a_dag_that_is_not_there_yet_is_waited_for_and_not_for_ever(office: Office) -> None:
    office.publish("equip", in_airflow=False)
    office.call()
    assert office.calls.take_all() == 0
    assert is_waiting(office.call())
    with office.database.service() as session:
        long_ago = RunRequest.created_at - dt.timedelta(hours=1)
        session.execute(update(RunRequest).values(created_at=long_ago))
    assert office.calls.take_all() == 1
    assert "Airflow does not start the workflow that is called, acme__equip" in told(office.call())
    assert office.child().status == RunStatus.FAILED


def test_a_run_that_fails_fails_the_node_or_is_its_output(office: Office) -> None:
    office.publish("equip")
    office.call()
    office.call(node="calm", on_failure="go_on")
    office.calls.take_all()
    for request in office.requests():
        with office.database.service() as session:
            child = session.get_one(WorkflowRun, request.child_run_id)
        office.end(child, "failed")
    failed = told(office.call())
    assert "flow_stopped: the run acme__equip/call__" in failed
    assert "of the workflow equip is FAILED" in failed
    done = office.call(node="calm", on_failure="go_on")
    assert (done.status, done.output["status"], done.output["output"]) == ("success", "FAILED", {})


def test_a_run_that_failed_and_was_cleared_is_waited_for_again(office: Office) -> None:
    office.publish("equip")
    office.call()
    office.calls.take_all()
    child = office.child()
    office.end(child, "failed")
    office.airflow.restart(child.dag_id, child.dag_run_id, dt.datetime.now(dt.UTC))
    office.watch.follow()
    assert is_waiting(office.call())
    office.act(child, ASSET)
    office.end(child)
    assert office.call().output["output"] == {"asset": "L-large"}


def test_outputs_that_are_not_as_declared_are_named_and_not_shown(office: Office) -> None:
    office.publish("equip", outputs={"asset": {**OUTPUTS["asset"], "schema": {"type": "integer"}}})
    office.call()
    office.calls.take_all()
    child = office.child()
    office.act(child, ASSET)
    office.end(child)
    failed = told(office.call())
    assert "the workflow equip does not give what it declares outputs.asset: does not fit" in failed
    assert "L-large" not in failed


def test_outputs_that_cannot_be_computed_are_named(office: Office) -> None:
    office.publish("equip")
    office.call()
    office.calls.take_all()
    office.end(office.child())
    assert "the outputs of the workflow equip cannot be computed outputs.asset" in told(office.call())


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"workflow": "equipp"}, "there is no workflow 'equipp' to call"),
        ({"version": 7}, "version 7 of 'equip' is called, and version 1 is published"),
        ({"input": {}}, "input.size: is missing"),
        ({"input": {"size": 3}}, "input.size: does not fit: type is string"),
        ({"input": {"size": "large", "color": "red"}}, "there is no color"),
        ({"workflow": "hire"}, "'hire' declares no inputs"),
    ],
)
def test_what_cannot_be_called_fails_the_node_with_why(
    office: Office, params: dict[str, Any], why: str
) -> None:
    office.publish("equip")
    office.publish("hire", inputs=None, outputs={})
    office.call(**params)
    assert office.calls.take_all() == 1
    assert office.woken() == [("hire", "it")]
    assert why in told(office.call(**params))
    assert office.airflow.runs == {}


def test_a_workflow_that_was_deactivated_meanwhile_is_not_called(office: Office) -> None:
    office.publish("equip")
    office.call()
    with office.database.service() as session:
        session.execute(update(Workflow).values(is_active=False))
    office.calls.take_all()
    assert "the workflow 'equip' is deactivated: it cannot be called" in told(office.call())


def test_workflows_that_call_each_other_are_stopped(office: Office) -> None:
    office.publish("equip")
    office.publish("hire")
    office.call()
    office.calls.take_all()
    child = office.child()
    again: dict[str, Any] = {"dag": child.dag_id, "run": child.dag_run_id, "context": child.context}
    office.call("hire", **again)
    office.calls.take_all()
    failed = told(office.call("hire", **again))
    assert "workflows call each other in a circle: hire → equip → hire" in failed


def test_calls_are_nested_five_deep_at_most(office: Office) -> None:
    place: dict[str, Any] = {}
    for number in range(1, 7):
        office.publish(f"level-{number}")
        office.call(f"level-{number}", **place)
        office.calls.take_all()
        if number < 6:
            child = office.child()
            assert child.depth == number
            place = {"dag": child.dag_id, "run": child.dag_run_id, "context": child.context}
    assert "calls are nested more than 5 deep" in told(office.call("level-6", **place))


def test_a_run_that_is_paused_calls_nobody_until_it_goes_on_and_one_that_is_cancelled_never(
    office: Office,
) -> None:
    office.publish("equip")
    office.call()
    office.wish(RunControl.PAUSE)
    assert office.calls.take_all() == 0
    assert office.airflow.runs == {}
    office.wish(RunControl.CANCEL)
    assert office.calls.take_all() == 1
    assert (office.airflow.runs, office.requests()[0].state) == ({}, CallState.REFUSED)


def test_the_id_of_a_run_that_somebody_took_is_told(office: Office) -> None:
    office.publish("equip")
    office.call()
    name = f"call__{office.requests()[0].request_id}"
    office.airflow.take("acme__equip", name, {"event": EVENT, "correlation_id": "hire-1"}, by="mallory")
    office.calls.take_all()
    assert f"the run id {name} of acme__equip is taken in Airflow by a run of mallory" in told(office.call())


def test_what_is_given_is_encrypted_and_what_is_sensitive_in_it_stays_so(
    office: Office, database: Database
) -> None:
    office.publish("equip")
    office.call()
    with database.engine.begin() as connection:
        (raw,) = connection.exec_driver_sql("SELECT input FROM run_requests").one()
    assert b"large" not in bytes(raw)
    with database.service() as session:
        request = session.scalars(select(RunRequest)).one()
        request.input = {"input": {"size": "secret-size"}, "sensitive": ["secret-size"]}
    office.calls.take_all()
    child = office.child()
    office.act(child, ASSET)
    office.end(child)
    done = office.call()
    assert done.output["output"] == {"asset": "L-secret-size"}
    assert done.public["output"] == {"asset": "L-***"}
    with database.service() as session:
        shown = [act.output for act in session.scalars(select(NodeRun))]
    assert "secret-size" not in str(shown)


def test_another_organizations_workflow_cannot_be_called(
    office: Office, database: Database, other: Organization
) -> None:
    theirs = Office(database, other, office.airflow, AirflowApi(office.airflow.url, "", ""))
    theirs.publish("equip")
    office.call()
    office.calls.take_all()
    assert "there is no workflow 'equip' to call" in told(office.call())


def test_the_listener_is_told_and_ends_when_it_is_to_stop(
    office: Office, database: Database, api: AirflowApi
) -> None:
    stop = threading.Event()
    running = Calls(database, api, patience=600, stop=stop)
    running.start()
    office.publish("equip")
    office.call()
    eventually(lambda: office.requests()[0].state == CallState.STARTED)
    stop.set()
    running.join()
