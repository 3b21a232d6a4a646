"""One task ends and the next one of its run takes its slot, in one transaction.

The scheduler may decide about the same tasks at the same time. What decides against it is the state in each
`WHERE`, and that a task which somebody else holds is left to them: only the ending task and those that it
skips are waited for. Where that meets somebody who waits for one of them in another order, the database ends
one of both, and it is tried again. No row of `dag_run` is locked: the scheduler holds those
for as long as it examines twenty runs.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.engine import Connection, Row

from handover import statements
from handover.dags import KnownDags
from handover.messages import Answer, Ending, Successor
from handover.readiness import Decision, StandIn, behind, decide, needed_for
from officeflow.ids import BUNDLE

if TYPE_CHECKING:
    from airflow.serialization.definitions.dag import SerializedDAG

NEVER_MAPPED = -1
RUNNING, SUCCESS, SKIPPED = "running", "success", "skipped"
"""States of a task, and the first two of a run too, in Airflow's words."""


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
    end = _End(connection, kit, said, row, kit.dags.get(connection, row.created_dag_version_id, row.dag_hash))
    if row.state != RUNNING:
        return Handed(end.answer(end.taken_before()))
    _refuse(_obstacles(row))
    end.refuse_outranked()
    decision = end.decision(patient=patient)
    taken = end.chosen(decision.ready)
    end.carry_out(decision, taken)
    return Handed(end.answer(taken), row, taken)


def _refuse(reasons: Iterator[str]) -> None:
    for reason in reasons:
        raise Refused(reason)


def _oddities(row: Row[Any], bundle: str, said: Ending) -> Iterator[str]:
    """Why the worker is not to be answered at all."""
    if row.bundle_name != bundle:
        yield f"the task is of the bundle {row.bundle_name}"
    if (row.hostname, row.unixname, row.pid) != said.worker:
        yield "the task is another worker's"
    if row.map_index != NEVER_MAPPED:
        yield "the task is a mapped one"
    if row.bundle_version is None or row.dag_hash is None:
        yield "the run has no version of its DAG"


def _obstacles(row: Row[Any]) -> Iterator[str]:
    """Why the slot is not to be handed on, in states of the run."""
    if row.run_state != RUNNING:
        yield f"the run is {row.run_state}"
    if row.is_paused:
        yield "the DAG is paused"
    if row.is_stale:
        yield "the DAG is stale"
    if not row.is_due:
        yield "the run is not due"


