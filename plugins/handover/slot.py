"""One task ends and the next one of its run takes its slot, in one transaction.

The scheduler may decide about the same tasks at the same time. What decides against it is the state in each
`WHERE`, and that a task which somebody else holds is left to them: after the ending task's own row nothing is
waited for, so there is no deadlock of our making. No row of `dag_run` is locked: the scheduler holds those for
as long as it examines twenty runs.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.engine import Connection, Row

from handover import statements
from handover.dags import KnownDags
from handover.messages import Answer, Ending, Successor
from handover.readiness import Decision, StandIn, Unforeseen, behind, decide, needed_for

if TYPE_CHECKING:
    from airflow.serialization.definitions.dag import SerializedDAG

BUNDLE = "officeflow"
NEVER_MAPPED = -1


class Refused(Exception):
    """Nothing is to be changed. Says why."""


class Busy(Exception):
    """Somebody else decides about a successor just now."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What a transaction takes from the process. `token` makes the execution token of a task instance."""

    dags: KnownDags
    token: Callable[[UUID], str]
    bundle: str = BUNDLE


@dataclass(frozen=True, slots=True)
class Handed:
    answer: Answer
    ended: Row[Any] | None = None
    """The task that this transaction ended."""
    taken: StandIn | None = None


def hand_on(
    connection: Connection, kit: Kit, task_instance: UUID, said: Ending, *, patient: bool = True
) -> Handed:
    """End the task and give the worker the next one. The caller commits.

    `Refused` says why nothing is to be changed; `Busy` that it is worth another look in a moment, which only
    who is `patient` takes. Whatever is raised, the transaction is to be rolled back.
    """
    row = connection.execute(statements.ending(), {"id": task_instance, "weight": said.weight}).one_or_none()
    if row is None:
        raise Refused("the task instance is not there any more")
    _refuse(_oddities(row, kit.bundle, said))
    dag = kit.dags.get(connection, row.created_dag_version_id, row.dag_hash)
    names = behind(dag, row.task_id, said.skip)
    if row.state != "running":
        return Handed(_answer(kit, said, _taken_before(connection, dag, row, names, said)))
    _refuse(_obstacles(row))
    decision = _decision(connection, dag, row, names, said, patient=patient)
    taken = _chosen(decision.ready, row)
    return _carried_out(connection, kit, row, said, decision, taken)


def _refuse(reasons: Iterator[str]) -> None:
    for reason in reasons:
        raise Refused(reason)


def _oddities(row: Row[Any], bundle: str, said: Ending) -> Iterator[str]:
    """Why the worker is not to be answered at all."""
    if row.bundle_name != bundle:
        yield f"the task is of the bundle {row.bundle_name}"
    if (row.hostname, row.unixname, row.pid) != (said.hostname, said.unixname, said.pid):
        yield "the task is another worker's"
    if row.map_index != NEVER_MAPPED:
        yield "the task is a mapped one"
    if row.bundle_version is None or row.dag_hash is None:
        yield "the run has no version of its DAG"


def _obstacles(row: Row[Any]) -> Iterator[str]:
    """Why the slot is not to be handed on, in states of the run and of those who wait."""
    if row.run_state != "running":
        yield f"the run is {row.run_state}"
    if row.is_paused:
        yield "the DAG is paused"
    if row.is_stale:
        yield "the DAG is stale"
    if not row.is_due:
        yield "the run is not due"
    if row.is_outranked:
        yield "a task of higher priority waits"


