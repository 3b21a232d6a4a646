"""A task that waits for a time looks again at once when it is woken, and nothing else of its run changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from listeners.steward.waking import Waking
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
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
        {"id": "wait", "type": "flow.delay", "params": {"duration": "P3D"}, "retry": {"maxRetries": 2}},
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
    after = eventually(lambda: looked_again(airflow, waits, run, before))

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
