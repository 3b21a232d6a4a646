"""The watchdog over the scheduler, over a shell that forks processes with the workers' title."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from officeflow.runtime import airflow_watchdog
from officeflow.runtime.airflow_watchdog import Watch

pytestmark = pytest.mark.crash

WORKER = "bash -c 'exec -a \"airflow worker -- LocalExecutor: <idle>\" sleep 60' &"


def scheduler(script: str) -> list[str]:
    return ["/bin/bash", "-c", script]


def until(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def kill_a_worker(watch: Watch) -> None:
    until(lambda: len(watch.known) == 2)
    os.kill(min(watch.known)[0], signal.SIGKILL)


def end(watch: Watch) -> None:
    """What is left of the shell's children, which no scheduler's fork hook ties to it."""
    for pid, _ in watch.known:
        if airflow_watchdog.is_alive((pid, _)):
            os.kill(pid, signal.SIGKILL)


def test_a_killed_worker_takes_the_scheduler_with_it() -> None:
    watch = Watch(scheduler(f"{WORKER} {WORKER} wait; exit 7"))
    killer = threading.Thread(target=kill_a_worker, args=(watch,))
    killer.start()
    try:
        assert watch.run() == 1
        assert airflow_watchdog.stat(watch.child) is None
    finally:
        killer.join()
        end(watch)


def test_while_it_stops_workers_may_end() -> None:
    watch = Watch(scheduler(f"trap 'kill $(jobs -p); wait; sleep 2; exit 5' TERM; {WORKER} {WORKER} wait"))

    def stop() -> None:
        until(lambda: len(watch.known) == 2)
        watch.pass_on(signal.SIGTERM, None)

    stopper = threading.Thread(target=stop)
    stopper.start()
    try:
        assert watch.run() == 5
    finally:
        stopper.join()
        end(watch)


def test_it_ends_as_its_child_does() -> None:
    assert Watch(scheduler("exit 3")).run() == 3
    assert Watch(scheduler("kill -9 $$")).run() == 128 + signal.SIGKILL


def test_other_children_of_the_scheduler_may_end() -> None:
    assert Watch(scheduler("sleep 1 & wait; sleep 1; exit 4")).run() == 4


def test_a_killed_watchdog_takes_the_scheduler_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    command = scheduler(f"echo $$ > {note}.part && mv {note}.part {note} && exec sleep 60")
    process = subprocess.Popen([sys.executable, "-I", "-S", airflow_watchdog.__file__, *command])
    until(note.exists)
    process.kill()
    process.wait()
    until(lambda: (facts := airflow_watchdog.stat(int(note.read_text()))) is None or facts[0] in "ZX")
