"""What earlier acts did for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, WorkflowRun
from officeflow.runs.acts import RunRef
from officeflow.statuses import ActStatus

LOOKED_AT = 50
"""So many of a person's newest acts of one node type are looked at for one of a connection."""


def last_output(
    database: Database, run: RunRef, connection: str | None, node_type: str
) -> Mapping[str, Any] | None:
    """The output of the newest act of this type that changed something by way of the connection for the
    person whom the run is about, in any run of theirs, and was not undone; None where there is none, or
    nothing of it is kept any more.
    """
    query = (
        select(NodeRun)
        .join(WorkflowRun, WorkflowRun.run_id == NodeRun.run_id)
        .where(
            WorkflowRun.org_id == run.org_id,
            WorkflowRun.employee_key == run.employee,
            NodeRun.node_type == node_type,
            NodeRun.status == ActStatus.SUCCEEDED,
            NodeRun.output["changed"].as_boolean(),
        )
        .order_by(NodeRun.ended_at.desc(), NodeRun.node_run_id.desc())
        .limit(LOOKED_AT)
    )
    if not run.employee:
        return None
    with database.tenant(run.org_id) as session:
        rows = [row for row in session.scalars(query) if (row.input or {}).get("connection") == connection]
        return rows[0].whole_output if rows else None
