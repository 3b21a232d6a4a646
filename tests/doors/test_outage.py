"""A broker, a worker, a scheduler or an api-server gone in the middle: tasks go on, nothing is lost, and
nothing is done twice.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from officeflow.runtime.processes import is_alive
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.doors.stage import CELERY, LOCAL, VARIANTS, Run, Stage, Variant

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
            run.await_state(run.first("long"), "queued")
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
    assert [run.words() for run in stopping] == [["began", "ended"]] * len(CELERY)
    waiting = [stage.start("simple", variant) for variant in CELERY]
    for run in waiting:
        run.await_state(run.first("act"), "queued")
    os.kill(pid := airflow.pid("valkey"), signal.SIGKILL)
    airflow.await_other_pid("valkey", pid)
    airflow.supervisor.start(["airflow-worker"])
    assert [run.await_end() for run in stopping] == [{"long": "success"}] * len(CELERY)
    assert [run.await_end() for run in waiting] == [{"act": "success"}] * len(CELERY)


ALL_WELL = {"long": "success", "a": "success", "b": "success", "c": "success"}


def test_nodes_that_end_while_the_api_server_is_gone_are_told_of_when_it_is_back(stage: Stage) -> None:
    """One that takes longer to come back than tasks wait costs a try, and no second act."""
    runs = begun(stage, "cut", VARIANTS)
    os.kill(pid := stage.airflow.pid("airflow-api"), signal.SIGKILL)
    let_go(runs)
    for run in runs.values():
        eventually(lambda run=run: "ended" in run.words())  # type: ignore[misc]
    stage.airflow.await_other_pid("airflow-api", pid)
    stage.airflow.await_ready("airflow-api")
    for variant, run in runs.items():
        assert run.await_end() == ALL_WELL, variant
        assert run.words() == ["began", "ended"], variant
        run.log_when("long", 1, "sleeps for")


def test_a_killed_local_worker_takes_the_scheduler_and_its_tasks_along_and_those_of_celery_are_adopted(
    stage: Stage,
) -> None:
    """The watchdog kills the scheduler when one of its workers is gone."""
    airflow = stage.airflow
    runs = begun(stage, "abandoned", VARIANTS)
    before = {variant: queued_by(stage, run) for variant, run in runs.items()}
    acting = [run.evidence()[0][1] for variant, run in runs.items() if variant in LOCAL]
    watchdog = airflow.pid("airflow-scheduler")
    os.kill(int(runs[Variant("handed", "local")].tasks()["long"]["pid"]), signal.SIGKILL)
    eventually(lambda: not any(map(is_alive, acting)))
    airflow.await_other_pid("airflow-scheduler", watchdog)
    airflow.await_ready("airflow-scheduler")
    for variant in CELERY:
        eventually(lambda variant=variant: queued_by(stage, runs[variant]) != before[variant])  # type: ignore[misc]
    let_go(runs)
    for variant, run in runs.items():
        assert run.await_end() == ALL_WELL, variant
        dies = variant in LOCAL
        assert run.words() == ["began", *(["began"] if dies else []), "ended"], variant
        assert (run.tasks()["long"]["try_number"] > 1) is dies, variant


def begun(stage: Stage, name: str, variants: list[Variant]) -> dict[Variant, Run]:
    """Runs of the scenario whose first node acts."""
    runs = {variant: stage.start(name, variant) for variant in variants}
    for run in runs.values():
        eventually(run.evidence)
    return runs


def let_go(runs: dict[Variant, Run]) -> None:
    """What acts in them may end."""
    for run in runs.values():
        run.file.with_name(f"{run.file.name}-end").touch()


def queued_by(stage: Stage, run: Run) -> int:
    """Airflow's number of the scheduler that the run's first node belongs to."""
    query = "SELECT queued_by_job_id FROM task_instance WHERE (dag_id, run_id, task_id) = (%s, %s, 'long')"
    (row,) = stage.ask_airflow(query, run.dag_id, run.run_id)
    return int(row[0])


def test_a_killed_worker_takes_its_nodes_along_and_its_tasks_are_tried_again(orphans: list[Run]) -> None:
    for run in orphans:
        assert run.await_end() == {"long": "success"}
        assert run.tasks()["long"]["try_number"] == 2
        assert run.words() == ["began", "began", "ended"]
