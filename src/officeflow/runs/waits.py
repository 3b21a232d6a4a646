"""What waits unusually long: acts that a system has told to wait, and whatever no longer waits and is not tried again either."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import DateTime, cast, func, or_, select
from sqlalchemy.orm import Session

from officeflow.database.tables import NodeRun, WorkflowRun
from officeflow.runs import states
from officeflow.runs.acts import FAILED, QUEUED, STARTED

ASKS = "human."
"""Node types of this family wait for a person; another node that has begun and has no end waits for a time that is its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LongWait:
    """An act whose next attempt is far off or overdue. `until` is when it follows; None where a person decides when."""

    dag_id: str
    dag_run_id: str
    node: str
    map_index: int
    since: dt.datetime
    until: dt.datetime | None
    why: str


def long_waits(session: Session, *, longer_than: dt.timedelta, most: int = 5) -> list[LongWait]:
    """Of the runs that have not ended, those that have waited the longest first.

    Three kinds: acts that are told to wait longer than that, acts whose next attempt is overdue by as much, and questions that have been
    open for as long.
    """
    since = func.coalesce(NodeRun.ended_at, NodeRun.started_at)
    until = cast(NodeRun.error_details["again_at"].astext, DateTime(timezone=True))
    told = NodeRun.status.in_([FAILED, STARTED]) & or_(until - since > longer_than, until < func.now() - longer_than)
    asked = (NodeRun.status == QUEUED) & NodeRun.node_type.startswith(ASKS) & (NodeRun.started_at < func.now() - longer_than)
    query = (
        select(
            WorkflowRun.dag_id,
            WorkflowRun.dag_run_id,
            NodeRun.node_key.label("node"),
            NodeRun.map_index,
            since.label("since"),
            until.label("until"),
            func.coalesce(NodeRun.error_details["message"].astext, "a person is asked").label("why"),
        )
        .join(NodeRun, NodeRun.run_id == WorkflowRun.run_id)
        .where(WorkflowRun.status.not_in(states.ENDED), or_(told, asked))
        .order_by(since)
        .limit(most)
    )
    return [LongWait(**row) for row in session.execute(query).mappings()]
