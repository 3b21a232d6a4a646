from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from airflow.executors.base_executor import BaseExecutor
from airflow.models.taskinstancekey import TaskInstanceKey
from airflow.utils import session as sessions
from airflow.utils.state import TaskInstanceState
from sqlalchemy.orm import Session

from handover import lost_slots
from tests.handover.stage import Run, Stage

pytestmark = pytest.mark.integration


@pytest.fixture
def executor(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> BaseExecutor:
    """As a scheduler has one; it takes its sessions from the stage's database."""

    @contextmanager
    def create_session(scoped: bool = True) -> Iterator[Session]:
        with Session(stage.engine) as session:
            yield session

    monkeypatch.setattr(sessions, "create_session", create_session)
    monkeypatch.setattr(BaseExecutor, "change_state", BaseExecutor.change_state)
    lost_slots.watch()
    return BaseExecutor(parallelism=4)


def key(run: Run, task_id: str, try_number: int = 1) -> TaskInstanceKey:
    return TaskInstanceKey(run.dag_id, task_id, run.run_id, try_number, -1)


def missed(executor: BaseExecutor, run: Run, task_id: str) -> Any:
    """What the scheduler tells its executor of a task whose heartbeats it misses."""
    executor.change_state(key(run, task_id), TaskInstanceState.FAILED, remove_running=True)
    return executor.get_event_buffer()


def test_the_slot_of_a_lost_task_is_free_although_the_executor_knows_another(
    stage: Stage, executor: BaseExecutor
) -> None:
    run, other = stage.run("abc"), stage.run("x")
    run.acts("a")
    run.ask("a")
    other.acts("x", pid=99)
    executor.running = {key(run, "a"), key(other, "x")}
    events = missed(executor, run, "b")
    assert executor.running == {key(other, "x")}
    assert events == {
        key(run, "b"): (TaskInstanceState.FAILED, None),
        key(run, "a"): (TaskInstanceState.SUCCESS, None),
    }


def test_also_where_the_first_task_was_cleared_meanwhile(stage: Stage, executor: BaseExecutor) -> None:
    run = stage.run("abc")
    run.acts("a")
    run.ask("a")
    run.clear("a")
    run.acts("a", try_number=2, pid=4712)
    executor.running = {key(run, "a"), key(run, "a", 2)}
    missed(executor, run, "b")
    assert executor.running == {key(run, "a", 2)}


def test_what_the_executor_knows_is_as_before(stage: Stage, executor: BaseExecutor) -> None:
    run = stage.run("ab")
    run.acts("a")
    run.acts("b", state="success")
    executor.running = {key(run, "a"), key(run, "b")}
    assert missed(executor, run, "a") == {key(run, "a"): (TaskInstanceState.FAILED, None)}
    assert executor.running == {key(run, "b")}


def test_tasks_that_act_on_the_same_worker_keep_their_slots(stage: Stage, executor: BaseExecutor) -> None:
    run = stage.run("ab", [("a", "b")])
    run.acts("a")
    run.acts("b")
    executor.running = {key(run, "a")}
    missed(executor, run, "b")
    assert executor.running == {key(run, "a")}


def test_a_database_that_is_away_stops_no_scheduler(
    stage: Stage, executor: BaseExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(scoped: bool = True) -> Any:
        raise ConnectionError("away")

    monkeypatch.setattr(sessions, "create_session", away)
    run = stage.run("ab")
    executor.running = {key(run, "a")}
    missed(executor, run, "b")
    assert executor.running == {key(run, "a")}


def test_seen_to_once(executor: BaseExecutor) -> None:
    seen = BaseExecutor.change_state
    lost_slots.watch()
    assert BaseExecutor.change_state is seen
