"""A task that waits for a time looks again at once when it is woken, and nothing else of its run changes; so
what waits for an event or another run goes on as soon as that has come.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from listeners.inbound.calls import Calls
from listeners.inbound.dispatch import Dispatcher
from listeners.inbound.options import Options
from listeners.steward.run_watch import RunWatch
from listeners.steward.waking import Waking
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, WorkflowRun
from officeflow.events import inbox
from officeflow.events.message import Message
from officeflow.ids import new_id, workflow_run_id
from officeflow.waiting import wakes
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.airflow.test_workflows import acts, chain, record, shows, start, states
from tests.dag_factory.conftest import Published, definition

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def workflows_database(airflow: EmbeddedAirflow) -> Iterator[Database]:
    """The database that Airflow's bundle reads."""
    with Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"]) as database:
        yield database


@pytest.fixture(scope="module")
def organization(workflows_database: Database) -> Organization:
    organization = Organization(
        org_id=new_id(), slug="waits", name="Waits", domain="waits.example", plan="standard"
    )
    with workflows_database.service() as session:
        session.add(organization)
    return organization


@pytest.fixture(scope="module")
def waits(airflow: EmbeddedAirflow, workflows_database: Database, organization: Organization) -> str:
    """A workflow that waits for days."""
    nodes = [
        {"id": "wait", "type": "flow.delay", "params": {"duration": "P3D"}, "retryPolicy": {"maxRetries": 2}},
        record("after"),
    ]
    drawn = definition("days", nodes=nodes, edges=chain("wait", "after"))
    Published(workflows_database, organization).publish("days", drawn)
    eventually(lambda: shows(airflow.api, "waits__days", drawn))
    return "waits__days"


@pytest.fixture
def waking(airflow: EmbeddedAirflow, workflows_database: Database) -> Waking:
    return Waking(workflows_database, airflow.api, stop=threading.Event())


def task(airflow: EmbeddedAirflow, dag_id: str, run: str) -> dict[str, Any]:
    tasks = {task["task_id"]: dict(task) for task in airflow.api.task_instances(dag_id, run)}
    return tasks["wait"]


def wake(database: Database, organization: Organization, dag_id: str, *runs: str) -> None:
    with database.tenant(organization.org_id) as session:
        for run in runs:
            run_id = workflow_run_id(dag_id, run)
            wakes.wake(session, organization.org_id, run_id, "wait", cause="a test")


def test_it_looks_again_at_once_under_the_same_key_with_all_its_retries_and_the_run_goes_on_running(
    airflow: EmbeddedAirflow,
    waits: str,
    workflows_database: Database,
    organization: Organization,
    waking: Waking,
) -> None:
    run = start(airflow.api, waits, org="waits")
    eventually(lambda: states(airflow.api, waits, run)["wait"] == "up_for_reschedule")
    before, act = task(airflow, waits, run), acts(workflows_database, waits, run)["wait"]
    started = airflow.api.dag_run(waits, run)["start_date"]

    wake(workflows_database, organization, waits, run)
    assert waking.wake_due() == 1
    after = eventually(lambda: looked_again(airflow, waits, run, before)) or {}

    assert after["max_tries"] - before["max_tries"] == after["try_number"] - before["try_number"] == 1
    again = acts(workflows_database, waits, run)
    assert set(again) == {"wait"}
    assert again["wait"].idempotency_key == act.idempotency_key
    assert again["wait"].started_at == act.started_at, "its time counts from the first look"
    seen = airflow.api.dag_run(waits, run)
    assert (seen["state"], seen["start_date"]) == ("running", started)


def looked_again(
    airflow: EmbeddedAirflow, dag_id: str, run: str, before: dict[str, Any]
) -> dict[str, Any] | None:
    now = task(airflow, dag_id, run)
    waits = now["state"] == "up_for_reschedule"
    return now if waits and now["try_number"] > before["try_number"] else None


# ── what is woken by what has come ──

EQUIP = {
    "trigger": {"events": []},
    "inputs": {"type": "object", "properties": {"size": {"type": "string"}}, "required": ["size"]},
    "outputs": {"asset": {"value": "${{ nodes.order.output.asset }}", "schema": {"type": "string"}}},
    "nodes": [
        {"id": "order", "type": "flow.set", "params": {"values": {"asset": "${{ 'L-' + input.size }}"}}},
        {
            "id": "refuse",
            "type": "flow.fail",
            "params": {"message": "there is no such laptop"},
        },
    ],
    "edges": [{"from": "order", "to": "refuse", "condition": "input.size == 'huge'"}],
}
HIRE = {
    "nodes": [
        {
            "id": "equip",
            "type": "flow.call",
            "params": {"workflow": "equip", "input": {"size": "${{ event.payload.size }}"}},
        },
        record("after", "${{ nodes.equip.output.output.asset }}"),
    ],
    "edges": chain("equip", "after"),
}
MOVE = {
    "nodes": [
        {
            "id": "wait",
            "type": "flow.wait_for_event",
            "params": {"kinds": ["employee.update"], "match": "event.payload.location == 'Lisbon'"},
        },
        record("after", "${{ nodes.wait.output.id }}"),
    ],
    "edges": chain("wait", "after"),
}
LATE = {
    "nodes": [
        {
            "id": "wait",
            "type": "flow.wait_for_event",
            "params": {"kinds": ["employee.update"], "timeout": "PT2S", "on_timeout": "go_on"},
        },
        record("came"),
        record("late"),
    ],
    "edges": [
        {"from": "wait", "to": "came", "condition": "nodes.wait.output.came"},
        {"from": "wait", "to": "late", "condition": "!nodes.wait.output.came"},
    ],
}


