"""A mass of events waits for a second person: more of one kind within an hour than the organization has
settled, or about more of its people.

Once that is so, every event of the kind that came within the hour and was not dispatched is held, and those
that come while the release waits are too. Other kinds go on, and a person's later events keep their order
behind the held ones.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.tables import Employee, EventSender, InboxEvent, Organization, Release
from officeflow.ids import new_id
from officeflow.statuses import EmployeeStatus, EventStatus, ReleaseKind, ReleaseState

SETTING = "mass_events"
"""In an organization's settings: kind of event to `{"per_hour": …, "share": …}`."""

WINDOW = dt.timedelta(hours=1)
LISTENER = "service:listener"

LEAST_PERSONS = 10
"""About fewer people than that, no share of the population is a mass."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many events of a kind may come within an hour, and about which share (0 to 1) of the people who
    have not left; None: any.
    """

    per_hour: int | None = None
    share: float | None = None

    def is_looser_than(self, other: Limit) -> bool:
        """Whether it lets anything pass that `other` holds."""
        pairs = ((self.per_hour, other.per_hour), (self.share, other.share))
        return any(before is not None and (now is None or now > before) for now, before in pairs)

    def to_json(self) -> dict[str, Any]:
        return {"per_hour": self.per_hour, "share": self.share}


NO_LIMIT = Limit()


@dataclass(frozen=True, slots=True)
class Counted:
    """What came within the hour and was part of no release."""

    events: int
    persons: int
    population: int

    def exceeds(self, limit: Limit) -> bool:
        if limit.per_hour is not None and self.events > limit.per_hour:
            return True
        if limit.share is None or self.persons < LEAST_PERSONS:
            return False
        return self.persons > limit.share * self.population


def limits_of(settings: Mapping[str, Any]) -> dict[str, Limit]:
    """By kind of event, of an organization's settings."""
    said = settings.get(SETTING)
    return {kind: Limit(**each) for kind, each in (said or {}).items()}


def hold(session: Session, arrived: Collection[tuple[uuid.UUID, str]]) -> None:
    """Hold what is a mass, now that events of these organizations and kinds were put into the inbox; a
    service's session.
    """
    if not arrived:
        return
    rows = session.execute(
        select(Organization.org_id, Organization.settings).where(
            Organization.org_id.in_({org_id for org_id, _ in arrived}),
            func.jsonb_exists(Organization.settings, SETTING),
        )
    )
    limits = {org_id: limits_of(settings) for org_id, settings in rows}
    for org_id, kind in sorted(arrived):
        limit = limits.get(org_id, {}).get(kind, NO_LIMIT)
        if limit != NO_LIMIT:
            _hold(session, org_id, kind, limit)


def lock(session: Session, org_id: uuid.UUID, kind: str) -> None:
    """Nobody holds or releases the organization's events of this kind meanwhile, until the transaction
    ends.
    """
    place = f"mass of events:{org_id}:{kind}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(place, 0))))


def held(session: Session, release_id: uuid.UUID) -> int:
    """How many events wait for it."""
    query = select(func.count()).where(*_held(release_id))
    return session.scalar(query.select_from(InboxEvent)) or 0


def released_first(session: Session, org_id: uuid.UUID, employee: str) -> uuid.UUID | None:
    """The release that the person's first held event waits for, and their later events behind it; None where
    none is held.
    """
    query = select(InboxEvent.release_id).where(
        InboxEvent.org_id == org_id,
        InboxEvent.employee_key == employee,
        InboxEvent.status == EventStatus.HELD,
    )
    return session.scalar(query.order_by(InboxEvent.event_time, InboxEvent.arrival).limit(1))


def senders(session: Session, release_id: uuid.UUID) -> Sequence[str]:
    """Who sent events by hand that wait for it, as the audit log names them."""
    same = (
        (EventSender.org_id == InboxEvent.org_id)
        & (EventSender.source == InboxEvent.source)
        & (EventSender.event_id == InboxEvent.event_id)
    )
    query = select(EventSender.sent_by).join(InboxEvent, same).where(*_held(release_id))
    return session.scalars(query.distinct()).all()


