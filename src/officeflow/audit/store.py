"""Writing and reading audit records."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.audit import actions, canonical, tags
from officeflow.audit.entry import AuditEntry
from officeflow.clock import Clock, SystemClock
from officeflow.database.tables import AuditRecord
from officeflow.errors import InvalidInput
from officeflow.ids import new_id

CLOCK = SystemClock()
MAX_LENGTHS = {"actor": 600, "action": 100, "subject": 600, "correlation_id": 255}


def append(session: Session, org_id: uuid.UUID, entry: AuditEntry, *, clock: Clock = CLOCK) -> None:
    """Record `entry`, true once the caller's transaction commits; the steward puts it into the organization's
    chain afterwards.

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
        correlation_id=entry.correlation_id,
        occurred_at=clock.now(),  # not the database's: the tag is over it
    )
    record.tag = tags.make(record)
    session.add(record)


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


def _check(entry: AuditEntry) -> None:
    for name, longest in MAX_LENGTHS.items():
        if len(getattr(entry, name) or "") > longest:
            raise InvalidInput(f"an audit record's {name} has at most {longest} characters")
    content = canonical.encode(
        [entry.actor, entry.action, entry.subject, entry.correlation_id, dict(entry.details)]
    )
    if b"\\u0000" in content.replace(b"\\\\", b""):
        raise InvalidInput("an audit record cannot hold the character NUL")
