"""The runs of all organizations at a glance: how many are at what, and why the newest failed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.database.tables import NodeRun, WorkflowRun
from officeflow.runs import refusals, waits
from officeflow.runs.store import SAYS_WHY
from officeflow.statuses import ENDED_RUNS, RunStatus, ShownRunStatus

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRun:
    """`where` is ` at NODES`, or empty where none is known; `why` is what one of them said, or became of the
    run.
    """

    dag_id: str
    dag_run_id: str
    at: dt.datetime
    where: str
    why: str

    @property
    def told(self) -> str:
        """Both in a sentence."""
        return f"{self.where.lstrip()}: {self.why}" if self.where else self.why


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """`open` counts the runs that have not ended by the status that is shown; `failed` those that failed
    within a day.
    """

    open: Mapping[ShownRunStatus, int]
    failed: int
    newest: tuple[FailedRun, ...]


def overview(session: Session, *, newest: int = 5) -> Overview:
    """With the `newest` of those that failed within the last day."""
    by_status = (
        select(WorkflowRun.status, func.count())
        .where(WorkflowRun.status.not_in(ENDED_RUNS))
        .group_by(WorkflowRun.status)
    )
    waiting = (
        select(WorkflowRun.status, func.count()).where(waits.waits(WorkflowRun)).group_by(WorkflowRun.status)
    )
    found = {ShownRunStatus(status): int(count) for status, count in session.execute(by_status)}
    for status, count in session.execute(waiting):
        found[ShownRunStatus(status)] -= count
        found[ShownRunStatus.WAITING] = found.get(ShownRunStatus.WAITING, 0) + count
    lately = (WorkflowRun.status == RunStatus.FAILED, WorkflowRun.ended_at > func.now() - DAY)
    failed = session.scalar(select(func.count()).select_from(WorkflowRun).where(*lately)) or 0
    rows = session.scalars(
        select(WorkflowRun).where(*lately).order_by(WorkflowRun.ended_at.desc()).limit(newest)
    )
    return Overview(
        open={status: count for status, count in sorted(found.items()) if count},
        failed=failed,
        newest=tuple(_failed(session, row) for row in rows),
    )


def _failed(session: Session, row: WorkflowRun) -> FailedRun:
    error: Mapping[str, Any] = row.error_details or {}
    nodes = ", ".join(error.get("nodes", ()))
    said = (
        error.get("message") or _said(session, row, error) or error.get("code") or "Airflow calls it failed"
    )
    at, where = row.ended_at or row.started_at, f" at {nodes}" if nodes else ""
    return FailedRun(dag_id=row.dag_id, dag_run_id=row.dag_run_id, at=at, where=where, why=str(said))


def _said(session: Session, row: WorkflowRun, error: Mapping[str, Any]) -> str:
    for reason in error.get("reasons", ()):
        return f"{reason['code']}: {reason['message']}"
    for refusal in refusals.reasons(refusals.of_run(session, row.run_id)):
        return f"{refusal['code']}: {refusal['message']}"
    newest = func.coalesce(NodeRun.ended_at, NodeRun.started_at).desc()
    details = (
        session.scalar(
            select(NodeRun.error_details)
            .where(NodeRun.run_id == row.run_id, SAYS_WHY)
            .order_by(newest)
            .limit(1)
        )
        or {}
    )
    return f"{details['code']}: {details['message']}" if {"code", "message"} <= details.keys() else ""
