"""How far what is wanted of runs has come."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import and_, func, or_, select

from officeflow.database.engine import Database
from officeflow.database.tables import WorkflowRun
from officeflow.statuses import ENDED_RUNS, RunControl


def in_step(database: Database, run_ids: Collection[str], wanted: RunControl) -> int:
    """How many of the runs are what is wanted: cancelled ones have ended, of the others Airflow knows.

    One of which something else is wanted meanwhile is none that is waited for.
    """
    ids = [uuid.UUID(each) for each in run_ids]
    ended = WorkflowRun.status.in_(ENDED_RUNS)
    there = WorkflowRun.control_done_at.is_not(None) if wanted != RunControl.CANCEL else ended
    query = (
        select(func.count())
        .select_from(WorkflowRun)
        .where(WorkflowRun.run_id.in_(ids), or_(ended, there, and_(WorkflowRun.control != wanted)))
    )
    with database.service() as session:
        return session.scalar(query) or 0
