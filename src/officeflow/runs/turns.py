"""Whose turn it is among the runs of one person.

A run that waits for its turn has a row here and is PENDING: Airflow does not know of it yet. It begins when
what began before it has ended. The runs of one event, and those that another run has called, do not wait for
each other; an exit waits for nothing but what was cancelled for it, and goes ahead of all that waits.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased

from officeflow.database.status_columns import text_of
from officeflow.database.tables import RunTurn, WorkflowRun
from officeflow.events.inbox import database_time
from officeflow.events.topics import EMPLOYEE_EXIT
from officeflow.runs import confs
from officeflow.statuses import ENDED_RUNS, RunControl, RunStatus, WaitsFor

PARALLEL, QUEUE, REPLACE = "parallel", "queue", "replace"
"""`concurrency` of a definition."""

BEHIND = "it begins when these have ended: "

_other, _its_turn = aliased(WorkflowRun, name="other"), aliased(RunTurn, name="its_turn")

UNDOES = or_(_other.control == RunControl.CANCEL, _other.status == RunStatus.COMPENSATING)
"""Whether the other run is on its way out."""


def open_before(session: Session, run: WorkflowRun) -> Sequence[WorkflowRun]:
    """The person's runs of other events that have not ended, in the order in which they came, each row
    locked.
    """
    locked = _open_others(run).with_for_update().execution_options(populate_existing=True)
    return _of_other_events(session, run, locked)


def _open_others(run: WorkflowRun) -> Select[WorkflowRun]:
    query = select(WorkflowRun).where(
        WorkflowRun.org_id == run.org_id,
        WorkflowRun.employee_id == run.employee_id,
        WorkflowRun.run_id != run.run_id,
        WorkflowRun.parent_run_id.is_(None),
        WorkflowRun.status.not_in(ENDED_RUNS),
    )
    return query.order_by(WorkflowRun.started_at, WorkflowRun.run_id)


def _of_other_events(session: Session, run: WorkflowRun, query: Select[WorkflowRun]) -> list[WorkflowRun]:
    mine = _identity(run)
    return [other for other in session.scalars(query) if _identity(other) != mine]


def is_undoing(run: WorkflowRun) -> bool:
    """Whether it is on its way out: cancelled, or taking back what it did."""
    return run.control == RunControl.CANCEL or run.status == RunStatus.COMPENSATING


def next_turn(session: Session) -> RunTurn | None:
    """A run whose turn has come, or that has ended without one; locked until the transaction ends, None
    where there is none. `session` sees all organizations.
    """
    of_run = RunTurn.run_id == WorkflowRun.run_id
    may = and_(WorkflowRun.control != RunControl.CANCEL, ~_in_front().exists())
    query = (
        select(RunTurn)
        .join(WorkflowRun, of_run)
        .where(RunTurn.came_at.is_(None), RunTurn.due_at <= func.clock_timestamp())
        .where(or_(WorkflowRun.status.in_(ENDED_RUNS), may))
        .order_by(RunTurn.since)
        .limit(1)
        .with_for_update(skip_locked=True, of=RunTurn)
    )
    return session.scalar(query)


def still_undoing(session: Session, run: WorkflowRun) -> list[str]:
    """The runs beside which this one begins although they are not undone yet: `<dag id>/<run id>`."""
    others = _of_other_events(session, run, _open_others(run))
    return [_name(other) for other in others if is_undoing(other)]


def postpone(session: Session, turn: RunTurn, *, by: dt.timedelta) -> None:
    turn.attempts += 1
    turn.due_at = database_time(session) + by


def came(session: Session, turn: RunTurn) -> None:
    """It has begun, or never will."""
    turn.came_at = database_time(session)


def waits(run_id: Any) -> ColumnElement[bool]:
    """Whether the run waits for its turn."""
    return select(RunTurn.run_id).where(RunTurn.run_id == run_id, RunTurn.came_at.is_(None)).exists()


def waiting() -> Select[*tuple[Any, ...]]:
    """What a `Wait` has, of the runs that wait: since when, until when at the latest, and for which runs."""
    names = _other.dag_id + "/" + _other.dag_run_id
    listed = func.string_agg(names, aggregate_order_by(literal(", "), _other.started_at))
    in_front = _in_front().with_only_columns(listed).scalar_subquery()
    return (
        select(WorkflowRun.run_id, WorkflowRun.dag_id, WorkflowRun.dag_run_id)
        .add_columns(literal("").label("node"), literal(-1).label("map_index"))
        .add_columns(literal(WaitsFor.TURN, text_of(WaitsFor)).label("what"))
        .add_columns(RunTurn.since, RunTurn.beside_after.label("until"))
        .add_columns(func.coalesce(literal(BEHIND).concat(in_front), "it begins now").label("why"))
        .join(RunTurn, RunTurn.run_id == WorkflowRun.run_id)
        .where(RunTurn.came_at.is_(None), WorkflowRun.status.not_in(ENDED_RUNS))
    )


def _in_front() -> Select[uuid.UUID]:
    """What a run waits for, of a query over `WorkflowRun` and its `RunTurn`."""
    is_exit = WorkflowRun.trigger_event == EMPLOYEE_EXIT
    place = func.coalesce(_its_turn.since, _other.started_at)
    overtook = and_(
        _other.trigger_event == EMPLOYEE_EXIT, or_(_its_turn.run_id.is_(None), _its_turn.came_at.is_not(None))
    )
    over = and_(RunTurn.beside_after <= func.clock_timestamp(), UNDOES)
    return (
        select(_other.run_id)
        .outerjoin(_its_turn, _its_turn.run_id == _other.run_id)
        .where(
            _other.org_id == WorkflowRun.org_id,
            _other.employee_id == WorkflowRun.employee_id,
            _other.run_id != WorkflowRun.run_id,
            _other.parent_run_id.is_(None),
            _other.status.not_in(ENDED_RUNS),
            or_(*(_event(_other, name) != _event(WorkflowRun, name) for name in ("id", "source"))),
            or_(and_(~is_exit, or_(place < RunTurn.since, overtook)), and_(is_exit, UNDOES)),
            ~func.coalesce(over, False),
        )
        .correlate(WorkflowRun, RunTurn)
    )


def _event(run: type[WorkflowRun], name: str) -> ColumnElement[str]:
    return func.coalesce(run.context["event"][name].astext, "")


def _identity(run: WorkflowRun) -> tuple[str, str]:
    event = confs.event_of(run.context)
    return str(event.get("source", "")), str(event.get("id", ""))


def _name(run: WorkflowRun) -> str:
    return f"{run.dag_id}/{run.dag_run_id}"
