"""The statements by which a slot is handed on, in terms of Airflow's tables on PostgreSQL.

Each is made once for a process, so what is made from it is found in SQLAlchemy's cache of statements.
"""

from __future__ import annotations

import functools
from typing import Any

from sqlalchemy import (
    and_,
    bindparam,
    extract,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import aliased
from sqlalchemy.sql import Executable, Select, Update


@functools.cache
def ending() -> Executable:
    """The task `id`, locked, with what is known of its run, its DAG and the slots that others wait for."""
    from airflow.models.dag import DagModel
    from airflow.models.dagrun import DagRun
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.models.taskinstance import TaskInstance

    same_run = and_(TaskInstance.dag_id == DagRun.dag_id, TaskInstance.run_id == DagRun.run_id)
    version = SerializedDagModel.dag_version_id == DagRun.created_dag_version_id
    return (
        select(
            *_of_task(),
            DagRun.id.label("dag_run_id"),
            DagRun.state.label("run_state"),
            DagRun.logical_date,
            DagRun.bundle_version,
            DagRun.created_dag_version_id,
            DagRun.context_carrier.label("run_carrier"),
            (DagRun.run_after <= func.now()).label("is_due"),
            DagModel.bundle_name,
            DagModel.is_paused,
            DagModel.is_stale,
            DagModel.owners,
            SerializedDagModel.dag_hash,
            _may_be_outranked().label("may_be_outranked"),
        )
        .select_from(TaskInstance)
        .join(DagRun, same_run)
        .join(DagModel, DagModel.dag_id == TaskInstance.dag_id)
        .outerjoin(SerializedDagModel, version)
        .where(TaskInstance.id == bindparam("id"))
        .with_for_update(of=TaskInstance)
    )


def _may_be_outranked() -> Any:
    """Whether a task of more than `weight` waits for a slot of the same pool, whatever its run does."""
    from airflow.models.taskinstance import TaskInstance

    waiting = aliased(TaskInstance)
    found = select(literal(1)).where(waiting.pool == TaskInstance.pool, *_waits(waiting))
    return found.correlate(TaskInstance).exists()


@functools.cache
def outranked() -> Executable:
    """Whether one waits in `pool` whose run goes on: asked where the look without runs has found one, which
    takes half as long.
    """
    from airflow.models.dag import DagModel
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.state import DagRunState

    found = (
        select(literal(1))
        .select_from(TaskInstance)
        .join(DagRun, and_(DagRun.dag_id == TaskInstance.dag_id, DagRun.run_id == TaskInstance.run_id))
        .join(DagModel, DagModel.dag_id == TaskInstance.dag_id)
        .where(TaskInstance.pool == bindparam("pool"), *_waits(TaskInstance))
        .where(DagRun.state == DagRunState.RUNNING, ~DagModel.is_paused)
    )
    return select(found.exists())


def _waits(task: Any) -> tuple[Any, ...]:
    from airflow.utils.state import TaskInstanceState

    states = [TaskInstanceState.SCHEDULED, TaskInstanceState.QUEUED]
    return task.state.in_(states), task.priority_weight > bindparam("weight")


@functools.cache
def relatives() -> Executable:
    """The tasks `tasks` of the run."""
    from airflow.models.taskinstance import TaskInstance

    return _of_run(select(*_of_task())).where(TaskInstance.task_id.in_(bindparam("tasks", expanding=True)))


@functools.cache
def candidates() -> Executable:
    """The same, and of those that are `behind` as well, `is_free`: locked, because it has no state and nobody
    else decides about it just now.
    """
    from airflow.models.taskinstance import TaskInstance

    behind = TaskInstance.task_id.in_(bindparam("behind", expanding=True))
    found = _of_run(select(TaskInstance.id)).where(TaskInstance.state.is_(None), behind)
    free = found.with_for_update(of=TaskInstance, skip_locked=True).cte("free")
    is_free = free.c.id.is_not(None).label("is_free")
    return (
        _of_run(select(*_of_task(), is_free))
        .where(TaskInstance.task_id.in_(bindparam("tasks", expanding=True)))
        .outerjoin_from(TaskInstance, free, free.c.id == TaskInstance.id)
    )


def _of_run(selected: Select[Any]) -> Select[Any]:
    from airflow.models.taskinstance import TaskInstance

    return selected.where(
        TaskInstance.dag_id == bindparam("dag_id"), TaskInstance.run_id == bindparam("run_id")
    )


def _of_task() -> tuple[Any, ...]:
    from airflow.models.taskinstance import TaskInstance

    return tuple(getattr(TaskInstance, name) for name in TASK_FIELDS)


TASK_FIELDS = (
    "id",
    "dag_id",
    "run_id",
    "task_id",
    "map_index",
    "state",
    "try_number",
    "max_tries",
    "dag_version_id",
    "context_carrier",
    "queue",
    "pool",
    "pool_slots",
    "priority_weight",
    "executor",
    "executor_config",
    "external_executor_id",
    "queued_by_job_id",
    "next_method",
    "hostname",
    "unixname",
    "pid",
    "queued_dttm",
    "start_date",
    "end_date",
)
"""Of Airflow's `TaskInstance`, what decides here or is handed on."""


@functools.cache
def xcom_keys() -> Executable:
    """Of the XComs of the task `task`."""
    from airflow.models.xcom import XComModel

    return select(XComModel.key).where(
        XComModel.dag_id == bindparam("dag_id"),
        XComModel.run_id == bindparam("run_id"),
        XComModel.task_id == bindparam("task"),
    )


def take() -> Update:
    """Put the task `taken` from no state into the running one, where its run still runs; gives the keys of
    its XComs.
    """
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.xcom import XComModel
    from airflow.utils.state import DagRunState, TaskInstanceState

    runs = select(literal(1)).where(DagRun.id == bindparam("run"), DagRun.state == DagRunState.RUNNING)
    keys = select(func.array_agg(XComModel.key)).where(
        XComModel.dag_id == TaskInstance.dag_id,
        XComModel.run_id == TaskInstance.run_id,
        XComModel.task_id == TaskInstance.task_id,
    )
    at: Any = bindparam("at", type_=TaskInstance.end_date.type)
    return (
        update(TaskInstance)
        .where(TaskInstance.id == bindparam("taken"), TaskInstance.state.is_(None), runs.exists())
        .values(
            state=literal(TaskInstanceState.RUNNING.value),
            try_number=TaskInstance.try_number + 1,
            scheduled_dttm=at,
            queued_dttm=at,
            queued_by_job_id=bindparam("job"),
            external_executor_id=bindparam("executor_id"),
            start_date=at,
            end_date=null(),
            hostname=bindparam("host"),
            unixname=bindparam("user"),
            pid=bindparam("process"),
            last_heartbeat_at=_now(),
            retry_delay_override=null(),
            retry_reason=null(),
            updated_at=_now(),
        )
        .returning(keys.scalar_subquery().label("xcom_keys"))
    )


def succeed() -> Update:
    """End the running task `ended`."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.state import TaskInstanceState

    at: Any = bindparam("at", type_=TaskInstance.end_date.type)
    return (
        update(TaskInstance)
        .where(TaskInstance.id == bindparam("ended"), TaskInstance.state == TaskInstanceState.RUNNING)
        .values(
            state=literal(TaskInstanceState.SUCCESS.value),
            end_date=at,
            duration=extract("EPOCH", at - TaskInstance.start_date),
            next_method=null(),
            next_kwargs=null(),
            updated_at=_now(),
        )
        .returning(TaskInstance.id)
    )


@functools.cache
def end(*, taking: bool) -> Executable:
    """`succeed`, and where asked `take`, with their entries of Airflow's event log; gives one row of how many
    tasks ended and were taken, and the keys of the XComs of the one that was taken.

    In one statement two values for one column need names of their own, so constants are literals in them.
    """
    ended = succeed().cte("ended")
    counted = select(func.count()).select_from(ended).scalar_subquery()
    if not taking:
        noted = insert(_log()).values([_entry("success", "ended")]).cte("noted")
        return select(counted.label("ended"), literal(0).label("taken"), null().label("xcom_keys")).add_cte(
            noted
        )
    noted = insert(_log()).values([_entry("success", "ended"), _entry("running", "taken")]).cte("noted")
    taken = take().cte("taken")
    return select(
        counted.label("ended"),
        select(func.count()).select_from(taken).scalar_subquery().label("taken"),
        select(taken.c.xcom_keys).scalar_subquery().label("xcom_keys"),
    ).add_cte(noted)


def _entry(event: str, which: str) -> dict[str, Any]:
    """As Airflow's own routes write it, of the task `which`."""
    return {
        "dttm": _now(),
        "event": literal(event),
        "dag_id": bindparam("dag"),
        "run_id": bindparam("dag_run"),
        "task_id": bindparam(f"{which}_task"),
        "map_index": bindparam("map"),
        "try_number": bindparam(f"{which}_try"),
        "logical_date": bindparam("logical"),
        "owner": bindparam("owners"),
        "extra": bindparam(f"{which}_extra"),
    }


def _log() -> Any:
    from airflow.models.log import Log

    return Log.__table__


def _now() -> Any:
    from airflow.models.taskinstance import TaskInstance

    return bindparam("now", type_=TaskInstance.end_date.type)


@functools.cache
def schedule() -> Executable:
    """Leave the tasks `tasks`, which are ready, to the scheduler, as it does itself."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.state import TaskInstanceState

    return (
        update(TaskInstance)
        .where(TaskInstance.id.in_(bindparam("tasks", expanding=True)), TaskInstance.state.is_(None))
        .values(
            state=TaskInstanceState.SCHEDULED,
            scheduled_dttm=bindparam("now"),
            try_number=TaskInstance.try_number + 1,
        )
    )


@functools.cache
def pass_through() -> Executable:
    """End the tasks `tasks`, which are ready and do nothing, as the scheduler does itself."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.state import TaskInstanceState

    return (
        update(TaskInstance)
        .where(TaskInstance.id.in_(bindparam("tasks", expanding=True)), TaskInstance.state.is_(None))
        .values(
            state=TaskInstanceState.SUCCESS,
            start_date=bindparam("now"),
            end_date=bindparam("now"),
            duration=0,
            try_number=TaskInstance.try_number + 1,
        )
    )


NOT_SKIPPED = ("running", "success", "failed")
"""States in which a task is not skipped any more."""


@functools.cache
def skip() -> Executable:
    """Skip the tasks `tasks`, unless they act or have ended: as the execution API's `skip-downstream`."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.state import TaskInstanceState

    return (
        update(TaskInstance)
        .where(
            TaskInstance.dag_id == bindparam("dag"),
            TaskInstance.run_id == bindparam("run"),
            tuple_(TaskInstance.task_id, TaskInstance.map_index).in_(bindparam("tasks", expanding=True)),
            or_(TaskInstance.state.is_(None), TaskInstance.state.not_in(NOT_SKIPPED)),
        )
        .values(state=TaskInstanceState.SKIPPED, start_date=bindparam("now"), end_date=bindparam("now"))
    )


@functools.cache
def keep_skipped() -> Executable:
    """Write the XCom by which Airflow skips again what a cleared task had skipped."""
    from airflow.models.xcom import XComModel

    written = postgresql.insert(XComModel)
    return written.on_conflict_do_update(
        index_elements=[XComModel.dag_run_id, XComModel.task_id, XComModel.map_index, XComModel.key],
        set_={"value": written.excluded.value, "timestamp": written.excluded.timestamp},
    )


@functools.cache
def kept_skipped() -> Executable:
    """That XCom's value, of the task `task`."""
    from airflow.models.xcom import XComModel
    from airflow.ti_deps.deps.not_previously_skipped_dep import XCOM_SKIPMIXIN_KEY

    return select(XComModel.value).where(
        XComModel.dag_id == bindparam("dag_id"),
        XComModel.run_id == bindparam("run_id"),
        XComModel.task_id == bindparam("task"),
        XComModel.map_index == -1,
        XComModel.key == XCOM_SKIPMIXIN_KEY,
    )
