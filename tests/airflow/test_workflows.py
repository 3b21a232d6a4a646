"""Workflows from the database, through a real dag-processor, scheduler and workers."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization, WorkflowRun
from officeflow.errors import NotKnown
from officeflow.ids import new_id, workflow_run_id
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.dag_factory.conftest import Published, content_hash, definition

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def workflows_database(airflow: EmbeddedAirflow) -> Iterator[Database]:
    """The database that Airflow's bundle reads."""
    database = Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"])
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def publisher(workflows_database: Database) -> Published:
    """Of an organization that other modules of the session may have made."""
    with workflows_database.service() as session:
        organization = session.scalar(select(Organization).where(Organization.slug == "acme"))
        if organization is None:
            organization = Organization(
                org_id=new_id(), slug="acme", name="Acme", domain="acme.example", plan="standard"
            )
            session.add(organization)
    return Published(workflows_database, organization)


def record(key: str, action: str = "did", **changes: Any) -> dict[str, Any]:
    return {
        "id": key,
        "type": "audit.record",
        "params": {"action": action, "subject": "employee:E-1"},
        **changes,
    }


def pause(key: str) -> dict[str, Any]:
    """Waits until the test lets it go on, by `airflow.answer`."""
    return {"id": key, "type": "human.approval", "params": {"subject": "May it go on?"}}


def chain(*keys: str) -> list[dict[str, Any]]:
    return [{"from": source, "to": target} for source, target in itertools.pairwise(keys)]


def conf(*, org: str = "acme", **payload: Any) -> dict[str, Any]:
    event = {
        "id": "e-1",
        "source": "hr",
        "kind": "employee.onboard",
        "org": org,
        "employee": "E-1",
        "time": "2026-01-05T08:00:00Z",
    }
    return {"event": {**event, "payload": payload}, "correlation_id": "c-1"}


def shows(api: AirflowApi, dag_id: str, drawn: dict[str, Any]) -> bool:
    """Whether Airflow's own copy of the DAG is the one of this definition."""
    try:
        details = api.dag_details(dag_id)
    except NotKnown:
        return False
    return content_hash(drawn) in (details["doc_md"] or "")


def start(api: AirflowApi, dag_id: str, **payload: Any) -> str:
    run = f"test__{secrets.token_hex(4)}"
    assert api.trigger(dag_id, run, conf(**payload))
    return run


def states(api: AirflowApi, dag_id: str, run: str) -> dict[str, str | None]:
    return {task["task_id"]: task["state"] for task in api.task_instances(dag_id, run)}


def acts(database: Database, dag_id: str, run: str) -> dict[str, NodeRun]:
    with database.service() as session:
        rows = session.scalars(select(NodeRun).where(NodeRun.run_id == workflow_run_id(dag_id, run)))
        return {row.node_key: row for row in rows}


def test_a_running_run_survives_a_broken_neighbour_and_a_newer_version_and_ends_as_it_began(
    airflow: EmbeddedAirflow, publisher: Published, workflows_database: Database
) -> None:
    api, dag_id = airflow.api, "acme__steady"
    nodes = [record("before"), pause("pause"), record("after", "old")]
    first = definition("steady", nodes=nodes, edges=chain("before", "pause", "after"))
    revision = publisher.publish("steady", first)
    eventually(lambda: shows(api, dag_id, first))
    run = start(api, dag_id)
    eventually(lambda: states(api, dag_id, run)["pause"] == "awaiting_input")

    publisher.publish("broken", definition("broken", nodes=[{"id": "a", "type": "nope.nothing"}], edges=[]))
    nodes = [record("before"), pause("pause"), record("after", "new"), record("added")]
    second = definition("steady", nodes=nodes, edges=chain("before", "pause", "after", "added"))
    publisher.publish("steady", second)
    eventually(lambda: shows(api, dag_id, second))
    problems = eventually(lambda: [p for p in api.import_errors() if "acme__broken" in p["stack_trace"]])
    (problem,) = problems
    assert re.fullmatch(r"acme/w\d\d_check\.py", problem["filename"])
    assert states(api, dag_id, run)["after"] is None

    airflow.answer(dag_id, run, "pause")
    assert airflow.await_run(run, dag_id=dag_id) == "success"
    assert {task: state for task, state in states(api, dag_id, run).items() if state} == dict.fromkeys(
        ["before", "pause", "after"], "success"
    )
    done = acts(workflows_database, dag_id, run)["after"]
    assert done.output is not None
    assert done.output["action"] == "old"
    with workflows_database.service() as session:
        assert session.get_one(WorkflowRun, workflow_run_id(dag_id, run)).version == 1
    assert api.dag_run(dag_id, run)["bundle_version"] == f"r{revision:07d}"

    later = start(api, dag_id)
    eventually(lambda: states(api, dag_id, later).get("added", ...) is None)


