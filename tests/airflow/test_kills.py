"""`kill -9` of any of Airflow's processes: it is back, and runs triggered before and after finish."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from officeflow.errors import OfficeFlowError
from officeflow.runtime import airflow_watchdog, processes
from tests.airflow.embedded import EmbeddedAirflow, eventually

pytestmark = [pytest.mark.integration, pytest.mark.crash]


def trigger(airflow: EmbeddedAirflow, name: str, **conf: object) -> str:
    run = f"{name}__{secrets.token_hex(4)}"
    airflow.api.trigger("probe", run, conf)
    return run


def scheduler_pid(airflow: EmbeddedAirflow) -> int:
    """The scheduler itself, which the watchdog has started; 0 where it has not yet."""
    watchdog = airflow.pid("airflow-scheduler")
    return next((pid for pid in processes.tree(watchdog) if pid != watchdog), 0)


def workers(airflow: EmbeddedAirflow) -> list[tuple[int, bytes]]:
    """Pid and title of the scheduler's workers."""
    found = airflow_watchdog.workers(scheduler_pid(airflow))
    return [(pid, Path(f"/proc/{pid}/cmdline").read_bytes()) for pid, _ in found]


def idle_worker(airflow: EmbeddedAirflow) -> int:
    return next(pid for pid, title in workers(airflow) if b"<idle>" in title)


def busy_worker(airflow: EmbeddedAirflow) -> int:
    return next(pid for pid, title in workers(airflow) if b"<idle>" not in title)


def process(name: str) -> Callable[[EmbeddedAirflow], int]:
    return lambda airflow: airflow.pid(name)


VICTIMS: dict[str, tuple[str, Callable[[EmbeddedAirflow], int]]] = {
    "api-server": ("airflow-api", process("airflow-api")),
    "dag-processor": ("airflow-dag-processor", process("airflow-dag-processor")),
    "triggerer": ("airflow-triggerer", process("airflow-triggerer")),
    "watchdog": ("airflow-scheduler", process("airflow-scheduler")),
    "scheduler": ("airflow-scheduler", scheduler_pid),
    "idle worker": ("airflow-scheduler", idle_worker),
    "busy worker": ("airflow-scheduler", busy_worker),
}


FURTHER = {"dag-processor", "triggerer", "watchdog", "scheduler", "idle worker"}
"""Of these another test tells too: here of the dag-processor, `test_doctor.py` of the triggerer, `tests/e2e`
of the scheduler, which is also started anew after a worker was killed, `tests/stack` of watchdog and workers.
"""


@pytest.mark.parametrize(
    "victim", [pytest.param(each, marks=[pytest.mark.long] if each in FURTHER else []) for each in VICTIMS]
)
def test_a_killed_process_is_back_and_runs_before_and_after_finish(
    airflow: EmbeddedAirflow, tmp_path: Path, victim: str
) -> None:
    service, find = VICTIMS[victim]
    note, may_end = tmp_path / "note", tmp_path / "may end"
    before = trigger(airflow, "before", file=str(note), until=str(may_end))
    eventually(note.exists)
    first = airflow.pid(service)
    doomed = find(airflow)
    family = processes.tree(first)
    os.kill(doomed, signal.SIGKILL)
    airflow.await_other_pid(service, first)
    eventually(lambda: not any(map(alive, family)))
    airflow.await_ready(service)
    after = eventually(lambda: try_to_trigger(airflow))
    assert airflow.await_run(after) == "success"
    may_end.touch()
    assert airflow.await_run(before) == "success"
    assert note.read_text().splitlines()[-1] == "ended"


def alive(pid: int) -> bool:
    facts = airflow_watchdog.stat(pid)
    return facts is not None and facts[0] not in "ZX"


def try_to_trigger(airflow: EmbeddedAirflow) -> str:
    try:
        return trigger(airflow, "after")
    except OfficeFlowError:
        return ""


def test_a_killed_dag_processor_parses_again(airflow: EmbeddedAirflow) -> None:
    first = airflow.pid("airflow-dag-processor")
    os.kill(first, signal.SIGKILL)
    airflow.await_other_pid("airflow-dag-processor", first)
    before = airflow.api.dag("probe")["last_parsed_time"]
    airflow.api.parse_dag_file("probe")
    eventually(lambda: airflow.api.dag("probe")["last_parsed_time"] != before)
