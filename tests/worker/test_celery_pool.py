"""Celery's worker after its connection to the broker was lost while it works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from redis import Redis

from officeflow.layout import ROOT
from tests.stack.test_lifecycle import eventually

pytestmark = pytest.mark.integration

PROCESSES = 4


@pytest.fixture
def log(valkey_url: str, tmp_path: Path) -> Iterator[Path]:
    """What a worker with four processes says."""
    path = tmp_path / "worker.log"
    command = [
        sys.executable,
        "-m",
        "celery",
        "--app",
        "tests.worker.celery_app",
        "worker",
        "--concurrency",
        str(PROCESSES),
    ]
    with (
        path.open("wb") as out,
        subprocess.Popen(
            [*command, "--loglevel", "INFO", "--without-mingle", "--without-gossip"],
            env={**os.environ, "BROKER": valkey_url},
            cwd=ROOT,
            stdout=out,
            stderr=out,
            start_new_session=True,
        ) as worker,
    ):
        yield path
        os.killpg(worker.pid, signal.SIGKILL)


def test_no_task_is_given_to_a_process_that_is_busy_while_others_are_idle(
    valkey_url: str, tmp_path: Path, log: Path
) -> None:
    def send(name: str, seconds: float = 0) -> Path:
        file = tmp_path / name
        with Celery(broker=valkey_url, set_as_current=False) as app:
            app.send_task("leave", [str(file), seconds])
        return file

    long = [send(f"long-{n}", 600) for n in range(PROCESSES - 1)]
    assert eventually(lambda: all(file.exists() for file in long)), log.read_text()
    with Redis.from_url(valkey_url) as broker:
        broker.execute_command("CLIENT", "KILL", "TYPE", "normal")
    assert eventually(lambda: "Connection to broker lost" in log.read_text()), log.read_text()
    short = [
        send(f"short-{n}", 0.5) for n in range(PROCESSES)
    ]  # the one process that is idle does them one after the other
    assert eventually(lambda: all(file.exists() for file in short)), log.read_text()