BRANCHING = {
    "nodes": [record(key) for key in ("look", "small", "big", "join", "end")],
    "edges": [
        {"from": "look", "to": "small", "condition": "event.payload.size < 10"},
        {"from": "look", "to": "big", "condition": "event.payload.size >= 10"},
        {"from": "small", "to": "join"},
        {"from": "big", "to": "join", "condition": 'nodes.big.output.action == "did"', "label": "done"},
        {"from": "look", "to": "end", "condition": "event.payload.size == 0"},
        {"from": "join", "to": "end", "condition": "event.payload.size == 12"},
    ],
}


@pytest.fixture(scope="module")
def branching(airflow: EmbeddedAirflow, publisher: Published) -> str:
    drawn = definition("branching", **BRANCHING)
    publisher.publish("branching", drawn)
    eventually(lambda: shows(airflow.api, "acme__branching", drawn))
    return "acme__branching"


@pytest.mark.parametrize(
    ("size", "skipped"),
    [
        (1, {"big", "edge__big__join", "edge__look__end", "edge__join__end", "end"}),
        (0, {"big", "edge__big__join", "edge__join__end"}),
        (12, {"small", "edge__look__end"}),
    ],
)
def test_a_node_runs_where_a_way_into_it_is_taken_and_a_clear_of_everything_decides_the_same_and_does_nothing(
    airflow: EmbeddedAirflow, branching: str, workflows_database: Database, size: int, skipped: set[str]
) -> None:
    api = airflow.api
    run = start(api, branching, size=size)
    assert airflow.await_run(run, dag_id=branching) == "success"
    first = states(api, branching, run)
    assert {task for task, state in first.items() if state == "skipped"} == skipped
    assert {state for task, state in first.items() if task not in skipped} == {"success"}
    assert set(acts(workflows_database, branching, run)) == {
        t for t in first if t not in skipped and not t.startswith("edge__")
    }

    api.clear(branching, run)
    eventually(lambda: api.dag_run(branching, run)["state"] != "success")
    assert airflow.await_run(run, dag_id=branching) == "success"
    assert states(api, branching, run) == first
    assert {act.attempt for act in acts(workflows_database, branching, run).values()} == {1}
    assert "already done at" in api.task_log(branching, run, "look", 2)


def test_a_cleared_task_behind_a_false_condition_is_skipped_again(
    airflow: EmbeddedAirflow, branching: str
) -> None:
    api = airflow.api
    run = start(api, branching, size=1)
    airflow.await_run(run, dag_id=branching)
    assert [task["task_id"] for task in api.clear(branching, run, ["big"])] == ["big"]
    assert airflow.await_run(run, dag_id=branching) == "success"
    eventually(lambda: states(api, branching, run)["big"] == "skipped")


