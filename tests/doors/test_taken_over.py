"""A task that was taken over by the worker of the one before it is a task in every respect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.counterparts.scim import ScimServer
from tests.doors.stage import CORRELATION_ID, HANDED, HANDED_ON, Run, Stage, Variant

pytestmark = pytest.mark.integration

CHAIN = ["before_one", "one", "two", "three", "four"]
SAME = ("hostname", "unixname", "executor", "queue", "pool", "pool_slots", "max_tries")
SECOND = "airflow-scheduler-2"


@pytest.fixture(params=HANDED, ids=str)
def handed(request: pytest.FixtureRequest) -> Variant:
    found: Variant = request.param
    return found


@pytest.fixture(scope="module")
def chains(stage: Stage) -> dict[Variant, Run]:
    """A run of the chain on each executor that has ended."""
    runs = {variant: stage.start("chain", variant) for variant in HANDED}
    for run in runs.values():
        assert set(run.await_end().values()) == {"success"}
    return runs


def test_a_worker_goes_on_from_task_to_task(chains: dict[Variant, Run], handed: Variant) -> None:
    run = chains[handed]
    found = {task: run.airflow.taken_over_from(run.dag_id, run.run_id, task) for task in CHAIN}
    expected = ["", *(before if HANDED_ON else "" for before in CHAIN[:-1])]
    assert found == {task: [before] for task, before in zip(CHAIN, expected, strict=True)}


def test_airflow_has_all_of_it_that_it_has_of_another(chains: dict[Variant, Run], handed: Variant) -> None:
    tasks = chains[handed].all_tasks()
    first = tasks["before_one"]
    for name in CHAIN[1:]:
        task = tasks[name]
        assert known(task) == known(first), name
        assert [task[field] for field in SAME] == [first[field] for field in SAME], name
        assert ((task["pid"], task["queued_when"]) == (first["pid"], task["start_date"])) is HANDED_ON, name
        assert task["duration"] > 0
    for before, after in pairwise(CHAIN):
        assert tasks[before]["end_date"] <= tasks[after]["start_date"] <= tasks[after]["end_date"]


def test_what_the_api_does_not_show_is_there_too(
    stage: Stage, chains: dict[Variant, Run], handed: Variant
) -> None:
    """Without the scheduler and the executor's id, Celery's task is not adopted when the scheduler dies."""
    query = (
        "SELECT task_id, queued_by_job_id, external_executor_id, last_heartbeat_at >= start_date,"
        " context_carrier::text LIKE '%%traceparent%%' FROM task_instance WHERE run_id = %s"
    )
    found = {task: facts for task, *facts in stage.ask_airflow(query, chains[handed].run_id)}
    assert all(job and beat and traced for job, _, beat, traced in found.values())
    worker_tasks = {worker_task for _, worker_task, _, _ in found.values()}
    assert len(worker_tasks) == (len(CHAIN) if handed.executor == "celery" and not HANDED_ON else 1)
    assert (worker_tasks == {None}) is (handed.executor == "local")


@pytest.mark.parametrize("event", ["running", "success"])
def test_the_event_log_has_its_row_once(chains: dict[Variant, Run], handed: Variant, event: str) -> None:
    for task in CHAIN:
        (row,) = log_rows(chains[handed], task, event)
        (first,) = log_rows(chains[handed], "before_one", event)
        same = ("map_index", "try_number", "logical_date", "owner")
        assert {name: row[name] for name in same} == {name: first[name] for name in same}, task


def test_each_log_has_its_own_story_alone(stage: Stage, handed: Variant) -> None:
    run = stage.run("everywhere", handed)
    run.await_end()
    before, act = run.log_when("before_act", 1, "puts on record"), run.log_when("act", 1, "puts on record")
    assert "workflow, before," in before
    assert "workflow, before," not in act
    assert "workflow, did," in act
    assert "workflow, did," not in before


def test_its_calls_carry_its_own_trace(stage: Stage, directory: ScimServer, handed: Variant) -> None:
    run = stage.start("traced", handed)
    run.await_state("find", "success")
    query = "SELECT context_carrier::text FROM task_instance WHERE (run_id, task_id) = (%s, 'find')"
    [(carrier,)] = stage.ask_airflow(query, run.run_id)
    calls = [call for call in directory.all_requests() if call.get("correlation_id") == CORRELATION_ID]
    assert trace(carrier) in {trace(call["traceparent"]) for call in calls}


def test_two_schedulers_and_the_workers_start_every_task_once(stage: Stage) -> None:
    with two_schedulers(stage):
        runs = [stage.start("chain", variant) for _ in range(8) for variant in HANDED]
        for run in runs:
            assert set(run.await_end().values()) == {"success"}
        assert running_schedulers(stage) == 2
    for run in runs:
        assert {task["try_number"] for task in run.all_tasks().values()} == {1}
        for event in ("running", "success"):
            assert {task: len(log_rows(run, task, event)) for task in CHAIN} == dict.fromkeys(CHAIN, 1)


def log_rows(run: Run, task: str, event: str) -> list[dict[str, Any]]:
    return run.airflow.log_rows(run.dag_id, run.run_id, task, event)


def known(task: Any) -> dict[str, bool]:
    """Which of its fields say something."""
    return {field: value not in (None, "", "{}") for field, value in task.items()}


def trace(text: str) -> str:
    """The trace's id in a `traceparent`, or in what holds one."""
    found = re.search(r"00-([0-9a-f]{32})-", text)
    assert found, text
    return found[1]


@contextmanager
def two_schedulers(stage: Stage) -> Iterator[None]:
    """A second one beside Airflow's own, with workers of its own."""
    airflow: EmbeddedAirflow = stage.airflow
    second = replace(airflow.services["airflow-scheduler"], name=SECOND)
    airflow.supervisor.configure([*airflow.services.values(), second])
    airflow.supervisor.start([SECOND])
    try:
        eventually(lambda: running_schedulers(stage) == 2, seconds=400)
        yield
    finally:
        airflow.supervisor.stop([SECOND])
        airflow.supervisor.configure(airflow.services.values())


def running_schedulers(stage: Stage) -> int:
    query = (
        "SELECT count(*) FROM job WHERE job_type = 'SchedulerJob' AND state = 'running' AND"
        " latest_heartbeat > now() - interval '30 seconds'"
    )
    [(number,)] = stage.ask_airflow(query)
    return int(number)
