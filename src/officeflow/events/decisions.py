"""What people decide about events, quarantined messages, and messages that were set aside.

Each decision is audited in the transaction that carries it out. `by` is who decides, as the audit log names
people: `cli:<login>`, `airflow:<login>`. What is decided about is named by its id, or the beginning of it
(`NotKnown` as `lookup.find` and `lookup.find_set_aside`); with `org_id`, only what is that organization's is
found. Every function raises `InvalidInput` where the
reason (`why`) is empty.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry, reason
from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.database.tables import DeadLetter, OutboxMessage
from officeflow.errors import InvalidInput
from officeflow.events import inbox, lookup, quarantine, run_orders
from officeflow.events.inbox import Accepted
from officeflow.events.message import Message
from officeflow.events.run_orders import Taken
from officeflow.events.webhooks import replaying
from officeflow.settings import Settings
from officeflow.statuses import QuarantineStatus


@dataclass(frozen=True, slots=True)
class Replayed:
    """A quarantined message that was taken after all: an event in the inbox, or what it asks of runs."""

    dead_letter_id: uuid.UUID
    event_id: str


@dataclass(frozen=True, slots=True)
class Redispatched:
    """An event that will be matched and dispatched once more."""

    inbox_id: uuid.UUID


def replay(
    database: Database,
    clock: Clock,
    settings: Settings,
    name: str,
    *,
    corrected: bytes | None = None,
    why: str,
    by: str,
    org_id: uuid.UUID | None = None,
) -> Replayed | Redispatched:
    """Take a quarantined message after all, as it is or `corrected`; or dispatch an event once more.

    A run that exists already stays the only one for its event and workflow. `InvalidEvent` where the message
    still cannot be taken; `InvalidInput` where it was replayed or discarded before, or an event is given a
    correction.
    """
    why = reason(why)
    with database.service() as session:
        found = lookup.find(session, name, for_update=True, org_id=org_id)
        if isinstance(found, DeadLetter):
            return _replay(session, clock, settings, found, corrected, why=why, by=by)
        if corrected is not None:
            raise InvalidInput(
                "an event in the inbox was valid: it is dispatched again as it is", hint="leave --file out"
            )
        inbox.redispatch(session, found)
        details = {"inbox_id": str(found.inbox_id), "event_id": found.event_id, "kind": found.kind}
        entry = AuditEntry(
            actor=by,
            action=AuditAction.EVENT_REDISPATCHED,
            subject=f"employee:{found.employee_key}",
            details={**details, "why": why},
            correlation_id=found.correlation_id,
        )
        audit.append(session, found.org_id, entry)
        return Redispatched(found.inbox_id)


def discard(
    database: Database, clock: Clock, name: str, *, why: str, by: str, org_id: uuid.UUID | None = None
) -> uuid.UUID:
    """Close a quarantined message without taking it; it is kept. Returns its id.

    `InvalidInput` where it is an event, or was replayed or discarded before.
    """
    why = reason(why)
    with database.service() as session:
        found = lookup.find(session, name, for_update=True, org_id=org_id)
        if not isinstance(found, DeadLetter):
            raise InvalidInput("that is an event in the inbox; only quarantined messages can be discarded")
        _resolve(session, clock, found, QuarantineStatus.DISCARDED, why=why, by=by)
        _record_letter(session, found, AuditAction.QUARANTINE_DISCARDED, why=why, by=by)
        return found.dead_letter_id


def send_again(
    database: Database, name: str, *, why: str, by: str, org_id: uuid.UUID | None = None
) -> uuid.UUID:
    """Let a message of the outbox that was set aside be sent after all. Returns its id, which stays."""
    why = reason(why)
    with database.service() as session:
        found = lookup.find_set_aside(session, name, org_id=org_id)
        _record_message(session, found, AuditAction.OUTBOX_RETRIED, why=why, by=by)
        found.set_aside_at = found.last_error = None
        return found.message_id


def discard_unsent(
    database: Database, name: str, *, why: str, by: str, org_id: uuid.UUID | None = None
) -> uuid.UUID:
    """Delete a message of the outbox that was set aside; nobody will get it. Returns its id."""
    why = reason(why)
    with database.service() as session:
        found = lookup.find_set_aside(session, name, org_id=org_id)
        _record_message(session, found, AuditAction.OUTBOX_DISCARDED, why=why, by=by)
        session.delete(found)
        return found.message_id


def read_body(database: Database, org_id: uuid.UUID, name: str, *, by: str) -> bytes:
    """A quarantined message of the organization as it came; it may be private, so that looking is audited."""
    with database.service() as session:
        letter = lookup.letter(session, org_id, name)
        _record_letter(session, letter, AuditAction.QUARANTINE_READ, by=by)
        return letter.body or b""


def _replay(
    session: Session,
    clock: Clock,
    settings: Settings,
    letter: DeadLetter,
    corrected: bytes | None,
    *,
    why: str,
    by: str,
) -> Replayed:
    messages = _messages(session, letter, corrected)
    accepted, *_ = [_accepted(session, settings, message) for message in messages]
    letter.org_id = accepted.org_id
    _resolve(session, clock, letter, QuarantineStatus.REPLAYED, why=why, by=by)
    more = {"corrected": corrected is not None, "event_id": accepted.event.id}
    _record_letter(session, letter, AuditAction.QUARANTINE_REPLAYED, why=why, by=by, **more)
    return Replayed(letter.dead_letter_id, accepted.event.id)


def _messages(session: Session, letter: DeadLetter, corrected: bytes | None) -> list[Message]:
    """What is taken in the letter's place: a delivery of a webhook is mapped anew."""
    if replaying.is_delivery(letter):
        return replaying.messages(session, letter, body=corrected)
    return [quarantine.message_of(letter, body=corrected)]


def _accepted(session: Session, settings: Settings, message: Message) -> Accepted | Taken:
    """As the consumer of its topic takes it."""
    own_source = settings.event_source
    if message.topic in run_orders.ORDERS:
        return run_orders.accept(session, message, own_source=own_source)
    ahead = dt.timedelta(hours=settings.event_ahead_hours)
    return inbox.accept(session, message, own_source=own_source, ahead=ahead)


def _resolve(
    session: Session, clock: Clock, letter: DeadLetter, status: QuarantineStatus, *, why: str, by: str
) -> None:
    if letter.status != QuarantineStatus.OPEN:
        raise InvalidInput(f"the message is {letter.status.lower()} already: {letter.resolution}")
    quarantine.resolve(session, letter, status=status, by=by, why=why, at=clock.now())


def _record_letter(
    session: Session, letter: DeadLetter, action: AuditAction, *, why: str = "", by: str, **more: Any
) -> None:
    """A message whose organization is not known has no audit log to go to: the resolution in its own row
    tells.
    """
    if letter.org_id is None:
        return
    details = {
        **more,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "reason": letter.reason,
        **({"why": why} if why else {}),
    }
    entry = AuditEntry(actor=by, action=action, subject=f"message:{letter.dead_letter_id}", details=details)
    audit.append(session, letter.org_id, entry)


def _record_message(
    session: Session, message: OutboxMessage, action: AuditAction, *, why: str, by: str
) -> None:
    details = {"topic": message.topic, "type": message.type, "error": message.last_error, "why": why}
    entry = AuditEntry(
        actor=by,
        action=action,
        subject=f"message:{message.message_id}",
        details=details,
        correlation_id=message.correlation_id,
    )
    audit.append(session, message.org_id, entry)
