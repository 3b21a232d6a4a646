"""Runs that people pause, resume and cancel, in a real Airflow.

What is wanted of them stands in tables alone.
"""

from __future__ import annotations

import pytest

from officeflow.database.engine import Database
from officeflow.runs import control
from officeflow.runs.steering import CANCEL, OPTIONS, RESUME
from officeflow.statuses import RunControl
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.airflow.steered import ORG, Run, SlowSystem

pytestmark = pytest.mark.integration

PAUSED = "Paused by ana: an audit"
OWN = ("Approve", "Reject")


def test_a_run_is_paused_resumed_in_airflow_paused_again_and_resumed_by_command(
    airflow: EmbeddedAirflow, steered: Database
) -> None:
    run = Run(airflow, steered, "gate").prepare()
    run.want(RunControl.PAUSE)
    run.start()
    assert run.await_question("first", *OPTIONS) == PAUSED
    eventually(lambda: run.note().startswith("PAUSED by ana: an audit ("))
    assert run.acts() == []
    run.answer("first", RESUME)
    assert run.await_question("ask", *OWN) == "May she come in?"
    resumed = run.row()
    assert (resumed.control, resumed.control_by) == (RunControl.NONE, "airflow:admin")
    assert "PAUSED" not in run.note()
    run.want(RunControl.PAUSE)
    run.answer("ask", "Approve")
    assert run.await_question("note", *OPTIONS) == PAUSED
    assert run.acts() == [("ask", "SUCCEEDED"), ("first", "SUCCEEDED")]
    assert run.row().status == "PAUSED"
    run.want(RunControl.NONE)
    run.await_status("SUCCEEDED")
    assert set(run.states().values()) == {"success"}
    assert run.acts() == [(name, "SUCCEEDED") for name in ("ask", "first", "last", "note")]


def test_a_node_that_asks_people_itself_asks_nothing_else_while_its_run_is_paused(
    airflow: EmbeddedAirflow, steered: Database
) -> None:
    run = Run(airflow, steered, "asks").prepare()
    run.want(RunControl.PAUSE)
    run.start()
    eventually(lambda: run.states() == {"ask": "up_for_reschedule"})
    run.want(RunControl.NONE)
    assert run.await_question("ask", *OWN) == "May she come in?"
    run.answer("ask", "Approve")
    run.await_status("SUCCEEDED")


@pytest.mark.parametrize("door", ["command", "airflow"])
def test_a_paused_run_is_cancelled(airflow: EmbeddedAirflow, steered: Database, door: str) -> None:
    run = Run(airflow, steered, "gate").prepare()
    run.want(RunControl.PAUSE)
    run.start()
    run.await_question("first", *OPTIONS)
    if door == "command":
        run.want(RunControl.CANCEL)
    else:
        run.answer("first", CANCEL)
    run.await_status("CANCELLED")
    assert run.acts() == []
    assert run.row().control_by == ("airflow:ana" if door == "command" else "airflow:admin")
    assert airflow.api.dag_run(run.dag_id, run.dag_run_id)["state"] == "failed"


def test_a_run_that_waits_for_a_person_is_cancelled(airflow: EmbeddedAirflow, steered: Database) -> None:
    run = Run(airflow, steered, "gate").start()
    run.await_question("ask", *OWN)
    run.want(RunControl.CANCEL)
    run.await_status("CANCELLED")
    assert run.states() == {"first": "success", "ask": "failed", "note": "skipped", "last": "skipped"}
    assert "cancelled by ana" in run.note().lower()


def test_a_run_whose_node_acts_is_cancelled_and_nothing_begins_behind_it(
    airflow: EmbeddedAirflow, steered: Database
) -> None:
    system = SlowSystem()
    try:
        airflow.admin.put_connection(f"{ORG}.slow", "http", host=system.url, extra={"networks": "127.0.0.1"})
        run = Run(airflow, steered, "slow").start()
        assert system.asked.wait(240)
        run.want(RunControl.CANCEL)
        run.await_status("CANCELLED")
        assert run.states() == {"call": "failed", "note": "skipped"}
        system.may_answer.set()
        eventually(lambda: run.acts() != [("call", "STARTED")])
        assert run.acts()[0][0] == "call"
        assert "note" not in dict(run.acts())
    finally:
        system.close()


def test_a_run_that_airflow_does_not_have_yet_is_cancelled_and_is_cancelled_there_too_if_it_comes(
    airflow: EmbeddedAirflow, steered: Database
) -> None:
    run = Run(airflow, steered, "gate").prepare()
    run.want(RunControl.CANCEL)
    run.await_status("CANCELLED")
    assert run.row().error_details == {
        "code": "cancelled_before_it_began",
        "message": f"it was {control.told(run.row())}",
    }
    run.start()
    assert airflow.await_run(run.dag_run_id, dag_id=run.dag_id) == "failed"
    assert run.acts() == []
    assert run.row().status == "CANCELLED"


def test_a_cancelled_run_that_is_cleared_goes_on(airflow: EmbeddedAirflow, steered: Database) -> None:
    run = Run(airflow, steered, "gate").prepare()
    run.want(RunControl.PAUSE)
    run.start()
    run.await_question("first", *OPTIONS)
    run.want(RunControl.CANCEL)
    run.await_status("CANCELLED")
    airflow.admin.clear(run.dag_id, run.dag_run_id)
    run.await_question("ask", *OWN)
    run.answer("ask", "Approve")
    run.await_status("SUCCEEDED")
    assert run.row().control == RunControl.NONE
