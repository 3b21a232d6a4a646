"""Runs of workflows: `workflow_runs`, and what their nodes gave."""

from __future__ import annotations

import datetime as dt
import difflib
import functools
import uuid
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, bindparam, cast, or_, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from officeflow.airflow_api.types import DagRunState
from officeflow.database.tables import (
    Employee,
    NodeRefusal,
    NodeRun,
    Organization,
    Workflow,
    WorkflowNode,
    WorkflowRun,
)
from officeflow.errors import NotKnown
from officeflow.ids import as_uuid, workflow_run_id
from officeflow.runs import confs, states, undone
from officeflow.runs.acts import Attempt, storable
from officeflow.runs.failures import CANCELLED_UNBEGUN
from officeflow.statuses import ENDED_RUNS, ActStatus, RunControl, RunStatus

MANUAL = "manual"
"""`trigger_event` of a run that no event started."""

TRIAL = "dag.test"
"""`trigger_event` of a run that `dag.test()` runs: in one process, most often on tables of its own that no
Airflow of ours has.
"""

SHORTEST_PREFIX = 4


def ensure_run(
    session: Session,
    *,
    org_id: uuid.UUID,
    dag_id: str,
    dag_run_id: str,
    conf: Mapping[str, Any],
    workflow_id: uuid.UUID | None = None,
    workflow: str | None = None,
    version: int | None = None,
    status: RunStatus = RunStatus.PENDING,
    started_at: dt.datetime | None = None,
    started_by: str = "",
    trial: bool = False,
) -> WorkflowRun:
    """The run's row, inserted where there is none; safe from several processes at once.

    `conf` is the run's `{"event": {…}, "correlation_id": …}`; a run started by hand may have neither. The
    workflow is given by its UUID or its slug (`workflow`), or not at all in a hand-written DAG. Of an
    existing row only a PENDING status is moved on, to `status`; and that of a `trial`, whose end nobody
    tells, where it was taken to have ended and goes on. `started_by` is filled in where the row has nobody.
    """
    run_id = workflow_run_id(dag_id, dag_run_id)
    run = session.get(WorkflowRun, run_id)
    conf = storable(conf)
    event = confs.event_of(conf)
    if run is None:
        session.execute(
            insert(
                WorkflowRun
            ).on_conflict_do_nothing(),  # by whichever unique index another process is seen first
            {
                "run_id": run_id,
                "org_id": org_id,
                "workflow_id": workflow_id or _workflow_id(session, org_id, workflow),
                "version": version,
                "employee_id": _employee_id(session, org_id, event.get("employee")),
                "dag_id": dag_id,
                "dag_run_id": dag_run_id,
                "trigger_event": TRIAL if trial else event.get("kind") or MANUAL,
                "status": status,
                "context": dict(conf),
                "correlation_id": conf.get("correlation_id") or str(run_id),
                "started_by": started_by[:255],
                **({} if started_at is None else {"started_at": started_at}),
            },
        )
        run = session.get_one(WorkflowRun, run_id)
    run.started_by = run.started_by or started_by[:255]
    if run.status == RunStatus.PENDING:
        run.status = status
    elif run.trigger_event == TRIAL and trial and run.status in ENDED_RUNS:
        run.status, run.ended_at, run.error_details = status, None, None
    return run


def note_event(session: Session, run: WorkflowRun, conf: Mapping[str, Any]) -> None:
    """A row that was made before the run's event was known learns it from what the run's own task was
    told.
    """
    event = confs.event_of(storable(conf))
    if event and not confs.event_of(run.context):
        run.context, run.trigger_event = dict(storable(conf)), event.get("kind") or MANUAL
        run.employee_id = _employee_id(session, run.org_id, event.get("employee"))


@dataclass(frozen=True, slots=True)
class Around:
    """What there is around a task; None for what is not there. `person` is who the run is about."""

    org: Organization | None = None
    run: WorkflowRun | None = None
    refusal: NodeRefusal | None = None
    person: Employee | None = None


def around(session: Session, slug: str, *, dag_id: str, dag_run_id: str, node: str, map_index: int) -> Around:
    """The organization, the run's row in it, what kept the task from its act before, and the person, in one
    question.

    `session` sees all organizations.
    """
    known = {"slug": slug, "run": workflow_run_id(dag_id, dag_run_id), "node": node, "map_index": map_index}
    row = session.execute(_around(), known).first()
    return Around() if row is None else Around(*row)


@functools.cache
def _around() -> Select[Organization, WorkflowRun, NodeRefusal, Employee]:
    """Made once: it is asked for every task, and to make it takes longer than to answer it."""
    here = (
        (NodeRefusal.run_id == WorkflowRun.run_id)
        & (NodeRefusal.node_key == bindparam("node"))
        & (NodeRefusal.map_index == bindparam("map_index"))
    )
    run = (WorkflowRun.org_id == Organization.org_id) & (WorkflowRun.run_id == bindparam("run"))
    person = (Employee.org_id == Organization.org_id) & (Employee.employee_id == WorkflowRun.employee_id)
    query = select(Organization, WorkflowRun, NodeRefusal, Employee).outerjoin(WorkflowRun, run)
    return (
        query.outerjoin(NodeRefusal, here)
        .outerjoin(Employee, person)
        .where(Organization.slug == bindparam("slug"))
    )


