"""What a person decides about one node of a run: to let it try again, or to give it up and go on.

Whoever may clear the node's task in Airflow may do so. Each is audited with who and why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from officeflow.airflow_api.types import DagRun, DagRunState, TaskInstanceState
from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRefusal, NodeRun, WorkflowNode, WorkflowRun
from officeflow.errors import InvalidInput, NotKnown, NotSteerable, did_you_mean
from officeflow.events.inbox import database_time
from officeflow.ids import EDGE_TASK_PREFIX, RESERVED_NODE_KEYS
from officeflow.people import requests
from officeflow.program import typed
from officeflow.runs import control, correcting, corrections, end_anew, readers, store
from officeflow.runs.acts import RunRef
from officeflow.runs.corrections import Person
from officeflow.runs.readers import Reader
from officeflow.runs.refusals import SKIPPED
from officeflow.statuses import ActStatus, RunControl, RunStatus

TAKEN_BACK = frozenset({RunStatus.CANCELLED, RunStatus.COMPENSATING, RunStatus.COMPENSATED})
TRIED_AGAIN = frozenset({TaskInstanceState.FAILED, TaskInstanceState.UP_FOR_RETRY})
GIVEN_UP = TRIED_AGAIN | {
    TaskInstanceState.AWAITING_INPUT,
    TaskInstanceState.UP_FOR_RESCHEDULE,
    TaskInstanceState.DEFERRED,
}
OVER = frozenset({TaskInstanceState.SUCCESS, TaskInstanceState.SKIPPED})
"""States of a task that reads nothing any more."""
DECIDES = "flow.branch"
APPROVES = "human.approval"

WHY_NOT: Mapping[str | None, str] = {
    TaskInstanceState.SUCCESS: "has succeeded",
    TaskInstanceState.SKIPPED: "was not to run: the way to it was not taken",
    TaskInstanceState.UPSTREAM_FAILED: "did not begin, because something before it failed",
    TaskInstanceState.AWAITING_INPUT: "waits for a person's answer",
    TaskInstanceState.UP_FOR_RESCHEDULE: "waits, and goes on by itself",
    TaskInstanceState.DEFERRED: "waits, and goes on by itself",
    TaskInstanceState.REMOVED: "is not in the workflow any more",
    None: "has not begun yet",
}
ACTS_NOW = "acts now, or is about to"


class AirflowTasks(correcting.AirflowTasks, Protocol):
    """What is asked of Airflow beside what a correction asks."""

    def begin_again(self, dag_id: str, run_id: str, tasks: Sequence[tuple[str, int]]) -> None: ...
    def mark_task(
        self, dag_id: str, run_id: str, task_id: str, state: TaskInstanceState, *, map_index: int = -1
    ) -> None: ...
    def dag_run(self, dag_id: str, run_id: str) -> DagRun: ...
    def change_run(
        self, dag_id: str, run_id: str, *, state: DagRunState | None = None, note: str | None = None
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A node's task in a run; `type` is "" where nobody knows it."""

    run: RunRef
    node: str
    map_index: int
    state: str | None
    type: str
    read_by: Sequence[Reader] = ()
    """What will read its output, of a node that is to be given up."""

    @property
    def name(self) -> str:
        return f"{self.node}[{self.map_index}]" if self.map_index >= 0 else self.node


def retry(
    database: Database, airflow: AirflowTasks, run: str, node: str, person: Person, *, map_index: int = -1
) -> Step:
    """Let a node that has failed try again at once, and what failed or was passed over behind it; the ledger
    decides what is done. How the run ends is decided anew.

    `InvalidInput` for one that has not failed; `NotKnown`, `NotSteerable`, `AirflowForbids`.
    """
    step = _find(database, airflow, run, node, map_index)
    _check_state(step, TRIED_AGAIN, "tried again", hint=_instead_of_retry(step))
    _check_rights(airflow, step)
    with database.tenant(step.run.org_id) as session:
        _audit(session, step, person, AuditAction.NODE_RETRIED)
    dag, dag_run = step.run.dag_id, step.run.dag_run_id
    passed_over = _skipped_behind(airflow, step)
    airflow.clear(dag, dag_run, [node], only_failed=True, downstream=True)
    if passed_over:
        airflow.clear(dag, dag_run, passed_over)
    if step.state != TaskInstanceState.FAILED:
        airflow.begin_again(dag, dag_run, [(node, step.map_index)])
    end_anew.clear_ending(airflow, dag, dag_run)
    return step