def _decision(
    connection: Connection,
    dag: SerializedDAG,
    row: Row[Any],
    names: list[str],
    said: Ending,
    *,
    patient: bool,
) -> Decision:
    if not names:
        return Decision()
    needed = {*names, *needed_for(dag, names)} - {row.task_id}
    if any(dag.get_task(name).get_needs_expansion() for name in needed):
        raise Refused("a task behind it is a mapped one")
    if any(dag.get_task(name).depends_on_past for name in names):
        raise Refused("a task behind it depends on the run before")
    run = {"dag_id": row.dag_id, "run_id": row.run_id}
    free = set(connection.scalars(statements.free(), {**run, "tasks": names}))
    rows = connection.execute(statements.relatives(), {**run, "tasks": list(needed)}).all()
    if patient and any(one.state is None and one.task_id not in free for one in rows if one.task_id in names):
        raise Busy
    recall = partial(_recall, connection, run, {row.task_id: {"skipped": list(said.skip)}})
    seen = {one.task_id: StandIn(one, dag.get_task(one.task_id), recall) for one in rows}
    for name in said.skip:
        if name in seen and seen[name].state not in {"running", "success", "failed"}:
            seen[name].state = "skipped"
    candidates = [seen[name] for name in names if name in free and seen[name].state is None]
    ending = StandIn(row, dag.get_task(row.task_id), recall)
    ending.state = "success"
    return decide(candidates, {**seen, row.task_id: ending})


def _recall(connection: Connection, run: Mapping[str, str], known: Mapping[str, Any], task_id: str) -> Any:
    from airflow.models.xcom import XComModel

    if task_id in known:
        return known[task_id]
    found = connection.execute(statements.kept_skipped(), {**run, "task": task_id}).one_or_none()
    return None if found is None else XComModel.deserialize_value(found)


def _chosen(ready: Collection[StandIn], row: Row[Any]) -> StandIn | None:
    """The one that takes the slot; `Refused` where there are some and none may."""
    if not ready:
        return None
    reasons = {one.task_id: _unfit(one, row) for one in ready}
    fit = [one for one in ready if not reasons[one.task_id]]
    if not fit:
        raise Refused("; ".join(f"{name} {reason}" for name, reason in reasons.items()))
    return max(fit, key=lambda one: one.priority_weight)


def _unfit(one: StandIn, row: Row[Any]) -> str:
    """Why this task does not fit into the slot, or nothing."""
    for name in ("queue", "pool", "executor"):
        if getattr(one, name) != getattr(row, name):
            return f"has another {name}"
    task = one.task
    checks = {
        "needs more slots": one.pool_slots > row.pool_slots,
        "is limited in number": task.max_active_tis_per_dag is not None
        or task.max_active_tis_per_dagrun is not None,
        "starts in the triggerer": bool(task.start_from_trigger),
        "has its own way to be executed": bool(one.executor_config),
        "goes on with something": one.next_method is not None,
    }
    return next((reason for reason, applies in checks.items() if applies), "")


def _carried_out(
    connection: Connection,
    kit: Kit,
    row: Row[Any],
    said: Ending,
    decision: Decision,
    taken: StandIn | None,
) -> Handed:
    now = dt.datetime.now(dt.UTC)
    if taken is not None:
        _take(connection, row, said, taken, now)
    ended = connection.execute(statements.succeed(), {"task": row.id, "at": said.at}).rowcount
    waiting = [one.id for one in decision.ready if one is not taken]
    passed = [one.id for one in decision.passed]
    changed = [(ended, 1)]
    for statement, tasks in ((statements.schedule(), waiting), (statements.pass_through(), passed)):
        if tasks:
            done = connection.execute(statement, {"tasks": tasks, "now": now})
            changed.append((done.rowcount, len(tasks)))
    if any(found != wanted for found, wanted in changed):
        raise Busy
    if said.skip:
        _skip(connection, row, said.skip, now)
    connection.execute(statements.note(), list(_notes(row, taken, now)))
    return Handed(_answer(kit, said, taken), row, taken)


