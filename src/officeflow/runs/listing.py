"""Runs, and what their nodes did, for people who look for them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Subquery,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from officeflow.database.reading import named_rows
from officeflow.database.status_columns import text_of
from officeflow.database.tables import Employee, NodeRefusal, NodeRun, Organization, Workflow, WorkflowRun
from officeflow.errors import NotKnown, did_you_mean
from officeflow.program import typed
from officeflow.runs import turns, waits
from officeflow.runs.failures import RUN_FAILED, TASK_FAILED
from officeflow.runs.per_run import PerRun, per_run
from officeflow.runs.wait import Wait
from officeflow.statuses import ENDED_RUNS, ActStatus, RunStatus, ShownRunStatus

FAILED_RUNS_LOOKED_AT = 1000
NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)

_SHOWN = text_of(ShownRunStatus)
_HAS_WAITS = "has_waits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which runs; what is None or empty says nothing.

    `workflow` is a slug, or a DAG id; `employee` the HR system's identifier.
    """

    org_id: uuid.UUID | None = None
    statuses: Collection[ShownRunStatus] = ()
    workflow: str | None = None
    employee: str | None = None
    since: dt.datetime | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run in a list. For what it waits `waits` says.

    `failed` and `asked` count its acts in that state, `refused` the nodes whose last try ended without one;
    `error` is why the run failed.
    """

    run_id: uuid.UUID
    org: str
    workflow: str | None
    version: int | None
    dag_id: str
    dag_run_id: str
    trigger: str
    employee: str | None
    status: ShownRunStatus
    started_at: dt.datetime
    ended_at: dt.datetime | None
    correlation_id: str
    failed: int
    asked: int
    refused: int
    error: dict[str, Any] | None
    waits: tuple[Wait, ...] = ()


_FIELDS = [field.name for field in fields(RunLine) if field.name != "waits"]


def list_runs(session: Session, wanted: Wanted) -> list[RunLine]:
    """The newest first. `NotKnown` where no workflow, and no DAG with runs, has the name."""
    if wanted.workflow is not None:
        _check_workflow(session, wanted.workflow, wanted.org_id)
    seen = per_run()
    query = _lines(seen).order_by(WorkflowRun.started_at.desc(), WorkflowRun.run_id).limit(wanted.limit)
    for condition in _conditions(wanted, seen):
        query = query.where(condition)
    return _found(session, query, {})


def line_of(session: Session, run_id: uuid.UUID) -> RunLine:
    [line] = lines_of(session, [run_id])
    return line


def lines_of(session: Session, run_ids: Sequence[uuid.UUID]) -> list[RunLine]:
    """Those of these runs that the session sees, in the order of their ids here."""
    lines = _found(session, _lines_of_these(), {"run_ids": run_ids}) if run_ids else ()
    found = {line.run_id: line for line in lines}
    return [found[run_id] for run_id in run_ids if run_id in found]


@cache
def _lines_of_these() -> Select[*tuple[Any, ...]]:
    """Made once, and of one text whatever the number of runs: PostgreSQL keeps its plan, which takes longer
    to make than to run.
    """
    return _lines(per_run()).where(WorkflowRun.run_id == any_(bindparam("run_ids", type_=ARRAY(Uuid))))


def _found(session: Session, lines: Select[*tuple[Any, ...]], given: Mapping[str, Any]) -> list[RunLine]:
    rows = named_rows(session, lines, given)
    found = waits.of_runs(session, [row["run_id"] for row in rows if row[_HAS_WAITS]])
    return [
        RunLine(**{name: row[name] for name in _FIELDS}, waits=tuple(found.get(row["run_id"], ())))
        for row in rows
    ]


def _lines(seen: PerRun) -> Select[*tuple[Any, ...]]:
    person = func.coalesce(Employee.external_id, WorkflowRun.context["event"]["employee"].astext)
    has_waits = and_(
        WorkflowRun.status.not_in(ENDED_RUNS), or_(seen.has_waits, turns.waits(WorkflowRun.run_id))
    )
    status = case(
        (seen.waits, literal(ShownRunStatus.WAITING, _SHOWN)), else_=type_coerce(WorkflowRun.status, _SHOWN)
    )
    query = (
        select(
            WorkflowRun.run_id,
            Organization.slug.label("org"),
            Workflow.slug.label("workflow"),
            WorkflowRun.version,
            WorkflowRun.dag_id,
            WorkflowRun.dag_run_id,
            WorkflowRun.trigger_event.label("trigger"),
            person.label("employee"),
            status.label("status"),
            WorkflowRun.started_at,
            WorkflowRun.ended_at,
            WorkflowRun.correlation_id,
            seen.acts.c.failed,
            seen.acts.c.asked,
            seen.refused.c.refused,
            WorkflowRun.error_details.label("error"),
            has_waits.label(_HAS_WAITS),
        )
        .join(Organization, Organization.org_id == WorkflowRun.org_id)
        .outerjoin(Workflow, Workflow.workflow_id == WorkflowRun.workflow_id)
        .outerjoin(Employee, Employee.employee_id == WorkflowRun.employee_id)
    )
    return seen.joined(query)


def _conditions(wanted: Wanted, seen: PerRun) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.org_id is not None:
        conditions.append(WorkflowRun.org_id == wanted.org_id)
    if wanted.statuses:
        conditions.append(seen.in_status(wanted.statuses))
    if wanted.workflow is not None:
        conditions.append(or_(Workflow.slug == wanted.workflow, WorkflowRun.dag_id == wanted.workflow))
    if wanted.employee is not None:
        in_event = WorkflowRun.context["event"]["employee"].astext
        conditions.append(or_(Employee.external_id == wanted.employee, in_event == wanted.employee))
    if wanted.since is not None:
        conditions.append(WorkflowRun.started_at >= wanted.since)
    return conditions


def _check_workflow(session: Session, name: str, org_id: uuid.UUID | None) -> None:
    slugs, dags = select(Workflow.slug), select(WorkflowRun.dag_id).distinct()
    if org_id is not None:
        slugs, dags = slugs.where(Workflow.org_id == org_id), dags.where(WorkflowRun.org_id == org_id)
    known = {*session.scalars(slugs), *session.scalars(dags)}
    if name not in known:
        raise NotKnown(
            f"there is no workflow {name!r}",
            hint=did_you_mean(name, known) or f"`{typed('workflow list')}` shows them",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActLine:
    """An act that is open or went wrong, with where it belongs."""

    dag_id: str
    dag_run_id: str
    node: str
    map_index: int
    at: dt.datetime | None
    error: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """What may want somebody.

    `open` acts were begun and have no record yet: they act now, or a crash left them. `failures` are those of
    acts, those of nodes that ended before their act did, and those of runs of which no node has a word.
    """

    open: int
    oldest_open: dt.datetime | None
    asked: int
    asks: tuple[ActLine, ...]
    failures: tuple[ActLine, ...]


def attention(session: Session, *, newest: int = 5) -> Attention:
    """Open and asked acts of all organizations, with the `newest` of those asked and those failed.

    Of the runs that have not ended and the newest thousand of those that failed or were cancelled: the ledger
    has no index by status, so that recording an act stays cheap.
    """
    acts = _acts_to_look_at()
    counted = {status: (count, oldest) for status, count, oldest in session.execute(_counted(acts))}
    return Attention(
        open=counted.get(ActStatus.STARTED, (0, None))[0],
        oldest_open=counted.get(ActStatus.STARTED, (0, None))[1],
        asked=counted.get(ActStatus.ASKED, (0, None))[0],
        asks=_newest(session, acts, ActStatus.ASKED, newest),
        failures=_latest(
            [
                *_newest(session, acts, ActStatus.FAILED, newest),
                *_refusals(session, newest),
                *_without_words(session, newest),
            ],
            newest,
        ),
    )


def _refusals(session: Session, number: int) -> Sequence[ActLine]:
    """Nodes that ended before their acts did."""
    query = (
        select(
            WorkflowRun.dag_id,
            WorkflowRun.dag_run_id,
            NodeRefusal.node_key.label("node"),
            NodeRefusal.map_index,
            NodeRefusal.at,
        )
        .add_columns(NodeRefusal.error_details.label("error"))
        .join(NodeRefusal, NodeRefusal.run_id == WorkflowRun.run_id)
        .where(~NodeRefusal.waits, WorkflowRun.status != RunStatus.SUCCEEDED)
    )
    return [
        ActLine(**row)
        for row in session.execute(query.order_by(NodeRefusal.at.desc()).limit(number)).mappings()
    ]


def _without_words(session: Session, number: int) -> Sequence[ActLine]:
    """Runs that failed for what no node has said: tasks without a word of theirs, and runs that never began
    or that Airflow has lost.
    """
    error = WorkflowRun.error_details
    silent = or_(error["code"].astext != RUN_FAILED, error.contains({"reasons": [{"code": TASK_FAILED}]}))
    query = (
        select(WorkflowRun)
        .where(WorkflowRun.status == RunStatus.FAILED, silent)
        .order_by(WorkflowRun.started_at.desc())
        .limit(number)
    )
    return [_as_act(row, row.error_details or {}) for row in session.scalars(query)]


def _as_act(run: WorkflowRun, error: Mapping[str, Any]) -> ActLine:
    said = next((reason for reason in error.get("reasons", ()) if reason["code"] == TASK_FAILED), error)
    return ActLine(
        dag_id=run.dag_id,
        dag_run_id=run.dag_run_id,
        node=str(said.get("node", "")),
        map_index=-1,
        at=run.ended_at or run.started_at,
        error=dict(said),
    )


def _latest(lines: list[ActLine], number: int) -> tuple[ActLine, ...]:
    return tuple(sorted(lines, key=lambda line: line.at or NEVER, reverse=True)[:number])


def _acts_to_look_at() -> Subquery:
    still = select(WorkflowRun.run_id, WorkflowRun.dag_id, WorkflowRun.dag_run_id)
    not_ended = still.where(WorkflowRun.status.not_in(ENDED_RUNS))
    gone_wrong = still.where(WorkflowRun.status.in_([RunStatus.FAILED, RunStatus.CANCELLED]))
    newest = gone_wrong.order_by(WorkflowRun.started_at.desc()).limit(FAILED_RUNS_LOOKED_AT).subquery()
    runs = union_all(not_ended, select(newest)).subquery()
    return (
        select(
            runs.c.dag_id,
            runs.c.dag_run_id,
            NodeRun.node_key.label("node"),
            NodeRun.map_index,
            NodeRun.status,
            func.coalesce(NodeRun.ended_at, NodeRun.started_at).label("at"),
            NodeRun.error_details.label("error"),
        )
        .join(NodeRun, NodeRun.run_id == runs.c.run_id)
        .where(NodeRun.status.in_([ActStatus.STARTED, ActStatus.ASKED, ActStatus.FAILED]))
        .subquery()
    )


def _counted(acts: Subquery) -> Select[ActStatus, int, dt.datetime | None]:
    return select(acts.c.status, func.count(), func.min(acts.c.at)).group_by(acts.c.status)


def _newest(session: Session, acts: Subquery, status: ActStatus, number: int) -> tuple[ActLine, ...]:
    shown = [column for column in acts.c if column.name != "status"]
    query = select(*shown).where(acts.c.status == status).order_by(acts.c.at.desc()).limit(number)
    return tuple(ActLine(**row) for row in session.execute(query).mappings())
