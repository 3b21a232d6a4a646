"""Employees, as the lifecycle events of an organization tell them.

Each field keeps the time of the event that set it, and yields only to an event that is not older. So the
record follows the events in the order of their times, whatever the order of their arrival; of two with the
very same time, the later arrival wins. A field that an event does not name stays as it is; one that it gives
as null is emptied.

`status` is a field that two kinds of event set: an onboarding says `preboarding`, an exit `exited`. A person
of whom only other events have been seen is `active`. So no update or transfer, late or not, undoes an exit; a
newer onboarding (a rehire) does, and empties `end_date` where it names none.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, defer

from officeflow.database.pages import Page, Wanted, page_of
from officeflow.database.tables import Employee
from officeflow.errors import InvalidInput
from officeflow.ids import employee_id
from officeflow.owners import owned, owner
from officeflow.statuses import EmployeeStatus
from officeflow.tenants.fields import DATES, TEXTS, Field, fields_of, is_column


@dataclass(frozen=True, slots=True)
class Brought:
    """A person's record, and whether the event changed what it says."""

    employee: Employee
    changed: bool


def apply_event(session: Session, org_id: uuid.UUID, **event: Any) -> Employee:
    """The person's record as `bring_up_to` leaves it, which says what an event is."""
    return bring_up_to(session, org_id, **event).employee


def bring_up_to(
    session: Session,
    org_id: uuid.UUID,
    *,
    kind: str,
    external_id: str,
    event_id: str,
    event_time: dt.datetime,
    payload: Mapping[str, Any],
    sensitive: Mapping[str, Any],
) -> Brought:
    """Bring the person's record up to this event, creating it where it is missing; the row stays locked until
    the transaction ends.

    `payload` and `sensitive` are the event's fields, apart. `event_time` is aware. `InvalidInput`, before
    anything is changed, names every field that a column cannot hold.
    """
    if event_time.tzinfo is None:
        raise InvalidInput("the time of an event needs its offset from UTC")
    if not 0 < len(external_id) <= 255 or "\0" in external_id:
        raise InvalidInput("the employee's external id must have 1 to 255 characters")
    fields = fields_of(payload, sensitive) | _implied(kind, payload, sensitive)
    employee = _locked(session, org_id, external_id)
    before = as_values(employee)
    times = {name: dt.datetime.fromisoformat(time) for name, time in employee.field_times.items()}
    newer = {name: field for name, field in fields.items() if name not in times or times[name] <= event_time}
    _store(employee, newer)
    employee.field_times = employee.field_times | dict.fromkeys(
        newer, event_time.astimezone(dt.UTC).isoformat()
    )
    if employee.last_event_at is None or employee.last_event_at <= event_time:
        employee.last_event_at, employee.last_event_id = event_time, event_id
    session.flush()
    return Brought(employee, changed=as_values(employee) != before)


def find(session: Session, org_id: uuid.UUID, external_id: str) -> Employee | None:
    """The person whom the organization's HR system calls `external_id`."""
    return session.scalar(
        select(Employee).where(Employee.org_id == org_id, Employee.external_id == external_id)
    )


@dataclass(frozen=True, slots=True)
class Named:
    """Who somebody is, as far as it may be shown: `name` is "" where it is not known, or private."""

    external_id: str
    name: str


def named(session: Session, org_id: uuid.UUID, external_id: str) -> Named | None:
    """The same person, without what is encrypted of the record: no key is needed."""
    row = session.execute(
        _NAMED.where(Employee.org_id == org_id, Employee.external_id == external_id)
    ).first()
    return None if row is None else Named(row.external_id, _joined(row.given_name, row.family_name))


def named_by_address(session: Session, org_id: uuid.UUID, work_email: str) -> list[Named]:
    """All who have this work address, whatever its case."""
    query = _NAMED.where(Employee.org_id == org_id, func.lower(Employee.work_email) == work_email.lower())
    rows = session.execute(query.order_by(Employee.external_id))
    return [Named(row.external_id, _joined(row.given_name, row.family_name)) for row in rows]


@dataclass(frozen=True, slots=True)
class Reading:
    """A person's record as it was read: whose it is, and when it had been changed last."""

    employee_id: uuid.UUID
    updated_at: dt.datetime


def reading_of(employee: Employee) -> Reading:
    return Reading(employee.employee_id, employee.updated_at)


def has_changed(session: Session, reading: Reading) -> bool:
    """Whether the record was changed since."""
    query = select(Employee.updated_at).where(Employee.employee_id == reading.employee_id)
    return session.scalar(query) != reading.updated_at


