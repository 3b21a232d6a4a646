"""What runs are at, by their ids."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.tables import WorkflowRun
from officeflow.statuses import RunStatus


def of(session: Session, run_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, RunStatus]:
    """Those that the session sees; a tenant's its own."""
    query = select(WorkflowRun.run_id, WorkflowRun.status).where(WorkflowRun.run_id.in_(run_ids))
    return {row.run_id: row.status for row in session.execute(query)} if run_ids else {}
