"""The running stack, with its tasks in a Celery worker that hands no slot on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.e2e.conftest import Running

pytestmark = pytest.mark.e2e

OFF = {"OFFICEFLOW_HANDOVER": "off"}


@dataclass(frozen=True, slots=True)
class Hired:
    """The summary of an `up` that hired a person, and how many tasks had been taken over before it."""

    summary: dict[str, Any]
    taken_over_before: int


def taken_over(running: Running) -> int:
    """How many tasks were, so far, by Airflow's event log."""
    url = make_url(running.stack.airflow_database_url).set(drivername="postgresql")
    query = "SELECT count(*) FROM log WHERE event = 'running' AND extra LIKE '%taken_over_from%'"
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture(scope="module")
def hired(running: Running) -> Iterator[Hired]:
    """By `officeflow up --executor celery` without the hand-over; afterwards tasks run in the scheduler
    again.
    """
    before = taken_over(running)
    done = running.cli("up", "--executor", "celery", "--json", **OFF)
    assert done.returncode == 0, done.stdout + done.stderr
    yield Hired(json.loads(done.stdout), before)
    done = running.cli("up", "--executor", "local", "--no-demo")
    assert done.returncode == 0, done.stderr
    assert "airflow-worker" not in running.supervisor.states()


def test_a_person_is_hired_by_a_celery_worker_and_the_choice_is_remembered(
    running: Running, hired: Hired
) -> None:
    assert running.supervisor.states()["airflow-worker"]["statename"] == "RUNNING"
    log = running.stack.layout.log_file("airflow-worker").read_text(errors="replace")
    assert "acme__preboarding" in log
    assert hired.summary != running.up_summary
    again = running.cli("up", "--no-demo", "--json", **OFF)
    assert again.returncode == 0, again.stderr
    assert "airflow-worker" in {service["name"] for service in json.loads(again.stdout)["services"]}


def test_workers_take_tasks_over_until_that_is_switched_off(running: Running, hired: Hired) -> None:
    assert taken_over(running) == hired.taken_over_before > 0
