"""What a plan is made for: an event, checked as the listener would, or a person as they are known."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.database.tables import Employee, Organization
from officeflow.errors import NotKnown
from officeflow.events import sending
from officeflow.events.envelope import LifecycleEvent
from officeflow.ids import new_id
from officeflow.runs.acts import MASK
from officeflow.settings import Settings
from officeflow.tenants import employees


@dataclass(frozen=True, slots=True)
class Given:
    """`values` are `event`, `employee` and `org` as expressions see them; `masked` has the sensitive fields
    of `employee` replaced. `kind` is the event's; "" where there is none, and then no `event` is known.
    """

    kind: str
    values: Mapping[str, Any] = field(repr=False)
    masked: Mapping[str, Any] = field(repr=False)


def of_event(
    database: Database,
    clock: Clock,
    settings: Settings,
    org_id: uuid.UUID,
    body: bytes,
    *,
    knows_person: bool,
) -> Given:
    """An event as it is sent (`sending.check` says what is wrong with it).

    `employee` is the person's record as the event would leave it; without `knows_person`, as if nothing had
    been known of the person before. Nothing is written.
    """
    with database.tenant(org_id) as session:
        organization = session.get_one(Organization, org_id)
    checked = sending.check(database, clock, settings, body, sending.Target.of(organization))
    with database.tenant(org_id) as session:
        attempt = session.begin_nested()
        record, private = _brought(session, org_id, checked.event, clock.now(), knows_person=knows_person)
        attempt.rollback()
    return _given(organization, checked.event, record, private)


def of_person(database: Database, org_id: uuid.UUID, external_id: str) -> Given:
    """A person as they are known, without an event. `NotKnown`."""
    with database.tenant(org_id) as session:
        organization = session.get_one(Organization, org_id)
        person = employees.find(session, org_id, external_id)
        if person is None:
            raise NotKnown(f"there is no employee {external_id[:60]!r}")
        record, private = employees.as_values(person), frozenset(person.sensitive or {})
    return _given(organization, None, record, private)


def _brought(
    session: Session, org_id: uuid.UUID, event: LifecycleEvent, now: dt.datetime, *, knows_person: bool
) -> tuple[dict[str, Any], frozenset[str]]:
    """The record, and which of its fields are sensitive."""
    name = event.employee if knows_person else f"plan {new_id()}"
    person: Employee = employees.apply_event(
        session,
        org_id,
        kind=event.kind,
        external_id=name,
        event_id=event.id,
        event_time=min(event.time, now),
        payload=event.payload,
        sensitive=event.sensitive,
    )
    return {**employees.as_values(person), "external_id": event.employee}, frozenset(person.sensitive or {})


def _given(
    organization: Organization,
    event: LifecycleEvent | None,
    record: Mapping[str, Any],
    private: frozenset[str],
) -> Given:
    values: dict[str, Any] = {
        "employee": record,
        "org": {
            "slug": organization.slug,
            "name": organization.name,
            "domain": organization.domain,
            "settings": organization.settings,
        },
    }
    if event is not None:
        values["event"] = {
            "id": event.id,
            "source": event.source,
            "kind": event.kind,
            "org": organization.slug,
            "employee": event.employee,
            "time": event.time.isoformat(),
            "payload": dict(event.payload),
        }
    return Given(event.kind if event else "", values, {**values, "employee": hidden_of(record, private)})


def hidden_of(record: Mapping[str, Any], private: frozenset[str]) -> dict[str, Any]:
    """The record with these fields masked."""
    return {name: MASK if name in private else value for name, value in record.items()}