def _take(connection: Connection, row: Row[Any], said: Ending, taken: StandIn, now: dt.datetime) -> None:
    values = {
        "task": taken.id,
        "run": row.dag_run_id,
        "now": now,
        "at": said.at,
        "job": row.queued_by_job_id,
        "executor_id": row.external_executor_id,
        "host": said.hostname,
        "user": said.unixname,
        "process": said.pid,
    }
    found = connection.execute(statements.take(), values).one_or_none()
    if found is None:
        raise Busy
    taken.__dict__ |= {
        "xcom_keys": found[0] or [],
        "state": "running",
        "try_number": taken.try_number + 1,
        "hostname": said.hostname,
        "queued_dttm": now,
        "start_date": said.at,
        "logical_date": row.logical_date,
    }


def _skip(connection: Connection, row: Row[Any], tasks: Collection[str], now: dt.datetime) -> None:
    from airflow.ti_deps.deps.not_previously_skipped_dep import XCOM_SKIPMIXIN_KEY, XCOM_SKIPMIXIN_SKIPPED

    run = {"dag_id": row.dag_id, "run_id": row.run_id}
    kept = {
        **run,
        "dag_run_id": row.dag_run_id,
        "task_id": row.task_id,
        "map_index": row.map_index,
        "key": XCOM_SKIPMIXIN_KEY,
        "value": {XCOM_SKIPMIXIN_SKIPPED: list(tasks)},
        "timestamp": now,
    }
    connection.execute(statements.keep_skipped(), kept)
    targets = [(name, NEVER_MAPPED) for name in tasks]
    connection.execute(
        statements.skip(), {"dag": row.dag_id, "run": row.run_id, "tasks": targets, "now": now}
    )


def _notes(row: Row[Any], taken: StandIn | None, now: dt.datetime) -> Iterator[dict[str, Any]]:
    """As Airflow's own routes write them into its event log."""
    for event, task in (("success", row), ("running", taken)):
        if task is not None:
            yield {
                "dttm": now,
                "event": event,
                "dag_id": row.dag_id,
                "run_id": row.run_id,
                "task_id": task.task_id,
                "map_index": task.map_index,
                "try_number": task.try_number,
                "logical_date": row.logical_date,
                "owner": row.owners,
                "extra": json.dumps({"host_name": task.hostname}),
            }


def _taken_before(
    connection: Connection, dag: SerializedDAG, row: Row[Any], names: list[str], said: Ending
) -> StandIn:
    """The task that this worker took when its last one ended, in an answer that was lost on the way."""
    run = {"dag_id": row.dag_id, "run_id": row.run_id}
    worker = (said.hostname, said.unixname, said.pid)
    for one in connection.execute(statements.relatives(), {**run, "tasks": names}) if names else ():
        is_theirs = (one.hostname, one.unixname, one.pid) == worker and one.start_date == said.at
        if one.state == "running" and is_theirs:
            keys = connection.scalars(statements.xcom_keys(), {**run, "task": one.task_id}).all()
            more = {"xcom_keys": keys, "logical_date": row.logical_date}
            return StandIn(one, dag.get_task(one.task_id), _nothing, **more)
    raise Refused(f"the task is {row.state}, and nothing was taken after it")


def _nothing(task_id: str) -> None:
    del task_id


def _answer(kit: Kit, said: Ending, taken: StandIn | None) -> Answer:
    from airflow.api_fastapi.execution_api.datamodels.taskinstance import TaskInstance
    from airflow.utils.helpers import log_filename_template_renderer

    if taken is None:
        return Answer()
    successor = Successor(
        ti=TaskInstance.model_validate(taken, from_attributes=True).model_dump(mode="json"),
        weight=max(said.weight, taken.priority_weight),
        max_tries=taken.max_tries,
        should_retry=taken.max_tries != 0 and taken.try_number <= taken.max_tries,
        xcom_keys_to_clear=tuple(taken.xcom_keys),
        token=kit.token(taken.id),
        log_path=log_filename_template_renderer()(ti=taken),
    )
    return Answer(successor=successor)


__all__ = ["Busy", "Handed", "Kit", "Refused", "Unforeseen", "hand_on"]
