"""Writing and reading audit records."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow import canonical_json
from officeflow.audit import actions, tags
from officeflow.audit.entry import AuditEntry
from officeflow.clock import Clock, SystemClock
from officeflow.database.tables import AuditHead, AuditRecord, Organization
from officeflow.errors import InvalidInput
from officeflow.ids import new_id

CLOCK = SystemClock()
MAX_LENGTHS = {"actor": 600, "action": 100, "subject": 600, "correlation_id": 255}


def append(session: Session, org_id: uuid.UUID, entry: AuditEntry, *, clock: Clock = CLOCK) -> None:
    """Record `entry`, true once the caller's transaction commits; the steward puts it into the organization's
    chain afterwards. Where it has no correlation id, the one of the request that is being answered counts.

    `InvalidInput` when a text is too long, `details` is not JSON that PostgreSQL can hold, or this process
    has no key for the record's tag.
    """
    _check(entry)
    record = AuditRecord(
        record_id=new_id(),
        org_id=org_id,
        actor=entry.actor,
        action=str(entry.action),
        subject=entry.subject,
        details=dict(entry.details),
        correlation_id=entry.correlation_id or _request_id(),
        occurred_at=clock.now(),  # not the database's: the tag is over it
    )
    record.tag = tags.make(record)
    session.add(record)


def _request_id() -> str | None:
    """As the API binds it for log lines; None where no request is being answered."""
    bound = structlog.contextvars.get_contextvars().get("request_id")
    return bound if isinstance(bound, str) else None


def newest(
    session: Session,
    org_id: uuid.UUID,
    *,
    subject: str | None = None,
    action: str | None = None,
    limit: int = 50,
) -> Sequence[AuditRecord]:
    """The organization's last `limit` records, the oldest of them first; where they are given, those about
    `subject` and of `action` alone, under whatever name they were written.
    """
    query = select(AuditRecord).where(AuditRecord.org_id == org_id)
    if subject is not None:
        query = query.where(AuditRecord.subject.in_(actions.subjects_of(subject)))
    if action is not None:
        query = query.where(AuditRecord.action.in_(actions.names_of(action)))
    return session.scalars(query.order_by(AuditRecord.position.desc()).limit(limit)).all()[::-1]


def waiting(session: Session, org_id: uuid.UUID) -> int:
    """How many of the organization's records the steward has not chained yet."""
    return (
        session.scalar(
            select(func.count()).where(AuditRecord.org_id == org_id, AuditRecord.sequence.is_(None))
        )
        or 0
    )


def heads(session: Session) -> list[tuple[str, uuid.UUID, int]]:
    """Slug, UUID and the number of the newest chained record (0 where there is none) of each organization."""
    query = (
        select(Organization.slug, Organization.org_id, func.coalesce(AuditHead.sequence, 0))
        .outerjoin(AuditHead, AuditHead.org_id == Organization.org_id)
        .order_by(Organization.slug)
    )
    return [(slug, org_id, sequence) for slug, org_id, sequence in session.execute(query)]


def oldest_after(session: Session, org_id: uuid.UUID, sequence: int) -> dt.datetime | None:
    """When the oldest of the chained records behind this one was written; None where there is none."""
    behind = (AuditRecord.org_id == org_id, AuditRecord.sequence > sequence)
    return session.scalar(select(func.min(AuditRecord.occurred_at)).where(*behind))


def _check(entry: AuditEntry) -> None:
    for name, longest in MAX_LENGTHS.items():
        if len(getattr(entry, name) or "") > longest:
            raise InvalidInput(f"an audit record's {name} has at most {longest} characters")
    said = [entry.actor, entry.action, entry.subject, entry.correlation_id, dict(entry.details)]
    content = canonical_json.encode(said, what="an audit record")
    if b"\\u0000" in content.replace(b"\\\\", b""):
        raise InvalidInput("an audit record cannot hold the character NUL")
