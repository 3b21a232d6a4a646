"""What people enter and read of employees by hand, beside what events tell; both are audited."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.database.tables import Employee, Organization
from officeflow.errors import InvalidInput, NotKnown, did_you_mean
from officeflow.events.lifecycle import payload_problems
from officeflow.events.payloads import rules_of, split
from officeflow.events.topics import EMPLOYEE_UPDATE
from officeflow.ids import as_uuid, new_id
from officeflow.tenants import employees, organizations

HIDDEN = "(sensitive)"
"""What is shown instead of a sensitive field."""


def enter(
    database: Database,
    clock: Clock,
    slug_or_uuid: str,
    external_id: str,
    values: Mapping[str, Any],
    *,
    by: str,
) -> Employee:
    """Enter a person whose joining no event tells; `values` are fields as in an event's payload.

    They are held against the schema of events, and count as an update that happens now. `InvalidInput` where
    the person is there already, or with every field that is wrong.
    """
    with organizations.entered(database, slug_or_uuid) as (session, org_id):
        if employees.find(session, org_id, external_id) is not None:
            raise InvalidInput(
                f"the organization has an employee {external_id!r} already",
                hint="an employee.update event changes one",
            )
        created = _apply(session, clock, org_id, external_id, values)
        _record(session, created, AuditAction.EMPLOYEE_CREATED, by=by, fields=values)
    return created


def look(database: Database, slug_or_uuid: str, external_id: str) -> dict[str, Any]:
    """All that is known of a person, sensitive fields as `HIDDEN`. `external_id` may be our own UUID of them.

    `NotKnown` where the organization has no such employee, with a suggestion where one is close.
    """
    with organizations.entered(database, slug_or_uuid) as (session, org_id):
        found = find(session, org_id, external_id)
        return employees.as_values(found) | dict.fromkeys(found.sensitive or {}, HIDDEN)


def reveal(database: Database, slug_or_uuid: str, external_id: str, *, by: str) -> dict[str, Any]:
    """The same with the sensitive fields as they are; the audit log notes who looked."""
    with organizations.entered(database, slug_or_uuid) as (session, org_id):
        found = find(session, org_id, external_id)
        _record(session, found, AuditAction.EMPLOYEE_REVEALED, by=by, fields=found.sensitive or {})
        return employees.as_values(found)


def find(session: Session, org_id: uuid.UUID, external_id: str) -> Employee:
    """Named by the HR system's identifier or by ours. `NotKnown` suggests one that is close."""
    found = employees.find(session, org_id, external_id)
    if found is None and (own_id := as_uuid(external_id)) is not None:
        query = select(Employee).where(Employee.org_id == org_id, Employee.employee_id == own_id)
        found = session.scalar(query)
    if found is None:
        known = [each.external_id for each in employees.every(session, org_id)]
        raise NotKnown(
            f"the organization has no employee {external_id!r}", hint=did_you_mean(external_id, known)
        )
    return found


def _apply(
    session: Session, clock: Clock, org_id: uuid.UUID, external_id: str, values: Mapping[str, Any]
) -> Employee:
    problems = payload_problems(EMPLOYEE_UPDATE, values)
    if problems:
        raise InvalidInput("the employee was not created", problems=problems)
    shown, hidden = split(values, rules_of(session.get_one(Organization, org_id).settings))
    return employees.apply_event(
        session,
        org_id,
        kind=EMPLOYEE_UPDATE,
        external_id=external_id,
        event_id=f"by-hand:{new_id()}",
        event_time=clock.now(),
        payload=shown,
        sensitive=hidden,
    )


def _record(
    session: Session, employee: Employee, action: AuditAction, *, by: str, fields: Mapping[str, Any]
) -> None:
    """With the names of the fields, never with what they hold."""
    entry = AuditEntry(
        actor=by,
        action=action,
        subject=f"employee:{employee.external_id}",
        details={"fields": sorted(fields)},
    )
    audit.append(session, employee.org_id, entry)
