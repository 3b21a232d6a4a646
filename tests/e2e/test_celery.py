"""The running stack, with its tasks in a Celery worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import Running

pytestmark = pytest.mark.e2e


@pytest.fixture
def hired(running: Running) -> Iterator[dict[str, Any]]:
    """The summary of `officeflow up --executor celery`; afterwards tasks run in the scheduler again."""
    done = running.cli("up", "--executor", "celery", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    yield json.loads(done.stdout)
    done = running.cli("up", "--executor", "local", "--no-demo")
    assert done.returncode == 0, done.stderr
    assert "airflow-worker" not in running.supervisor.states()


def test_a_person_is_hired_by_a_celery_worker_and_the_choice_is_remembered(
    running: Running, hired: dict[str, Any]
) -> None:
    assert running.supervisor.states()["airflow-worker"]["statename"] == "RUNNING"
    log = running.stack.layout.log_file("airflow-worker").read_text(errors="replace")
    assert "acme__preboarding" in log
    assert hired != running.up_summary
    again = running.cli("up", "--no-demo", "--json")
    assert again.returncode == 0, again.stderr
    assert "airflow-worker" in {service["name"] for service in json.loads(again.stdout)["services"]}