def full_name(employee: Employee) -> str:
    """First and last name, as far as they are known and may be shown."""
    return _joined(employee.given_name, employee.family_name)


def _joined(given_name: str | None, family_name: str | None) -> str:
    return " ".join(filter(None, (given_name, family_name)))


_NAMED = select(Employee.external_id, Employee.given_name, Employee.family_name)


def every(session: Session, org_id: uuid.UUID, *, limit: int = 1000) -> Sequence[Employee]:
    """The organization's employees by external id, at most `limit`."""
    return session.scalars(
        select(Employee).where(Employee.org_id == org_id).order_by(Employee.external_id).limit(limit)
    ).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Those alone of whom all that is given here is true."""

    status: EmployeeStatus | None = None
    department: str | None = None
    manager: str | None = None
    """The manager's external id."""


def page(
    session: Session, org_id: uuid.UUID, wanted: Wanted, where: Filter, *, descending: bool = False
) -> Page[Employee]:
    """The organization's employees by external id; what is encrypted of them is not read."""
    query = select(Employee).options(defer(Employee.sensitive)).where(Employee.org_id == org_id)
    if where.status is not None:
        query = query.where(Employee.status == where.status)
    if where.department is not None:
        query = query.where(Employee.department == where.department)
    if where.manager is not None:
        query = query.where(Employee.manager_external_id == where.manager)
    order = Employee.external_id.desc() if descending else Employee.external_id.asc()
    found = page_of(session, query.order_by(order), wanted)
    return Page([row[0] for row in found.rows], found.next)


def as_values(employee: Employee) -> dict[str, Any]:
    """What expressions see as `employee`: every column of the person, with the fields that have none beside
    them, the sensitive ones too.

    Dates are ISO text; what is not known is None. The person's identifiers and status cannot be overlaid by a
    field of the same name.
    """
    columns = {name: getattr(employee, name) for name in (*TEXTS, *DATES)}
    identity = {
        "employee_id": str(employee.employee_id),
        "external_id": employee.external_id,
        "status": employee.status,
    }
    values = {**employee.attributes, **columns, **(employee.sensitive or {}), **identity}
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()
    }


def to_json(employee: Employee) -> dict[str, Any]:
    """A person as a line of a list, without what is encrypted."""
    return {
        "external_id": employee.external_id,
        "name": full_name(employee) or None,
        "status": employee.status,
        "work_email": employee.work_email,
        "department": employee.department,
        "start_date": employee.start_date.isoformat() if employee.start_date else None,
        "end_date": employee.end_date.isoformat() if employee.end_date else None,
    }


def _implied(kind: str, payload: Mapping[str, Any], sensitive: Mapping[str, Any]) -> dict[str, Field]:
    """What an event says by its kind."""
    match kind:
        case "employee.onboard":
            is_given = "end_date" in payload or "end_date" in sensitive
            return {"status": Field(EmployeeStatus.PREBOARDING)} | (
                {} if is_given else {"end_date": Field(None)}
            )
        case "employee.exit":
            return {"status": Field(EmployeeStatus.EXITED)}
        case _:
            return {}


def _locked(session: Session, org_id: uuid.UUID, external_id: str) -> Employee:
    """The person's row, made where it is missing and locked; safe from several processes."""
    new = {
        "employee_id": employee_id(org_id, external_id),
        "org_id": org_id,
        "external_id": external_id,
        "status": EmployeeStatus.ACTIVE,
    }
    session.execute(insert(Employee).values(attributes={}, field_times={}, **new).on_conflict_do_nothing())
    query = select(Employee).where(Employee.org_id == org_id, Employee.external_id == external_id)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def _store(employee: Employee, fields: Mapping[str, Field]) -> None:
    """Put each value into its one place: a column, the attributes or the encrypted object."""
    attributes = {name: value for name, value in employee.attributes.items() if name not in fields}
    sensitive = {name: value for name, value in (employee.sensitive or {}).items() if name not in fields}
    for name, field in fields.items():
        if is_column(name):
            setattr(employee, name, None if field.is_sensitive else field.value)
        if field.is_sensitive:
            sensitive[name] = field.value
        elif name == "status":
            employee.status = field.value
        elif not is_column(name):
            attributes[name] = field.value
    its_owner = owner(employee.org_id, employee.external_id)
    employee.attributes, employee.sensitive = attributes, owned(its_owner, sensitive or None)
