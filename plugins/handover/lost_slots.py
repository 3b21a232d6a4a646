"""Slots of workers that are gone while they acted for a task that was taken over.

Airflow misses such a task's heartbeats and tells its executor, which knows the slot by its first task alone:
it would count the slot as taken until the scheduler starts anew.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from airflow.executors.base_executor import BaseExecutor
    from airflow.models.taskinstancekey import TaskInstanceKey

MARK = "gives_slots_of_taken_over_tasks_free"

log = structlog.get_logger(__name__)


def watch() -> None:
    """From now on, see to it in all executors of this process."""
    from airflow.executors.base_executor import BaseExecutor

    if not hasattr(BaseExecutor.change_state, MARK):
        BaseExecutor.change_state = _seen_to(BaseExecutor.change_state)  # type: ignore[method-assign]


def _seen_to(change_state: Callable[..., None]) -> Callable[..., None]:
    """`BaseExecutor.change_state`, which gives the slot of a failed task free too where the executor does not
    know the task.
    """

    @functools.wraps(change_state)
    def seen(self: BaseExecutor, key: Any, state: Any, info: Any = None, remove_running: bool = True) -> None:
        is_unknown = remove_running and state == "failed" and key not in self.running
        change_state(self, key, state, info, remove_running=remove_running)
        if is_unknown and self.running:
            _give_free(self, key)

    setattr(seen, MARK, True)
    return seen


def _give_free(executor: BaseExecutor, key: Any) -> None:
    from airflow.models.taskinstancekey import TaskInstanceKey
    from airflow.utils.session import create_session

    running = [one for one in executor.running if isinstance(one, TaskInstanceKey)]
    try:
        with create_session(scoped=False) as session:
            firsts = list(firsts_of_slot(session, key, running))
    except Exception:
        log.exception("a slot may count as taken until the scheduler starts anew", task_instance=str(key))
        return
    for first in firsts:
        log.warning("a worker is gone, its slot is given free", first=str(first), last=str(key))
        executor.success(first)


def firsts_of_slot(
    session: Session, key: TaskInstanceKey, running: Collection[TaskInstanceKey]
) -> Iterator[TaskInstanceKey]:
    """Those of the keys whose tasks have ended on the worker that has `key`'s task."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.taskinstancehistory import TaskInstanceHistory
    from airflow.utils.state import State

    query = select(TaskInstance.hostname, TaskInstance.pid).where(_is(TaskInstance, [key]))
    worker = session.execute(query).one_or_none()
    if worker is None or worker.pid is None:
        return
    for model in (TaskInstance, TaskInstanceHistory):
        names = (model.dag_id, model.task_id, model.run_id, model.try_number, model.map_index)
        found = select(*names).where(
            _is(model, running),
            model.hostname == worker.hostname,
            model.pid == worker.pid,
            model.state.in_(State.finished),
        )
        ended = {tuple(one) for one in session.execute(found)}
        yield from (one for one in running if tuple(one) in ended)


def _is(model: Any, keys: Collection[TaskInstanceKey]) -> Any:
    names = (model.dag_id, model.task_id, model.run_id, model.try_number, model.map_index)
    return tuple_(*names).in_([tuple(key) for key in keys])
