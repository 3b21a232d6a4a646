"""Whose what is kept of a run is: the person's that it is about."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.tables import Employee, WorkflowRun
from officeflow.owners import Owner, owner


def of_run(session: Session, run_id: uuid.UUID) -> Owner:
    """The organization's where the run is about nobody. The run's row must exist."""
    query = (
        select(WorkflowRun.org_id, Employee.external_id)
        .outerjoin(Employee, Employee.employee_id == WorkflowRun.employee_id)
        .where(WorkflowRun.run_id == run_id)
    )
    return owner(*session.execute(query).one())
