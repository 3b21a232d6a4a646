"""The running stack, with its tasks in a Celery worker that hands no slot on: the stack stays so, and these
tests come last.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
import pytest
from sqlalchemy.engine import make_url

from officeflow.demo import evidence
from officeflow.demo.run import systems
from officeflow.runs.follow import RunFound
from tests.e2e.conftest import Running
from tests.e2e.test_operating import definition, publish
from tests.e2e.test_restarts import joiner

pytestmark = pytest.mark.e2e

OFF = {"OFFICEFLOW_HANDOVER": "off"}
ON_CELERY = ("--no-demo", "--executor", "celery")
DAG_ID = "acme__hired-by-celery"
LOGIN = "robin.celery@acme.example"
NODES = [
    {
        "id": "create",
        "type": "identity.create_account",
        "connection": "directory",
        "params": {
            "login": LOGIN,
            "given_name": "${{ employee.given_name }}",
            "family_name": "${{ employee.family_name }}",
        },
    },
    {
        "id": "groups",
        "type": "identity.set_groups",
        "connection": "directory",
        "params": {
            "account_id": "${{ nodes.create.output.account_id }}",
            "groups": ["Staff"],
            "mode": "add",
        },
    },
]


def taken_over(running: Running) -> dict[bool, int]:
    """How many tasks were, by Airflow's event log: of the run here (True), and of all others."""
    url = make_url(running.stack.airflow_database_url).set(drivername="postgresql")
    query = (
        "SELECT dag_id = %s, count(*) FROM log WHERE event = 'running' AND extra LIKE '%%taken_over_from%%'"
        " GROUP BY 1"
    )
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        return {bool(ours): int(count) for ours, count in connection.execute(query, [DAG_ID])}


@dataclass(frozen=True, slots=True)
class Hired:
    """`services` are those that `up` names."""

    services: frozenset[str]
    run: RunFound
    state: str


@pytest.fixture(scope="module")
def hired(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Hired:
    """Somebody gets an account after `officeflow up --executor celery` without the hand-over.

    The event has no address, so that the demonstration's workflow leaves it alone.
    """
    content = definition("hired-by-celery", "Celery", NODES[0])
    content |= {"nodes": NODES, "edges": [{"from": "create", "to": "groups"}]}
    publish(running, tmp_path_factory.mktemp("celery"), content)
    services = started(running, *ON_CELERY)
    person = {**joiner("celery"), "department": "Celery"}
    del person["work_email"]
    (run,) = running.runs_of(running.send("employee.onboard", "C-1", person))
    return Hired(services, run, running.ended(run))


def started(running: Running, *options: str) -> frozenset[str]:
    """The services that `up` names."""
    told = running.up(*options, **OFF)
    return frozenset(service["name"] for service in told["services"])


def test_a_person_is_hired_by_a_celery_worker_and_the_choice_is_remembered(
    running: Running, hired: Hired
) -> None:
    assert hired.state == "success"
    (account,) = evidence.accounts_at(systems(running.stack), LOGIN)
    assert set(account.groups) == {"Staff"}
    log = running.stack.layout.log_file("airflow-worker").read_text(errors="replace")
    assert DAG_ID in log
    assert "airflow-worker" in hired.services
    before = running.pid("airflow-worker")
    assert started(running, "--no-demo") == hired.services
    assert running.supervisor.states()["airflow-worker"]["statename"] == "RUNNING"
    assert running.pid("airflow-worker") == before


def test_workers_take_tasks_over_until_that_is_switched_off(running: Running, hired: Hired) -> None:
    found = taken_over(running)
    assert True not in found
    assert found[False] > 0