class Platform:
    """What the listener and the steward do, each in turn."""

    def __init__(self, airflow: EmbeddedAirflow, database: Database, waking: Waking) -> None:
        stop = threading.Event()
        self._calls = Calls(database, airflow.api, patience=600, stop=stop)
        self._dispatcher = Dispatcher(database, airflow.api, options=Options(), stop=stop)
        self._watch = RunWatch(database, airflow.api, starts_every=dt.timedelta(0))
        self._waking, self._airflow, self._database = waking, airflow, database

    def turn(self) -> None:
        self._calls.take_all()
        while self._dispatcher.dispatch_next():
            pass
        self._watch.follow()
        self._waking.wake_due()

    def until_ended(self, dag_id: str, run: str) -> str:
        def state() -> str:
            self.turn()
            state = self._airflow.api.dag_run(dag_id, run)["state"]
            return state if state in {"success", "failed"} else ""

        return eventually(state)

    def arrive(self, number: str, person: str, **payload: Any) -> None:
        """An update of the person."""
        body = {
            "specversion": "1.0",
            "id": number,
            "source": "hr",
            "type": "employee.update",
            "subject": person,
            "time": dt.datetime.now(dt.UTC).isoformat(),
            "data": payload,
        }
        message = Message(
            topic="employee.update.waits",
            partition=0,
            offset=time.monotonic_ns(),
            value=json.dumps(body).encode(),
            timestamp=dt.datetime.now(dt.UTC),
        )
        with self._database.service() as session:
            assert len(inbox.store(session, [message], own_source="officeflow").new) == 1


@pytest.fixture
def platform(airflow: EmbeddedAirflow, workflows_database: Database, waking: Waking) -> Platform:
    return Platform(airflow, workflows_database, waking)


@pytest.fixture(scope="module")
def drawn(airflow: EmbeddedAirflow, workflows_database: Database, organization: Organization) -> None:
    """The workflows `equip`, `hire`, `move` and `late`, in Airflow."""
    published = Published(workflows_database, organization)
    all_parts: dict[str, dict[str, Any]] = {"equip": EQUIP, "hire": HIRE, "move": MOVE, "late": LATE}
    made = {slug: definition(slug, **parts) for slug, parts in all_parts.items()}
    for slug, each in made.items():
        published.publish(slug, each)
    eventually(lambda: all(shows(airflow.api, f"waits__{slug}", each) for slug, each in made.items()))


@pytest.mark.usefixtures("drawn")
def test_a_workflow_that_is_called_gives_its_output_to_the_node_that_called_it(
    airflow: EmbeddedAirflow, platform: Platform, workflows_database: Database
) -> None:
    run = start(airflow.api, "waits__hire", org="waits", size="large")
    assert platform.until_ended("waits__hire", run) == "success"
    done = acts(workflows_database, "waits__hire", run)
    assert done["after"].output is not None
    assert done["after"].output["action"] == "L-large"
    with workflows_database.service() as session:
        parent = workflow_run_id("waits__hire", run)
        child = session.scalars(select(WorkflowRun).where(WorkflowRun.parent_run_id == parent)).one()
    assert (child.dag_id, child.depth, child.status) == ("waits__equip", 1, "SUCCEEDED")
    conf = airflow.api.dag_run(child.dag_id, child.dag_run_id)["conf"]
    assert "input" not in (conf or {})


@pytest.mark.usefixtures("drawn")
def test_a_workflow_that_is_called_and_fails_fails_the_node_that_called_it(
    airflow: EmbeddedAirflow, platform: Platform, workflows_database: Database
) -> None:
    run = start(airflow.api, "waits__hire", org="waits", size="huge")
    assert platform.until_ended("waits__hire", run) == "failed"
    failed = acts(workflows_database, "waits__hire", run)["equip"]
    assert "of the workflow equip is FAILED" in (failed.error_details or {})["message"]


@pytest.mark.usefixtures("drawn")
def test_an_event_that_comes_lets_the_run_go_on(
    airflow: EmbeddedAirflow, platform: Platform, workflows_database: Database
) -> None:
    run = start(airflow.api, "waits__move", org="waits")
    eventually(lambda: states(airflow.api, "waits__move", run)["wait"] == "up_for_reschedule")
    platform.arrive("u-1", "E-1", location="Faro")
    platform.arrive("u-2", "E-1", location="Lisbon")
    assert platform.until_ended("waits__move", run) == "success"
    done = acts(workflows_database, "waits__move", run)
    assert done["after"].output is not None
    assert done["after"].output["action"] == "u-2"
    assert done["wait"].generation == 1


@pytest.mark.usefixtures("drawn")
def test_where_no_event_comes_in_time_another_way_is_taken(
    airflow: EmbeddedAirflow, platform: Platform
) -> None:
    run = start(airflow.api, "waits__late", org="waits")
    assert platform.until_ended("waits__late", run) == "success"
    seen = states(airflow.api, "waits__late", run)
    assert (seen["late"], seen["came"]) == ("success", "skipped")