def _workflow_id(session: Session, org_id: uuid.UUID, slug: str | None) -> uuid.UUID | None:
    if slug is None:
        return None
    return session.scalar(
        select(Workflow.workflow_id).where(Workflow.org_id == org_id, Workflow.slug == slug)
    )


def _employee_id(session: Session, org_id: uuid.UUID, external_id: str | None) -> uuid.UUID | None:
    if not external_id:
        return None
    return session.scalar(
        select(Employee.employee_id).where(Employee.org_id == org_id, Employee.external_id == external_id)
    )


def mark(
    run: WorkflowRun,
    state: DagRunState,
    *,
    ended_at: dt.datetime | None = None,
    error: Mapping[str, Any] | None = None,
) -> bool:
    """Write down what Airflow was seen to say of the run; True when that was news.

    A run that had ended and runs again (somebody cleared it) is RUNNING again, without an end; that it was
    cancelled before is not wanted any more. One that was cancelled before Airflow had it stays so, and is
    cancelled there too.
    """
    if _was_never_to_begin(run) and states.OF_AIRFLOW[state] not in ENDED_RUNS:
        run.control_done_at = None
        return False
    had_ended, carried = run.status in ENDED_RUNS, run.control_done_at is not None
    status = states.with_undoing(
        run.status,
        states.next_status(run.status, state, control=run.control, carried=carried and not had_ended),
        complete=undone.is_complete(run),
        same_end=run.ended_at == ended_at,
    )
    ended = ended_at if status in ENDED_RUNS else None
    if (run.status, run.ended_at) == (status, ended):
        return False
    run.status, run.ended_at = status, ended
    if had_ended and (status not in ENDED_RUNS or status == RunStatus.SUCCEEDED):
        run.control, run.control_done_at = RunControl.NONE, run.control_at
    run.error_details = undone.with_remaining(run, error) if status in ENDED_RUNS else None
    return True


def _was_never_to_begin(run: WorkflowRun) -> bool:
    return run.status == RunStatus.CANCELLED and (run.error_details or {}).get("code") == CANCELLED_UNBEGUN


def status_of(session: Session, run_id: uuid.UUID) -> RunStatus | None:
    """None of a run that has no row."""
    return session.scalar(select(WorkflowRun.status).where(WorkflowRun.run_id == run_id))


