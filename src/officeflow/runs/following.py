"""Runs that wait for a date of their person's, and look at it at once when the person's record changes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.catalog import registry
from officeflow.database.tables import Employee, NodeRun, WorkflowRun
from officeflow.statuses import ENDED_RUNS, ActStatus
from officeflow.waiting import wakes


def wake(session: Session, person: Employee, *, cause: str) -> int:
    """Wake the waits that follow this person's record, in the transaction that changes it; returns how many.

    One that looks just now may have read the record as it was: it looks once more.
    """
    query = (
        select(NodeRun.run_id, NodeRun.node_key, NodeRun.map_index, NodeRun.node_type)
        .join(WorkflowRun, WorkflowRun.run_id == NodeRun.run_id)
        .where(WorkflowRun.org_id == person.org_id, WorkflowRun.employee_id == person.employee_id)
        .where(WorkflowRun.status.not_in(ENDED_RUNS))
        .where(NodeRun.status.in_([ActStatus.QUEUED, ActStatus.STARTED]), NodeRun.started_at.is_not(None))
        .order_by(NodeRun.run_id, NodeRun.node_key, NodeRun.map_index)
    )
    found = [row for row in session.execute(query) if _follows(row.node_type)]
    for row in found:
        wakes.wake(session, person.org_id, row.run_id, row.node_key, map_index=row.map_index, cause=cause)
    return len(found)


def _follows(node_type: str) -> bool:
    return registry.is_known(node_type) and registry.node_type(node_type).follows_person
