"""Messages for Kafka, written in the transaction of what they tell, and read by the relay."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.database.tables import OutboxMessage
from officeflow.ids import new_id

WAITING = (OutboxMessage.sent_at.is_(None), OutboxMessage.set_aside_at.is_(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """`waiting`: messages that are not in Kafka yet; `oldest_seconds`: how long the oldest of them has waited, 0.0 where none does.

    `set_aside`: messages that Kafka will never take as they are.
    """

    waiting: int = 0
    oldest_seconds: float = 0.0
    set_aside: int = 0


def lag(session: Session) -> Lag:
    """How far the relay is behind, in all organizations where `session` is a service's, in its own where it is a tenant's."""
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
    type: str,  # noqa: A002 - the CloudEvents attribute has this name
    payload: Mapping[str, Any],
    correlation_id: str,
    subject: str | None = None,
) -> None:
    """Note a message that is true once the caller's transaction commits; it is sent at least once, in order per `key`.

    `topic` and `key` come from `officeflow.events.topics`; `type` and `subject` are the CloudEvent's; `payload` is JSON without
    secrets or sensitive fields.
    """
    session.add(
        OutboxMessage(
            message_id=new_id(),
            org_id=org_id,
            topic=topic,
            key=key,
            type=type,
            payload=dict(payload),
            correlation_id=correlation_id,
            subject=subject,
        )
    )
