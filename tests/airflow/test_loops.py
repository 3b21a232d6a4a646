"""Loops, default edges and joins through a real dag-processor, scheduler and workers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization
from officeflow.ids import new_id, workflow_run_id
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.airflow.test_workflows import shows
from tests.dag_factory.conftest import Published, definition

pytestmark = pytest.mark.integration

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "equipment.json"
DAG, END = "loops__equipment", "edge__things-rounds"


@pytest.fixture(scope="module")
def loops_database(airflow: EmbeddedAirflow) -> Iterator[Database]:
    database = Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"])
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def publisher(loops_database: Database) -> Published:
    """Of an organization of its own."""
    organization = Organization(
        org_id=new_id(), slug="loops", name="Loops", domain="loops.example", plan="standard"
    )
    with loops_database.service() as session:
        session.add(organization)
    return Published(loops_database, organization)


@pytest.fixture(scope="module")
def equipment(airflow: EmbeddedAirflow, publisher: Published) -> str:
    drawn = json.loads(EXAMPLE.read_text())
    publisher.publish("equipment", drawn)
    eventually(lambda: shows(airflow.api, DAG, drawn))
    return DAG


def conf(**payload: Any) -> dict[str, Any]:
    event = {"id": "e-1", "source": "hr", "kind": "employee.onboard", "org": "loops", "employee": "E-1"}
    return {"event": {**event, "time": "2026-01-05T08:00:00Z", "payload": payload}, "correlation_id": "c-1"}


def begin(api: AirflowApi, dag_id: str, run: str, **payload: Any) -> str:
    assert api.trigger(dag_id, run, conf(**payload))
    return run


def states(api: AirflowApi, dag_id: str, run: str) -> dict[tuple[str, int], str | None]:
    return {(task["task_id"], task["map_index"]): task["state"] for task in api.task_instances(dag_id, run)}


def outputs(database: Database, dag_id: str, run: str) -> dict[tuple[str, int], Any]:
    with database.service() as session:
        query = select(NodeRun.node_key, NodeRun.map_index, NodeRun.output).where(
            NodeRun.run_id == workflow_run_id(dag_id, run)
        )
        return {(key, index): output for key, index, output in session.execute(query)}


def test_each_item_has_its_own_round_and_its_own_line_in_the_ledger_and_what_follows_reads_lists(
    airflow: EmbeddedAirflow, equipment: str, loops_database: Database
) -> None:
    run = begin(airflow.api, equipment, "three", equipment=["laptop", "mouse", "screen"])
    assert airflow.await_run(run, dag_id=equipment) == "success"
    seen = states(airflow.api, equipment, run)
    assert [seen["order", index] for index in range(3)] == ["success"] * 3
    assert [seen["dear", index] for index in range(3)] == ["success", "skipped", "success"]
    assert [seen["cheap", index] for index in range(3)] == ["skipped", "success", "skipped"]
    assert (seen["list", -1], seen["none", -1], seen["hand_out", -1]) == ("success", "skipped", "success")
    given = outputs(loops_database, equipment, run)
    assert [given["order", index]["what"] for index in range(3)] == ["laptop", "mouse", "screen"]
    assert [given["order", index]["number"] for index in range(3)] == [1, 2, 3]
    assert (given["list", -1]["ordered"], given["list", -1]["dear"]) == (["L-100", "M-1", "S-27"], 2)
    assert ("dear", 1) not in given
    assert rounds_in_xcom(airflow, equipment, run) == "[0, 1, 2]"


def rounds_in_xcom(airflow: EmbeddedAirflow, dag_id: str, run: str) -> str:
    path = f"/api/v2/dags/{dag_id}/dagRuns/{run}/taskInstances/things/xcomEntries/return_value"
    return str(airflow.admin._get(path)["value"]).replace("'", "")


def test_one_item_is_a_list_of_one(
    airflow: EmbeddedAirflow, equipment: str, loops_database: Database
) -> None:
    run = begin(airflow.api, equipment, "one", equipment=["mouse"])
    assert airflow.await_run(run, dag_id=equipment) == "success"
    assert outputs(loops_database, equipment, run)["list", -1]["ordered"] == ["M-1"]


def test_a_loop_over_nothing_has_no_rounds_and_what_follows_runs(
    airflow: EmbeddedAirflow, equipment: str, loops_database: Database
) -> None:
    run = begin(airflow.api, equipment, "none", equipment=[])
    assert airflow.await_run(run, dag_id=equipment) == "success"
    seen = states(airflow.api, equipment, run)
    assert (seen["order", -1], seen["dear", -1], seen[END, -1]) == ("skipped", "skipped", "success")
    assert (seen["list", -1], seen["none", -1], seen["hand_out", -1]) == ("skipped", "success", "skipped")


def test_a_list_that_is_too_long_for_airflow_is_an_error_before_anything_is_done(
    airflow: EmbeddedAirflow, equipment: str, loops_database: Database
) -> None:
    run = begin(airflow.api, equipment, "long", equipment=["mouse"] * 1025)
    assert airflow.await_run(run, dag_id=equipment) == "failed"
    assert states(airflow.api, equipment, run)["order", -1] == "upstream_failed"
    log = airflow.api.task_log(equipment, run, "things")
    assert "the loop has 1025 items, more than the 1024 rounds that Airflow lets a loop have" in log
    assert {key for key, _ in outputs(loops_database, equipment, run)} <= {"things", "desk"}


def test_a_round_that_fails_stops_no_other_and_is_tried_again_alone(
    airflow: EmbeddedAirflow, equipment: str, loops_database: Database
) -> None:
    api = airflow.api
    run = begin(api, equipment, "failing", equipment=["laptop", "yacht", "mouse"])
    assert airflow.await_run(run, dag_id=equipment) == "failed"
    seen = states(api, equipment, run)
    assert [seen["order", index] for index in range(3)] == ["success", "failed", "success"]
    assert [seen["dear", index] for index in range(3)] == ["success", "upstream_failed", "skipped"]
    assert [seen["cheap", index] for index in range(3)] == ["skipped", "upstream_failed", "success"]
    assert (seen["list", -1], seen["hand_out", -1]) == ("upstream_failed", "upstream_failed")
    log = api.task_log(equipment, run, "order", map_index=1)
    assert "[item]" in log
    assert "params.values.article" in log

    api._call(
        "POST",
        f"/api/v2/dags/{equipment}/clearTaskInstances",
        json={"dag_run_id": run, "task_ids": [["order", 1]], "dry_run": False, "only_failed": False},
    )
    eventually(lambda: api.dag_run(equipment, run)["state"] != "failed")
    assert airflow.await_run(run, dag_id=equipment) == "failed"
    tries = {
        task["map_index"]: task["try_number"]
        for task in api.task_instances(equipment, run)
        if task["task_id"] == "order"
    }
    assert tries[0] == tries[2] == 1
    assert tries[1] > 1


def test_people_are_asked_in_each_round_and_answer_each(
    airflow: EmbeddedAirflow, publisher: Published, loops_database: Database
) -> None:
    api, dag_id = airflow.api, "loops__asking"
    nodes = [
        {"id": "all", "type": "flow.for_each", "params": {"items": ["a", "b"]}},
        {
            "id": "ask",
            "type": "human.approval",
            "each": "all",
            "params": {"subject": "Is {{ item }} right?"},
            "retryPolicy": {"maxRetries": 0},
        },
        {"id": "end", "type": "flow.set", "params": {"values": {"n": "${{ size(nodes.ask.output) }}"}}},
    ]
    drawn = definition("asking", nodes=nodes, edges=[{"from": "all", "to": "end"}])
    publisher.publish("asking", drawn)
    eventually(lambda: shows(api, dag_id, drawn))
    run = begin(api, dag_id, "asking")
    eventually(lambda: {states(api, dag_id, run).get(("ask", n)) for n in (0, 1)} == {"awaiting_input"})
    assert {asked["subject"] for asked in airflow.admin.questions(dag_id, run)} == {
        "Is a right?",
        "Is b right?",
    }
    answer(airflow, dag_id, run, 1)
    eventually(lambda: states(api, dag_id, run)["ask", 1] == "success")
    assert states(api, dag_id, run)["ask", 0] == "awaiting_input"
    answer(airflow, dag_id, run, 0)
    assert airflow.await_run(run, dag_id=dag_id) == "success"
    assert outputs(loops_database, dag_id, run)["end", -1]["n"] == 2


def answer(airflow: EmbeddedAirflow, dag_id: str, run: str, index: int) -> None:
    """Once the task has left its worker, as `airflow.answer`."""
    log, left = airflow.layout.log_file("airflow-scheduler"), f"task_id='ask', run_id='{run}'"
    eventually(
        lambda: any(
            "event with state success" in line and left in line and f"map_index={index}" in line
            for path in log.parent.glob(f"{log.name}*")
            for line in path.read_text(errors="replace").splitlines()
        )
    )
    path = f"/api/v2/dags/{dag_id}/dagRuns/{run}/taskInstances/ask/{index}/hitlDetails"
    airflow.admin._call("PATCH", path, json={"chosen_options": ["Approve"]})
