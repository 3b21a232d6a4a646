"""Messages with events, put into the inbox."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from officeflow.database.engine import Database
from officeflow.database.tables import DeadLetter, InboxEvent
from officeflow.events import inbox
from officeflow.events.inbox import Accepted, Stored
from officeflow.events.message import Message

START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


def event(
    number: int = 1,
    *,
    employee: str = "E1",
    minute: int = 0,
    org: str = "acme",
    kind: str = "employee.onboard",
    **payload: Any,
) -> Mapping[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(number),
        "source": "hr",
        "type": kind,
        "subject": employee,
        "organizationid": org,
        "time": (START + dt.timedelta(minutes=minute)).isoformat(),
        "data": payload,
    }


def message(body: Any, offset: int = 0, *, topic: str = "employee.onboard.acme") -> Message:
    value = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Message(topic=topic, partition=0, offset=offset, value=value, timestamp=START)


def put(database: Database, *messages: Message) -> Stored[Accepted]:
    with database.service() as session:
        return inbox.store(session, messages, own_source="officeflow")


def counts(database: Database) -> tuple[int, int]:
    with database.service() as session:
        return (
            session.scalar(select(func.count()).select_from(InboxEvent)) or 0,
            session.scalar(select(func.count()).select_from(DeadLetter)) or 0,
        )