STEERED = {
    "nodes": [
        {
            "id": "own",
            "type": "flow.set",
            "params": {"values": {"size": "${{ event.payload.size }}"}, "types": {"size": "text"}},
        },
        {
            "id": "pick",
            "type": "flow.branch",
            "params": {
                "value": "${{ nodes.own.output.size }}",
                "choices": {"small": "quick", "both": ["quick", "slow"], "odd": "all"},
                "default": "stop",
            },
        },
        record("quick"),
        pause("slow"),
        {"id": "any", "type": "flow.join", "params": {"mode": "any"}},
        {"id": "all", "type": "flow.join", "params": {"mode": "all"}},
        {"id": "stop", "type": "flow.fail", "params": {"message": "{{ event.payload.size }} is no size"}},
    ],
    "edges": [
        {"from": "own", "to": "pick"},
        *({"from": "pick", "to": key} for key in ("quick", "slow", "stop", "all")),
        *({"from": source, "to": "any"} for source in ("quick", "slow")),
        {"from": "quick", "to": "all"},
    ],
}


@pytest.fixture(scope="module")
def steered(airflow: EmbeddedAirflow, publisher: Published) -> str:
    drawn = definition("steered", **STEERED)
    publisher.publish("steered", drawn)
    eventually(lambda: shows(airflow.api, "acme__steered", drawn))
    return "acme__steered"


@pytest.mark.parametrize(
    ("size", "skipped", "sources"),
    [
        ("small", {"slow", "stop", "edge__pick__all", "all"}, ["quick"]),
        ("both", {"stop", "edge__pick__all", "all"}, ["quick"]),
    ],
)
def test_a_branch_goes_the_ways_that_it_names_and_a_join_goes_on_as_its_mode_says(
    airflow: EmbeddedAirflow,
    steered: str,
    workflows_database: Database,
    size: str,
    skipped: set[str],
    sources: list[str],
) -> None:
    run = start(airflow.api, steered, size=size)
    if "slow" not in skipped:
        eventually(lambda: states(airflow.api, steered, run)["any"] == "success")
        airflow.answer(steered, run, "slow")
    assert airflow.await_run(run, dag_id=steered) == "success"
    assert {
        task for task, state in states(airflow.api, steered, run).items() if state == "skipped"
    } == skipped
    joined = acts(workflows_database, steered, run)["any"].output
    assert joined is not None
    assert joined["taken"] == sources, "in the second run it did not wait for the slow one"


def test_an_end_fails_the_run_with_its_message_and_is_not_tried_again(
    airflow: EmbeddedAirflow, steered: str
) -> None:
    run = start(airflow.api, steered, size="huge")
    assert airflow.await_run(run, dag_id=steered) == "failed"
    ended = {
        task["task_id"]: (task["state"], task["try_number"])
        for task in airflow.api.task_instances(steered, run)
    }
    assert ended["stop"] == ("failed", 1)
    assert "flow_stopped: huge is no size" in airflow.api.task_log(steered, run, "stop", 1)


STALE_AFTER = dt.timedelta(seconds=11)
"""A workflow that is retired sooner after it was parsed (`stale_dag_threshold`) is missed at the next parse
alone.
"""


def parsed_ago(api: AirflowApi, dag_id: str) -> dt.timedelta:
    return dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(str(api.dag(dag_id)["last_parsed_time"]))


def test_a_deactivated_workflow_goes_on_and_a_retired_one_is_gone(
    airflow: EmbeddedAirflow, publisher: Published
) -> None:
    api, dag_id = airflow.api, "acme__leaving"
    drawn = definition("leaving", nodes=[pause("pause"), record("after")], edges=chain("pause", "after"))
    publisher.publish("leaving", drawn)
    eventually(lambda: shows(api, dag_id, drawn))
    run = start(api, dag_id)
    publisher.revise("leaving", "deactivate")
    airflow.answer(dag_id, run, "pause")
    assert airflow.await_run(run, dag_id=dag_id) == "success"
    assert not api.dag(dag_id)["is_stale"]
    eventually(lambda: parsed_ago(api, dag_id) > STALE_AFTER)
    publisher.revise("leaving", "retire")
    eventually(lambda: api.dag(dag_id)["is_stale"])
