"""Figures of an organization's runs over some days, for a dashboard."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Float, and_, cast, func, literal, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from officeflow.database.status_columns import text_of
from officeflow.database.tables import NodeRefusal, NodeRun, Organization, WorkflowRun
from officeflow.errors import InvalidInput, Problem
from officeflow.runs import refusals
from officeflow.runs.refusals import SKIPPED
from officeflow.statuses import OPEN_RUNS, ActStatus, RunStatus
from officeflow.tenants import organizations

MOST_DAYS = 92
MOST_WORKFLOWS = 200
MOST_REASONS = 100
FAILED_RUNS_LOOKED_AT = 5_000

Moment = SQLCoreOperations[dt.datetime] | SQLCoreOperations[dt.datetime | None]
_RUN_STATUS = text_of(RunStatus)


@dataclass(frozen=True, slots=True)
class Days:
    """From the first to the last day, both included, by the calendar of `zone` (an IANA name)."""

    first: dt.date
    last: dt.date
    zone: str

    @property
    def since(self) -> ColumnElement[dt.datetime]:
        return self._midnight(self.first)

    @property
    def until(self) -> ColumnElement[dt.datetime]:
        return self._midnight(self.last + dt.timedelta(days=1))

    def of(self, moment: Moment) -> ColumnElement[dt.date]:
        return cast(func.timezone(self.zone, moment), Date)

    def holds(self, moment: Moment) -> ColumnElement[bool]:
        return and_(moment >= self.since, moment < self.until)

    def _midnight(self, day: dt.date) -> ColumnElement[dt.datetime]:
        midnight = dt.datetime.combine(day, dt.time())
        found: ColumnElement[dt.datetime] = func.timezone(self.zone, literal(midnight))
        return found


def days(organization: Organization, first: dt.date | None, last: dt.date | None, now: dt.datetime) -> Days:
    """In the organization's time zone; without a last day until today, without a first one 30 days.

    `InvalidInput` for more than 92 days, or where the last is before the first.
    """
    zone = organizations.time_zone(organization) or "UTC"
    last = last or now.astimezone(ZoneInfo(zone)).date()
    try:
        first = first or last - dt.timedelta(days=30)
        count = (last - first).days + 1
    except OverflowError:
        count = 0
    if last.year >= dt.MAXYEAR:
        problem = Problem("query.last", f"it is before the year {dt.MAXYEAR}")
        raise InvalidInput("the request is not valid", problems=[problem])
    if first is None or not 1 <= count <= MOST_DAYS:
        problem = Problem("query.first", f"from the first to the last are 1 to {MOST_DAYS} days")
        raise InvalidInput("the request is not valid", problems=[problem])
    return Days(first, last, zone)


@dataclass(frozen=True, slots=True)
class DayCount:
    day: dt.date
    status: RunStatus
    runs: int


def runs_by_day(session: Session, org_id: uuid.UUID, within: Days) -> Sequence[DayCount]:
    """Runs by the day of their start and the status that they are in now."""
    day = within.of(WorkflowRun.started_at)
    query = (
        select(day, WorkflowRun.status, func.count())
        .where(WorkflowRun.org_id == org_id, within.holds(WorkflowRun.started_at))
        .group_by(day, WorkflowRun.status)
        .order_by(day, WorkflowRun.status)
    )
    return [DayCount(*row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class OpenCount:
    status: RunStatus
    runs: int
    oldest: dt.datetime


def open_runs(session: Session, org_id: uuid.UUID) -> Sequence[OpenCount]:
    """Runs that have not ended, whenever they began, by the status that is stored."""
    parts = [
        select(
            literal(status, _RUN_STATUS).label("status"),
            func.count().label("runs"),
            func.min(WorkflowRun.started_at).label("oldest"),
        ).where(WorkflowRun.org_id == org_id, WorkflowRun.status == status)
        for status in OPEN_RUNS
    ]
    rows = session.execute(union_all(*parts))
    return [OpenCount(RunStatus(status), runs, oldest) for status, runs, oldest in rows if runs]


@dataclass(frozen=True, slots=True)
class Duration:
    """Of the runs of one DAG that ended in a status; seconds from start to end."""

    dag_id: str
    status: RunStatus
    runs: int
    median: float
    p95: float
    longest: float


def durations(session: Session, org_id: uuid.UUID, within: Days) -> Sequence[Duration]:
    """Of the runs that ended on these days; the DAGs with the most of them first, at most 200 lines."""
    seconds = cast(func.extract("epoch", WorkflowRun.ended_at - WorkflowRun.started_at), Float)
    quantiles = [func.percentile_cont(part).within_group(seconds) for part in (0.5, 0.95)]
    query = (
        select(WorkflowRun.dag_id, WorkflowRun.status, func.count(), *quantiles, func.max(seconds))
        .where(WorkflowRun.org_id == org_id, WorkflowRun.ended_at.is_not(None))
        .where(within.holds(WorkflowRun.ended_at))
        .group_by(WorkflowRun.dag_id, WorkflowRun.status)
        .order_by(func.count().desc(), WorkflowRun.dag_id, WorkflowRun.status)
    )
    return [Duration(*row) for row in session.execute(query.limit(MOST_WORKFLOWS))]


@dataclass(frozen=True, slots=True)
class Failures:
    """Nodes that failed for one reason. `acted` tells whether they had begun their act."""

    type: str
    code: str
    acted: bool
    nodes: int
    newest: dt.datetime


def failures(session: Session, org_id: uuid.UUID, within: Days) -> Sequence[Failures]:
    """By node type and the error's code, of runs that began on these days and failed, the most first; of at
    most the 5,000 newest such runs.
    """
    runs = (
        select(WorkflowRun.run_id)
        .where(WorkflowRun.org_id == org_id, WorkflowRun.status == RunStatus.FAILED)
        .where(within.holds(WorkflowRun.started_at))
        .order_by(WorkflowRun.started_at.desc())
        .limit(FAILED_RUNS_LOOKED_AT)
        .subquery()
    )
    acts = (
        select(
            NodeRun.node_type.label("type"),
            func.coalesce(NodeRun.error_details["code"].astext, "").label("code"),
            literal(value=True).label("acted"),
            func.coalesce(NodeRun.ended_at, NodeRun.started_at, NodeRun.created_at).label("at"),
        )
        .join(runs, runs.c.run_id == NodeRun.run_id)
        .where(NodeRun.status.in_([ActStatus.FAILED, ActStatus.ASKED]), ~refusals.gives_up(NodeRun))
    )
    refused = (
        select(
            NodeRefusal.node_type.label("type"),
            NodeRefusal.error_details["code"].astext.label("code"),
            literal(value=False).label("acted"),
            NodeRefusal.at.label("at"),
        )
        .join(runs, runs.c.run_id == NodeRefusal.run_id)
        .where(~NodeRefusal.waits, NodeRefusal.error_details["code"].astext != SKIPPED)
    )
    found = union_all(acts, refused).subquery()
    query = (
        select(found.c.type, found.c.code, found.c.acted, func.count(), func.max(found.c.at))
        .group_by(found.c.type, found.c.code, found.c.acted)
        .order_by(func.count().desc(), found.c.type, found.c.code)
    )
    return [Failures(*row) for row in session.execute(query.limit(MOST_REASONS))]