def let_go(session: Session, release_id: uuid.UUID) -> int:
    """Have those dispatched that wait for it; returns how many."""
    values = {"status": EventStatus.RECEIVED, "next_attempt_at": func.clock_timestamp()}
    return _change(session, release_id, values)


def refuse(session: Session, release_id: uuid.UUID, *, why: str) -> int:
    """Have none of them dispatched, ever; returns how many."""
    values = {
        "status": EventStatus.REFUSED,
        "last_error": f"not released: {why}",
        "dispatched_at": func.clock_timestamp(),
    }
    return _change(session, release_id, values)


def _hold(session: Session, org_id: uuid.UUID, kind: str, limit: Limit) -> None:
    lock(session, org_id, kind)
    release_id = session.scalar(
        select(Release.release_id).where(
            Release.org_id == org_id,
            Release.kind == ReleaseKind.EVENTS,
            Release.subject == kind,
            Release.state == ReleaseState.PENDING,
        )
    )
    if release_id is None:
        counted = _counted(session, org_id, kind)
        if not counted.exceeds(limit):
            return
        release_id = _ask(session, org_id, kind, limit, counted)
    waiting = (
        select(InboxEvent.inbox_id)
        .where(*_recent(org_id, kind), InboxEvent.status == EventStatus.RECEIVED)
        .with_for_update(skip_locked=True)
    )  # one that is locked is just being dispatched
    session.execute(
        update(InboxEvent)
        .where(InboxEvent.inbox_id.in_(waiting))
        .values(status=EventStatus.HELD, release_id=release_id)
        .execution_options(synchronize_session=False)
    )


def _ask(session: Session, org_id: uuid.UUID, kind: str, limit: Limit, counted: Counted) -> uuid.UUID:
    release_id = new_id()
    found = {"events": counted.events, "persons": counted.persons, "population": counted.population}
    told = f"{counted.events} events of {kind} about {counted.persons} people came within an hour"
    now = session.scalars(select(func.clock_timestamp())).one()
    session.add(
        Release(
            release_id=release_id,
            org_id=org_id,
            kind=ReleaseKind.EVENTS,
            subject=kind,
            wanted={"limit": limit.to_json(), "found": found},
            why=told,
            requested_by=LISTENER,
            requested_at=now,
        )
    )
    session.flush()
    entry = AuditEntry(
        actor=LISTENER,
        action=AuditAction.RELEASE_REQUESTED,
        subject=f"release:{release_id}",
        details={"kind": ReleaseKind.EVENTS.value, "about": kind, "why": told, "limit": limit.to_json()},
    )
    audit.append(session, org_id, entry)
    return release_id


def _recent(org_id: uuid.UUID, kind: str) -> tuple[Any, ...]:
    return (
        InboxEvent.org_id == org_id,
        InboxEvent.kind == kind,
        InboxEvent.received_at > func.now() - WINDOW,
        InboxEvent.release_id.is_(None),
    )


def _counted(session: Session, org_id: uuid.UUID, kind: str) -> Counted:
    events, persons = session.execute(
        select(func.count(), func.count(InboxEvent.employee_key.distinct())).where(*_recent(org_id, kind))
    ).one()
    population = session.scalar(
        select(func.count()).where(Employee.org_id == org_id, Employee.status != EmployeeStatus.EXITED)
    )
    return Counted(events, persons, population or 0)


def _held(release_id: uuid.UUID) -> tuple[Any, ...]:
    return (InboxEvent.release_id == release_id, InboxEvent.status == EventStatus.HELD)


def _change(session: Session, release_id: uuid.UUID, values: Mapping[str, Any]) -> int:
    changed = session.scalars(
        update(InboxEvent)
        .where(*_held(release_id))
        .values(**values)
        .returning(InboxEvent.inbox_id)
        .execution_options(synchronize_session=False)
    )
    return len(changed.all())
