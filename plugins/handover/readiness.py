"""Which tasks behind an ending one are ready, by Airflow's own rules (`task.deps`).

Airflow asks its rules about rows of its own model, which take long to load. Here they are asked about
stand-ins that have what the rules read. One that lacks something says so (`Unforeseen`), and nothing is
handed on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, cast
from uuid import UUID

from sqlalchemy.engine import Row

if TYPE_CHECKING:
    from airflow.serialization.definitions.dag import SerializedDAG

Recalled = Callable[[str], Any]
"""Gives what a task has skipped, as Airflow keeps it in an XCom; None where it has skipped nothing."""


class Unforeseen(Exception):
    """Airflow asks for what is not known here."""


class StandIn:
    """For a row of Airflow's `TaskInstance`; has its fields and `more`."""

    id: UUID
    task_id: str
    state: str | None
    try_number: int
    max_tries: int
    priority_weight: int
    pool_slots: int
    executor_config: Any
    next_method: str | None

    def __init__(self, row: Row[Any], task: Any, recall: Recalled, **more: Any) -> None:
        self.__dict__.update({**row._mapping, **more})  # noqa: SLF001 - public in spite of its name
        self.task = task
        self._recall = recall

    def __getattr__(self, name: str) -> NoReturn:
        raise Unforeseen(f"Airflow asks for {name} of a task instance")

    def get_dagrun(self, session: Any = None) -> None:
        """None: the rules only pass it on to who has the ended tasks already."""

    def set_state(self, state: str | None, session: Any = None) -> bool:
        """Whether it is changed: never, a task that is to be skipped is the scheduler's."""
        del state, session
        return False

    def xcom_pull(self, *, task_ids: str, key: str, session: Any = None, map_indexes: Any = None) -> Any:
        from airflow.ti_deps.deps.not_previously_skipped_dep import XCOM_SKIPMIXIN_KEY

        del session
        if key != XCOM_SKIPMIXIN_KEY or map_indexes != -1:
            raise Unforeseen(f"Airflow asks for the XCom {key}")
        return self._recall(task_ids)


@dataclass(slots=True)
class Decision:
    ready: list[StandIn] = field(default_factory=list)
    passed: list[StandIn] = field(default_factory=list)
    """Ready, and ended by that: they do nothing."""


def behind(dag: SerializedDAG, task_id: str, skip: Collection[str]) -> list[str]:
    """The tasks that may be ready when this one has ended: those right behind it, and those behind them where
    they do nothing or are skipped.
    """
    found: dict[str, None] = {}
    sources = [task_id]
    while sources:
        for name in sorted(dag.get_task(sources.pop()).downstream_task_ids):
            if name not in found and (name in skip or not _acts(dag.get_task(name))):
                sources.append(name)
            found[name] = None
    return list(found)


def needed_for(dag: SerializedDAG, tasks: Iterable[str]) -> set[str]:
    """The tasks that decide whether these are ready."""
    return set().union(*(dag.get_task(name).upstream_task_ids for name in tasks))


def decide(candidates: Iterable[StandIn], others: Mapping[str, StandIn]) -> Decision:
    """Which of the candidates, which have no state, are ready. `others` are those that were needed to know,
    by id; both have the state in which this transaction leaves them.
    """
    from airflow.utils.state import State, TaskInstanceState

    decision, waiting = Decision(), list(candidates)
    ended = [one for one in others.values() if one.state in State.finished]
    while ready := [one for one in waiting if _is_ready(one, ended)]:
        waiting = [one for one in waiting if one not in ready]
        for one in ready:
            if _acts(one.task):
                decision.ready.append(one)
            else:
                one.state = TaskInstanceState.SUCCESS
                decision.passed.append(one)
                ended.append(one)
    return decision


def _is_ready(one: StandIn, ended: list[StandIn]) -> bool:
    from airflow.ti_deps.dep_context import DepContext

    context = DepContext(finished_tis=cast("list[Any]", ended))
    return all(
        status.passed for dep in one.task.deps for status in dep.get_dep_statuses(one, context, session=None)
    )


def _acts(task: Any) -> bool:
    from airflow.models.taskinstance import TaskInstance

    return bool(TaskInstance.is_task_schedulable(task))
