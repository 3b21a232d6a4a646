"""What the platform knows somebody by."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow import ids
from officeflow.database.tables import Employee, InboxEvent, PersonKey, WorkflowRun
from officeflow.errors import NotKnown, did_you_mean
from officeflow.tenants import employees


@dataclass(frozen=True, slots=True)
class Person:
    """`employee_id` is None where no event of theirs was applied yet; `key` names their key."""

    org_id: uuid.UUID
    external_id: str
    key: uuid.UUID
    employee_id: uuid.UUID | None = None
    work_email: str | None = None


def known(session: Session, org_id: uuid.UUID, external_id: str) -> Person:
    """`NotKnown` where there is nothing of such a person, with a suggestion where one is close."""
    employee = employees.find(session, org_id, external_id)
    key = ids.employee_id(org_id, external_id)
    if employee is None and not _left_anything(session, org_id, external_id, key):
        near = session.scalars(
            select(Employee.external_id).where(Employee.org_id == org_id).limit(1000)
        ).all()
        raise NotKnown(
            f"the organization has no employee {external_id!r}", hint=did_you_mean(external_id, near)
        )
    if employee is None:
        return Person(org_id, external_id, key)
    return Person(org_id, external_id, key, employee.employee_id, employee.work_email)


def subject(external_id: str) -> str:
    """The person as the subject of audit records."""
    return f"employee:{external_id}"


def runs_of(session: Session, person: Person) -> list[WorkflowRun]:
    """In the order in which they began."""
    if person.employee_id is None:
        return []
    query = select(WorkflowRun).where(
        WorkflowRun.org_id == person.org_id, WorkflowRun.employee_id == person.employee_id
    )
    return list(session.scalars(query.order_by(WorkflowRun.started_at, WorkflowRun.run_id)))


def _left_anything(session: Session, org_id: uuid.UUID, external_id: str, key: uuid.UUID) -> bool:
    event = select(InboxEvent.inbox_id).where(
        InboxEvent.org_id == org_id, InboxEvent.employee_key == external_id
    )
    sealed = select(PersonKey.key_id).where(PersonKey.org_id == org_id, PersonKey.person == key)
    return any(session.scalar(query.limit(1)) is not None for query in (event, sealed))
