"""`kill -9` of every process: it comes back, work goes on, and nothing is lost or done twice."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import pytest

from officeflow.demo import evidence
from officeflow.demo.run import systems
from tests.e2e.conftest import Running, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.crash]

KINDS = (("listener", "scim"), ("airflow-scheduler", "steward"), ("kafka", "valkey"), ("postgres",))
"""Killed at once are those of which none does another's work."""
FURTHER = ("airflow-api", "airflow-dag-processor", "airflow-triggerer", "inbox", "caldav")
"""Airflow's other processes are killed in `tests/airflow/test_kills.py`; the demonstration's other servers
are as the first.
"""


def joiner(name: str) -> dict[str, str]:
    return {
        "given_name": "Robin",
        "family_name": name.title(),
        "work_email": f"robin.{name}@acme.example",
        "department": "Engineering",
        "start_date": "2026-02-02",
        "time_zone": "Europe/Berlin",
    }


@pytest.mark.parametrize(
    "services",
    [*KINDS, *(pytest.param((service,), marks=pytest.mark.long) for service in FURTHER)],
    ids=" and ".join,
)
def test_killed_processes_come_back_and_the_event_arrives(
    running: Running, services: tuple[str, ...]
) -> None:
    name = f"killed.{services[0]}"
    event_id = running.send("employee.onboard", f"K-{name}", joiner(name))
    killed = {service: running.kill(service) for service in services}
    for service, pid in killed.items():
        wait_for(partial(running.is_back, service, instead_of=pid), what=f"{service} to come back")
    (run,) = running.runs_of(event_id)
    assert running.ended(run) == "success"
    where = systems(running.stack)
    (account,) = evidence.accounts_at(where, f"robin.{name}@acme.example")
    assert set(account.groups) == {"Everyone", "Staff", "Engineering"}
    assert len(evidence.mails_at(where, f"robin.{name}@acme.example")) == 1


@pytest.mark.long
def test_a_killed_worker_restarts_the_scheduler(running: Running) -> None:
    """LocalExecutor hangs when a worker dies that reads the queue: the watchdog starts the scheduler anew (as
    `tests/airflow` shows).
    """

    def workers() -> list[int]:
        return [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if path.read_bytes().startswith(b"airflow worker -- LocalExecutor")
            and _is_under(int(path.parent.name), before)
        ]

    before = running.pid("airflow-scheduler")
    found = wait_for(workers, what="a worker of the scheduler")
    os.kill(found[0], signal.SIGKILL)
    wait_for(
        lambda: running.is_back("airflow-scheduler", instead_of=before),
        what="the scheduler to be started anew",
    )
    event_id = running.send("employee.onboard", "K-worker", joiner("killed.worker"))
    (run,) = running.runs_of(event_id)
    assert running.ended(run) == "success"


def _is_under(pid: int, ancestor: int) -> bool:
    while pid > 1:
        if pid == ancestor:
            return True
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        pid = int(fields[1])
    return False