def ended(session: Session, run_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these runs whose end is written down."""
    query = select(WorkflowRun.run_id).where(
        WorkflowRun.run_id.in_(run_ids), WorkflowRun.ended_at.is_not(None)
    )
    return set(session.scalars(query))


def find_run(session: Session, text: str) -> WorkflowRun:
    """The run that `text` names: its UUID, `<dag id>/<Airflow run id>`, the beginning of either id (4
    characters or more), or its DAG.

    `NotKnown` names the candidates where there are several, and the nearest where there is none.
    """
    found = session.scalars(
        select(WorkflowRun).where(_names(text)).order_by(WorkflowRun.started_at.desc()).limit(6)
    ).all()
    if len(found) == 1:
        return found[0]
    if found:
        several = (
            f"there are several runs of {text!r}"
            if found[0].dag_id == text
            else f"several runs begin with {text!r}"
        )
        raise NotKnown(several, hint=f"one of {_listed(found)}")
    soon = "; one that was started by hand is listed within ten seconds" if "/" in text else ""
    raise NotKnown(f"there is no run {text!r}", hint=_nearest(session, text) + soon)


def run_of(session: Session, run_id: uuid.UUID) -> WorkflowRun:
    return session.get_one(WorkflowRun, run_id)


def find_newest(session: Session, text: str) -> WorkflowRun:
    """As `find_run`, for those who only look: a DAG names its newest run."""
    newest = (
        select(WorkflowRun).where(WorkflowRun.dag_id == text).order_by(WorkflowRun.started_at.desc()).limit(1)
    )
    return session.scalars(newest).first() or find_run(session, text)


def _names(text: str) -> ColumnElement[bool]:
    dag, slash, run = text.partition("/")
    if slash:
        return (WorkflowRun.dag_id == dag) & (WorkflowRun.dag_run_id == run)
    if (whole := as_uuid(text)) is not None:
        return WorkflowRun.run_id == whole
    if len(text) < SHORTEST_PREFIX:
        return or_(WorkflowRun.dag_id == text, WorkflowRun.dag_run_id == text)
    return or_(
        WorkflowRun.dag_id == text,
        WorkflowRun.dag_run_id.startswith(text, autoescape=True),
        cast(WorkflowRun.run_id, Text).startswith(text.lower(), autoescape=True),
    )


def _listed(runs: Sequence[WorkflowRun]) -> str:
    return ", ".join(f"{run.dag_id}/{run.dag_run_id}" for run in runs)


def _nearest(session: Session, text: str) -> str:
    recent = session.scalars(select(WorkflowRun).order_by(WorkflowRun.started_at.desc()).limit(200)).all()
    names = [f"{run.dag_id}/{run.dag_run_id}" for run in recent]
    near = difflib.get_close_matches(text, names, n=2, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"the newest is {names[0]}" if names else "there are no runs yet"


def newest_act(run_id: uuid.UUID, key: str, map_index: int) -> Select[NodeRun]:
    """Asks for the row of the act's newest generation."""
    place = (NodeRun.run_id == run_id, NodeRun.node_key == key, NodeRun.map_index == map_index)
    return select(NodeRun).where(*place).order_by(NodeRun.generation.desc()).limit(1)


def attempt_of(act: NodeRun) -> Attempt:
    """The act's last attempt, as it is told of after its end."""
    return Attempt(
        key=act.idempotency_key,
        generation=act.generation,
        number=act.attempt,
        resuming=False,
        began_at=act.started_at or act.created_at,
    )


def earlier_ids(session: Session, run_id: uuid.UUID, node: str) -> Sequence[str]:
    """The ids under which the ledger may have the acts of a node that was renamed, by the newest version that
    has it.
    """
    query = (
        select(WorkflowNode.act_key)
        .join(WorkflowRun, WorkflowRun.workflow_id == WorkflowNode.workflow_id)
        .where(WorkflowRun.run_id == run_id, WorkflowNode.key == node, WorkflowNode.act_key.is_not(None))
    )
    return [str(key) for key in session.scalars(query.order_by(WorkflowNode.version.desc()))]


SAYS_WHY = NodeRun.status.in_(
    [ActStatus.FAILED, ActStatus.ASKED, ActStatus.STARTED]
) & NodeRun.error_details.is_not(None)
"""Of an act: its last attempt went wrong, and it says at what."""


@dataclass(frozen=True, slots=True)
class TaskAct:
    """What the ledger has of a task's act, which stands there under `key`.

    `error` is what its last attempt went wrong with; None where it did not.
    """

    key: str
    map_index: int
    error: Mapping[str, Any] | None
    story: Sequence[Mapping[str, Any]]


def acts_by_task(session: Session, run_id: uuid.UUID) -> dict[tuple[str, int], TaskAct]:
    """The newest act of each of the run's tasks, by the task's id and map index.

    A node that was renamed after the run had begun is there under both ids: its task has one, the ledger may
    have the other.
    """
    query = (
        select(NodeRun.node_key, WorkflowNode.key, NodeRun.map_index, SAYS_WHY)
        .add_columns(NodeRun.error_details, NodeRun.story)
        .outerjoin(WorkflowNode, WorkflowNode.node_id == NodeRun.node_id)
        .where(NodeRun.run_id == run_id)
        .order_by(NodeRun.generation)
    )
    found: dict[tuple[str, int], TaskAct] = {}
    for key, task, index, says_why, error, story in session.execute(query):
        act = TaskAct(key, index, error if says_why else None, story)
        found |= {(name, index): act for name in (key, task) if name}
    return found


@dataclass(frozen=True, slots=True)
class Outputs:
    """What expressions see as `nodes`: node id to `{"output": …}`.

    `sensitive` are texts in it that must not be shown.
    """

    nodes: dict[str, dict[str, Any]]
    sensitive: list[str] = field(default_factory=list, repr=False)


def outputs(
    session: Session,
    run_id: uuid.UUID,
    *,
    siblings: AbstractSet[str] = frozenset(),
    map_index: int = -1,
    only: AbstractSet[str] | None = None,
) -> Outputs:
    """Whole, of every node of the run that is done and was not undone; with `only`, of these nodes.

    Of several generations the newest that was done counts. A mapped node's output is the list of its outputs
    in the order of their map indexes; only of `siblings`, which are mapped together with the task that asks,
    it is the one with the same index.
    """
    newest = (
        select(NodeRun.node_key, NodeRun.map_index, NodeRun.status, NodeRun.output, NodeRun.output_sealed)
        .where(NodeRun.run_id == run_id, NodeRun.status.in_([ActStatus.SUCCEEDED, ActStatus.COMPENSATED]))
        .ext(distinct_on(NodeRun.node_key, NodeRun.map_index))
        .order_by(NodeRun.node_key, NodeRun.map_index, NodeRun.generation.desc())
    )
    if only is not None:
        newest = newest.where(NodeRun.node_key.in_(only))
    if siblings:
        others = NodeRun.node_key.not_in(siblings) | (NodeRun.map_index < 0)
        newest = newest.where(others | (NodeRun.map_index == map_index))
    nodes: dict[str, dict[str, Any]] = {}
    found = Outputs(nodes)
    for key, index, status, shown, sealed in session.execute(newest):
        beside = key in siblings and index >= 0
        if status != ActStatus.SUCCEEDED or (beside and index != map_index):
            continue
        output = sealed["output"] if sealed else shown
        found.sensitive.extend(sealed["sensitive"] if sealed else ())
        if index < 0 or beside:
            nodes[key] = {"output": output}
        else:
            nodes.setdefault(key, {"output": []})["output"].append(output)
    return found
