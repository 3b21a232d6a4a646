"""Celery's broker or worker gone in the middle: tasks go on, nothing is lost, and nothing is done twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from officeflow.runtime.processes import is_alive
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.doors.stage import CELERY, Run, Stage

pytestmark = [pytest.mark.integration, pytest.mark.crash]


@contextmanager
def no_broker(airflow: EmbeddedAirflow) -> Iterator[None]:
    """`kill -9`, and nobody starts it again before the end of the block."""
    os.kill(airflow.pid("valkey"), signal.SIGKILL)
    airflow.supervisor.stop(["valkey"])
    try:
        yield
    finally:
        airflow.supervisor.start(["valkey"])
        airflow.await_ready("valkey")


@pytest.fixture(scope="module")
def orphans(stage: Stage) -> list[Run]:
    """Runs whose worker was killed.

    Airflow misses their tasks after a while, in which the other tests here go on.
    """
    airflow = stage.airflow
    runs = [stage.start("orphaned", variant) for variant in CELERY]
    pids = [eventually(run.evidence)[0][1] for run in runs]
    os.kill(pid := airflow.pid("airflow-worker"), signal.SIGKILL)
    eventually(lambda: not any(map(is_alive, pids)))
    airflow.await_other_pid("airflow-worker", pid)
    airflow.await_ready("airflow-worker")
    return runs


@pytest.mark.usefixtures("orphans")
def test_what_runs_goes_on_what_waits_waits_and_nothing_is_lost_or_done_twice(stage: Stage) -> None:
    runs = [stage.start("outage", variant) for variant in CELERY]
    for run in runs:
        eventually(run.evidence)
    with no_broker(stage.airflow):
        later = [stage.start("outage", variant) for variant in CELERY]
        for run in runs:
            eventually(lambda run=run: "ended" in run.words())  # type: ignore[misc]
        for run in later:
            run.await_state("long", "queued")
    for run in [*runs, *later]:
        states = run.await_end()
        assert set(states.values()) == {"success"}, states
        assert {task["try_number"] for task in run.tasks().values()} == {1}
    for run in runs:  # two runs of each variant left their evidence in one file
        assert sorted(run.words()) == ["began", "began", "ended", "ended"]


def test_a_worker_that_is_told_to_stop_ends_its_tasks_first_and_a_killed_broker_keeps_the_others(
    stage: Stage,
) -> None:
    airflow = stage.airflow
    stopping = [stage.start("stopping", variant) for variant in CELERY]
    for run in stopping:
        eventually(run.evidence)
    airflow.supervisor.stop(["airflow-worker"])
    assert [run.words() for run in stopping] == [["began", "ended"]] * 2
    waiting = [stage.start("simple", variant) for variant in CELERY]
    for run in waiting:
        run.await_state("act", "queued")
    os.kill(pid := airflow.pid("valkey"), signal.SIGKILL)
    airflow.await_other_pid("valkey", pid)
    airflow.supervisor.start(["airflow-worker"])
    assert [run.await_end() for run in stopping] == [{"long": "success"}] * 2
    assert [run.await_end() for run in waiting] == [{"act": "success"}] * 2


def test_a_killed_worker_takes_its_nodes_along_and_its_tasks_are_tried_again(orphans: list[Run]) -> None:
    for run in orphans:
        assert run.await_end() == {"long": "success"}
        assert run.tasks()["long"]["try_number"] == 2
        assert run.words() == ["began", "began", "ended"]