@dataclass
class _End:
    """Of one task, which `row` is."""

    connection: Connection
    kit: Kit
    said: Ending
    row: Row[Any]
    dag: SerializedDAG

    @cached_property
    def run(self) -> Mapping[str, str]:
        return {"dag_id": self.row.dag_id, "run_id": self.row.run_id}

    @cached_property
    def behind(self) -> list[str]:
        return behind(self.dag, self.row.task_id, self.said.skip)

    def refuse_outranked(self) -> None:
        query = {"pool": self.row.pool, "weight": self.said.weight}
        if self.row.may_be_outranked and self.connection.scalar(statements.outranked(), query):
            raise Refused("a task of higher priority waits")

    def decision(self, *, patient: bool) -> Decision:
        """Which tasks behind this one are ready when it has succeeded."""
        if not self.behind:
            return Decision()
        needed = {*self.behind, *needed_for(self.dag, self.behind)} - {self.row.task_id}
        self._refuse_special(needed)
        query = {**self.run, "tasks": list(needed), "behind": self.behind}
        rows = self.connection.execute(statements.candidates(), query).all()
        undecided = [one for one in rows if one.state is None and one.task_id in self.behind]
        if patient and not all(one.is_free for one in undecided):
            raise Busy
        seen = {one.task_id: self._stand_in(one) for one in (*rows, self.row)}
        seen[self.row.task_id].state = SUCCESS
        for name in self.said.skip:
            if name in seen and seen[name].state not in statements.NOT_SKIPPED:
                seen[name].state = SKIPPED
        free = [seen[one.task_id] for one in undecided if one.is_free]
        return decide([one for one in free if one.state is None], seen)

    def _refuse_special(self, needed: Collection[str]) -> None:
        if any(self.dag.get_task(name).get_needs_expansion() for name in needed):
            raise Refused("a task behind it is a mapped one")
        if any(self.dag.get_task(name).depends_on_past for name in self.behind):
            raise Refused("a task behind it depends on the run before")

    def _relatives(self, tasks: list[str]) -> Collection[Row[Any]]:
        return self.connection.execute(statements.relatives(), {**self.run, "tasks": tasks}).all()

    def _stand_in(self, row: Row[Any], **more: Any) -> StandIn:
        return StandIn(row, self.dag.get_task(row.task_id), self._recall, **more)

    def _recall(self, task_id: str) -> Any:
        from airflow.models.xcom import XComModel

        if task_id == self.row.task_id:
            return {"skipped": list(self.said.skip)}
        query = {**self.run, "task": task_id}
        found = self.connection.execute(statements.kept_skipped(), query).one_or_none()
        return None if found is None else XComModel.deserialize_value(found)

    def chosen(self, ready: Collection[StandIn]) -> StandIn | None:
        """The one that takes the slot; `Refused` where there are some and none may."""
        reasons = {one.task_id: _unfit(one, self.row) for one in ready}
        fit = [one for one in ready if not reasons[one.task_id]]
        if ready and not fit:
            raise Refused("; ".join(f"{name} {reason}" for name, reason in reasons.items()))
        return max(fit, key=lambda one: one.priority_weight, default=None)

    def carry_out(self, decision: Decision, taken: StandIn | None) -> None:
        """`Busy` where somebody else was faster."""
        now = dt.datetime.now(dt.UTC)
        self._end(taken, now)
        left = [one.id for one in decision.ready if one is not taken]
        passed = [one.id for one in decision.passed]
        for statement, tasks in ((statements.schedule(), left), (statements.pass_through(), passed)):
            if tasks:
                changed = self.connection.execute(statement, {"tasks": tasks, "now": now})
                if changed.rowcount != len(tasks):
                    raise Busy
        if self.said.skip:
            self._skip(now)

    def _end(self, taken: StandIn | None, now: dt.datetime) -> None:
        row, said = self.row, self.said
        values = {
            **_entry("ended", row),
            "ended": row.id,
            "at": said.at,
            "now": now,
            "dag": row.dag_id,
            "dag_run": row.run_id,
            "map": row.map_index,
            "logical": row.logical_date,
            "owners": row.owners,
        }
        if taken is not None:
            taken.__dict__ |= {
                "state": RUNNING,
                "try_number": taken.try_number + 1,
                "hostname": said.hostname,
                "queued_dttm": said.at,
                "start_date": said.at,
                "logical_date": row.logical_date,
            }
            values |= {
                **_entry("taken", taken, taken_over_from=row.task_id),
                "taken": taken.id,
                "run": row.dag_run_id,
                "job": row.queued_by_job_id,
                "executor_id": row.external_executor_id,
                "host": said.hostname,
                "user": said.unixname,
                "process": said.pid,
            }
        done = self.connection.execute(statements.end(taking=taken is not None), values).one()
        if (done.ended, done.taken) != (1, int(taken is not None)):
            raise Busy
        if taken is not None:
            taken.__dict__["xcom_keys"] = done.xcom_keys or ()

    def _skip(self, now: dt.datetime) -> None:
        from airflow.ti_deps.deps.not_previously_skipped_dep import (
            XCOM_SKIPMIXIN_KEY,
            XCOM_SKIPMIXIN_SKIPPED,
        )

        kept = {
            **self.run,
            "dag_run_id": self.row.dag_run_id,
            "task_id": self.row.task_id,
            "map_index": self.row.map_index,
            "key": XCOM_SKIPMIXIN_KEY,
            "value": {XCOM_SKIPMIXIN_SKIPPED: list(self.said.skip)},
            "timestamp": now,
        }
        self.connection.execute(statements.keep_skipped(), kept)
        targets = [(name, NEVER_MAPPED) for name in self.said.skip]
        values = {"dag": self.row.dag_id, "run": self.row.run_id, "tasks": targets, "now": now}
        self.connection.execute(statements.skip(), values)

    def taken_before(self) -> StandIn:
        """The task that this worker took when its last one ended, in an answer that was lost on the way."""
        for one in self._relatives(self.behind) if self.behind else ():
            is_theirs = (one.hostname, one.unixname, one.pid) == self.said.worker
            if one.state == RUNNING and is_theirs and one.start_date == self.said.at:
                query = {**self.run, "task": one.task_id}
                keys = self.connection.scalars(statements.xcom_keys(), query).all()
                return self._stand_in(one, xcom_keys=keys, logical_date=self.row.logical_date)
        raise Refused(f"the task is {self.row.state}, and nothing was taken after it")

    def answer(self, taken: StandIn | None) -> Answer:
        from airflow.api_fastapi.execution_api.datamodels.taskinstance import TaskInstance
        from airflow.utils.helpers import log_filename_template_renderer

        if taken is None:
            return Answer()
        return Answer(
            successor=Successor(
                ti=TaskInstance.model_validate(taken, from_attributes=True).model_dump(mode="json"),
                weight=max(self.said.weight, taken.priority_weight),
                max_tries=taken.max_tries,
                should_retry=taken.max_tries != 0 and taken.try_number <= taken.max_tries,
                xcom_keys_to_clear=tuple(taken.xcom_keys),
                token=self.kit.token(taken.id),
                log_path=log_filename_template_renderer()(ti=taken),
            )
        )


def _unfit(one: StandIn, row: Row[Any]) -> str:
    """Why this task does not fit into the slot, or nothing."""
    for name in ("queue", "pool", "executor"):
        if getattr(one, name) != getattr(row, name):
            return f"has another {name}"
    task = one.task
    limits = (task.max_active_tis_per_dag, task.max_active_tis_per_dagrun)
    checks = {
        "needs more slots": one.pool_slots > row.pool_slots,
        "is limited in number": any(limit is not None for limit in limits),
        "starts in the triggerer": bool(task.start_from_trigger),
        "has its own way to be executed": bool(one.executor_config),
        "goes on with something": one.next_method is not None,
    }
    return next((reason for reason, applies in checks.items() if applies), "")


def _entry(which: str, task: Any, **more: str) -> dict[str, Any]:
    """What an entry of Airflow's event log takes from its task."""
    extra = json.dumps({"host_name": task.hostname, **more})
    return {f"{which}_task": task.task_id, f"{which}_try": task.try_number, f"{which}_extra": extra}