def skip(
    database: Database, airflow: AirflowTasks, run: str, node: str, person: Person, *, map_index: int = -1
) -> Step:
    """Give a node up: the run goes on behind it, on every way that leads from it, as if it had been done.

    It has no output: what reads that fails, and says who gave it up. `InvalidInput` for a node that has
    succeeded or acts, whose effect is not known, that decides which way the run takes, or that is an
    approval; `NotKnown`, `NotSteerable`, `AirflowForbids`.
    """
    step = to_skip(database, airflow, run, node, map_index=map_index)
    with database.tenant(step.run.org_id) as session:
        _give_up(session, step, person)
        _audit(session, step, person, AuditAction.NODE_SKIPPED)
    dag, dag_run = step.run.dag_id, step.run.dag_run_id
    airflow.mark_task(dag, dag_run, node, TaskInstanceState.SUCCESS, map_index=step.map_index)
    if airflow.dag_run(dag, dag_run)["state"] == DagRunState.FAILED:
        airflow.change_run(dag, dag_run, state=DagRunState.QUEUED)
    end_anew.clear_ending(airflow, dag, dag_run)
    return step


def to_skip(database: Database, airflow: AirflowTasks, run: str, node: str, *, map_index: int = -1) -> Step:
    """The node, and what reads its output: nothing is changed. As `skip` where it cannot be given up."""
    step = _find(database, airflow, run, node, map_index)
    _check_state(step, GIVEN_UP, "skipped")
    if step.type == DECIDES:
        raise InvalidInput(
            f"{step.name} decides which way the run takes: without it nobody knows",
            hint=f"correct what it reads, and `{typed('run retry')}`",
        )
    if step.type == APPROVES:
        raise InvalidInput(
            f"{step.name} is an approval: it is given by those who are asked, and by nobody else",
            hint=f"ask others with `{typed('approval reassign')}`; one that was refused asks again after"
            f" `{typed('run retry')}`",
        )
    _check_rights(airflow, step)
    over = {
        task["task_id"]
        for task in airflow.task_instances(step.run.dag_id, step.run.dag_run_id)
        if task["state"] in OVER
    }
    with database.tenant(step.run.org_id) as session:
        found = readers.of_node(session, step.run.run_id, node, map_index=map_index)
    return replace(step, read_by=[each for each in found if each.node not in over])


def _skipped_behind(airflow: AirflowTasks, step: Step) -> list[str | tuple[str, int]]:
    """Tasks that a mark in Airflow passed over. Those on a way that was not taken are skipped again, by
    Airflow itself.
    """
    behind = airflow.clear(step.run.dag_id, step.run.dag_run_id, [step.node], downstream=True, dry_run=True)
    return [
        task["task_id"] if task["map_index"] < 0 else (task["task_id"], task["map_index"])
        for task in behind
        if task["task_id"] not in RESERVED_NODE_KEYS and task["state"] == TaskInstanceState.SKIPPED
    ]


def _find(database: Database, airflow: AirflowTasks, run: str, node: str, map_index: int) -> Step:
    with database.service() as session:
        row = store.find_run(session, run)
        _check_run(row)
        found, kind = corrections.reference(session, row), _type(session, row, node)
    name = f"{found.dag_id}/{found.dag_run_id}"
    tasks = {
        (task["task_id"], task["map_index"]): task["state"]
        for task in airflow.task_instances(found.dag_id, found.dag_run_id)
        if is_node(task["task_id"])
    }
    if (node, map_index) in tasks:
        return Step(run=found, node=node, map_index=map_index, state=tasks[node, map_index], type=kind)
    indexes = sorted(index for key, index in tasks if key == node)
    if indexes and map_index < 0:
        raise InvalidInput(
            f"{node} runs for each of {len(indexes)} items", hint=f"say which: --map-index 0 to {indexes[-1]}"
        )
    known = sorted({key for key, _ in tasks})
    hint = did_you_mean(node, known) or f"it has {', '.join(known[:20])}"
    where = f"{node}[{map_index}]" if map_index >= 0 else node
    raise NotKnown(f"{name} has no node {where}", hint=hint)


