"""Messages for Kafka, written in the transaction of what they tell."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from officeflow.database.tables import OutboxMessage
from officeflow.ids import new_id


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
