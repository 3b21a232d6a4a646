"""Messages for Kafka, written in the transaction of what they tell, and read by the relay."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from officeflow.database.tables import OutboxMessage
from officeflow.ids import new_id

WAITING = (OutboxMessage.sent_at.is_(None), OutboxMessage.set_aside_at.is_(None))

RELAY_LOCK = 0x0FF1CE_0B
STANDSTILL_SECONDS = 60

_ALONE = text(
    "SELECT pg_try_advisory_xact_lock(:lock), set_config('idle_in_transaction_session_timeout',"
    " :milliseconds, true)",
)
_NEXT = text("""
    SELECT message_id, org_id, topic, key, type, subject, correlation_id, created_at, data
    FROM (
        SELECT waiting.*,
        sum(octet_length(data)) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING)
            - octet_length(data) AS bytes_before
        FROM (
            SELECT position, message_id, org_id, topic, key, type, subject, correlation_id, created_at,
            payload::text AS data
            FROM outbox_messages
            WHERE sent_at IS NULL AND set_aside_at IS NULL AND topic <> ALL (CAST(:held AS text[]))
            ORDER BY position LIMIT :limit
        ) AS waiting
    ) AS measured
    WHERE bytes_before < :most_bytes
    ORDER BY position
    """)


class MessageType(StrEnum):
    """What OfficeFlow announces: the `type` of its CloudEvents."""

    NODE_REQUEST = "officeflow.node.execute.request"
    NODE_RESULT = "officeflow.node.execute.result"
    NODE_RETRY = "officeflow.node.execute.retry"
    IDENTITY_REQUEST = "officeflow.identity.provision.request"
    IDENTITY_RESULT = "officeflow.identity.provision.result"
    EMAIL_REQUEST = "officeflow.email.send.request"
    EMAIL_RESULT = "officeflow.email.send.result"
    CALENDAR_REQUEST = "officeflow.calendar.schedule.request"
    CALENDAR_RESULT = "officeflow.calendar.schedule.result"
    RUN_REQUESTED = "officeflow.workflow.run.requested"
    RUN_RESULT = "officeflow.workflow.run.result"
    RUN_ENDED = "officeflow.workflow.run.ended"
    NODE_MEASURED = "officeflow.metrics.node"
    RUN_MEASURED = "officeflow.metrics.run"
    AUDIT_RECORD = "officeflow.audit.record"
    AUDIT_ANCHOR = "officeflow.audit.anchor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message as it lies in the outbox; `data` is its payload as JSON text, `created_at` when its
    transaction began.
    """

    message_id: uuid.UUID
    org_id: uuid.UUID
    topic: str
    key: str
    type: str
    subject: str | None
    correlation_id: str
    created_at: dt.datetime
    data: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """`waiting`: messages that are not in Kafka yet; `oldest_seconds`: how long the oldest of them has
    waited, 0.0 where none does.

    `set_aside`: messages that Kafka will never take as they are.
    """

    waiting: int = 0
    oldest_seconds: float = 0.0
    set_aside: int = 0


def lag(session: Session) -> Lag:
    """How far the relay is behind, in all organizations where `session` is a service's, in its own where it
    is a tenant's.
    """
    age = func.extract("epoch", func.clock_timestamp() - func.min(OutboxMessage.created_at))
    waiting, oldest = session.execute(select(func.count(), age).where(*WAITING)).one()
    set_aside = session.scalar(select(func.count()).where(OutboxMessage.set_aside_at.is_not(None)))
    return Lag(waiting=waiting, oldest_seconds=max(0.0, float(oldest or 0)), set_aside=set_aside or 0)


def add(
    session: Session,
    *,
    org_id: uuid.UUID,
    topic: str,
    key: str,
    type: MessageType,  # noqa: A002 - the CloudEvents attribute has this name
    payload: Mapping[str, Any],
    correlation_id: str,
    subject: str | None = None,
) -> None:
    """Note a message that is true once the caller's transaction commits; it is sent at least once, in order
    per `key`.

    `topic` and `key` come from `officeflow.events.topics`; `type` and `subject` are the CloudEvent's;
    `payload` is JSON without secrets or sensitive fields.
    """
    session.add(
        OutboxMessage(
            message_id=new_id(),
            org_id=org_id,
            topic=topic,
            key=key,
            type=str(type),
            payload=dict(payload),
            correlation_id=correlation_id,
            subject=subject,
        )
    )


def relay_alone(session: Session) -> bool:
    """Whether the transaction is the one that relays now, until it ends: messages leave in order because one
    at a time reads them.

    One that stands still for a minute is ended by the database, and another relay goes on.
    """
    milliseconds = str(STANDSTILL_SECONDS * 1000)
    return bool(session.execute(_ALONE, {"lock": RELAY_LOCK, "milliseconds": milliseconds}).scalar_one())


def waiting(session: Session, *, limit: int, most_bytes: int, held: Collection[str] = ()) -> list[Waiting]:
    """The messages to be sent next, in their order: up to `limit`, of together about `most_bytes`.

    Topics that are `held` are left out.

    Positions are given when a row is written, not when it is committed: two transactions that overlap have no
    order. One that begins after another has ended comes after it.
    """
    rows = session.execute(_NEXT, {"limit": limit, "most_bytes": most_bytes, "held": list(held)}).mappings()
    return [Waiting(**row) for row in rows]


def mark_sent(session: Session, message_ids: Sequence[uuid.UUID]) -> None:
    if message_ids:
        sent = (
            update(OutboxMessage)
            .where(OutboxMessage.message_id.in_(message_ids))
            .values(sent_at=func.clock_timestamp())
        )
        session.execute(sent, execution_options={"synchronize_session": False})


def set_aside(session: Session, message_id: uuid.UUID, *, why: str) -> None:
    """It will not be sent as it is, and no longer stands in the way of those behind it."""
    aside = {
        "set_aside_at": func.clock_timestamp(),
        "last_error": why,
        "attempts": OutboxMessage.attempts + 1,
    }
    session.execute(
        update(OutboxMessage).where(OutboxMessage.message_id == message_id).values(**aside),
        execution_options={"synchronize_session": False},
    )


def prune(session: Session, *, older_than: dt.timedelta, limit: int = 1000) -> int:
    """Delete sent messages, the oldest first, at most `limit`; returns how many.

    What waits or was set aside stays.
    """
    oldest = select(OutboxMessage.message_id, OutboxMessage.sent_at).where(OutboxMessage.sent_at.is_not(None))
    found = oldest.order_by(OutboxMessage.position).limit(limit).subquery()
    old = select(found.c.message_id).where(found.c.sent_at < func.now() - older_than)
    gone = session.execute(
        delete(OutboxMessage).where(OutboxMessage.message_id.in_(old)).returning(OutboxMessage.message_id),
        execution_options={"synchronize_session": False},
    )
    return len(gone.all())