def is_node(task: str) -> bool:
    """Whether the task of this id is a node, and not one of the DAG's own."""
    return task not in RESERVED_NODE_KEYS and not task.startswith(EDGE_TASK_PREFIX)


def _check_run(run: WorkflowRun) -> None:
    if run.status in TAKEN_BACK or control.is_wanted(run, RunControl.CANCEL):
        raise NotSteerable(
            f"{run.dag_id}/{run.dag_run_id} is {run.status.lower()}, or is being cancelled: none of its nodes"
            " goes on",
            hint="start it anew where it should be done",
        )


def _type(session: Session, run: WorkflowRun, node: str) -> str:
    acted = select(NodeRun.node_type).where(NodeRun.run_id == run.run_id, NodeRun.node_key == node).limit(1)
    drawn = (
        select(WorkflowNode.type)
        .where(WorkflowNode.workflow_id == run.workflow_id, WorkflowNode.key == node)
        .order_by(WorkflowNode.version.desc())
        .limit(1)
    )
    return session.scalar(acted) or session.scalar(drawn) or ""


def _check_state(step: Step, allowed: frozenset[TaskInstanceState], what: str, *, hint: str = "") -> None:
    if step.state not in allowed:
        why = WHY_NOT.get(step.state, ACTS_NOW)
        raise InvalidInput(f"{step.name} cannot be {what}: it {why}", hint=hint)


def _instead_of_retry(step: Step) -> str:
    if step.state == TaskInstanceState.SUCCESS:
        return f"`{typed('ledger redo')}` does it once more, on purpose"
    if step.state == TaskInstanceState.UPSTREAM_FAILED:
        return "let the one that failed try again: this one follows"
    return ""


def _check_rights(airflow: AirflowTasks, step: Step) -> None:
    airflow.clear(step.run.dag_id, step.run.dag_run_id, [step.node], only_failed=True, dry_run=True)


def _give_up(session: Session, step: Step, person: Person) -> None:
    act = session.scalar(store.newest_act(step.run.run_id, step.node, step.map_index).with_for_update())
    text = f"{person.login} gave it up: {person.why}"
    if act is not None:
        if act.status == ActStatus.ASKED or (act.status == ActStatus.STARTED and act.error_details):
            raise InvalidInput(
                f"{step.name} cannot be skipped: nobody knows whether it was done",
                hint=f"`{typed('ledger resolve')}` says so first",
            )
        act.story = [*act.story, {"step": "note", "text": text}]
    now = database_time(session)
    asked = requests.open_at(session, step.run.run_id, step.node, step.map_index)
    if asked is not None:
        requests.withdraw(session, [asked], text, by=person.by, now=now)
    error = {
        "code": SKIPPED,
        "message": f"{person.login} gave it up at {now:%Y-%m-%d %H:%M:%S} UTC: {person.why}",
    }
    values = {"node_type": step.type, "waits": False, "at": now, "since": now, "error_details": error}
    statement = insert(NodeRefusal).values(
        run_id=step.run.run_id,
        node_key=step.node,
        map_index=step.map_index,
        org_id=step.run.org_id,
        looks=1,
        **values,
    )
    session.execute(
        statement.on_conflict_do_update(index_elements=["run_id", "node_key", "map_index"], set_=values)
    )


def _audit(session: Session, step: Step, person: Person, action: AuditAction) -> None:
    run = step.run
    details = {
        "run_id": str(run.run_id),
        "dag_id": run.dag_id,
        "dag_run_id": run.dag_run_id,
        "node": step.node,
        "map_index": step.map_index,
        "was": step.state,
        "why": person.why,
    }
    entry = AuditEntry(
        actor=person.by,
        action=action,
        subject=f"run:{run.run_id}",
        details=details,
        correlation_id=run.correlation_id,
    )
    audit.append(session, run.org_id, entry)
