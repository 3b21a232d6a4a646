"""How many events came in, and how many messages could not be taken."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from officeflow.database.tables import DeadLetter, InboxEvent
from officeflow.statuses import EventStatus, RefusalReason

Holds = Callable[[SQLCoreOperations[dt.datetime]], ColumnElement[bool]]
Of = Callable[[SQLCoreOperations[dt.datetime]], ColumnElement[dt.date]]


@dataclass(frozen=True, slots=True)
class Came:
    day: dt.date
    status: EventStatus
    events: int


@dataclass(frozen=True, slots=True)
class Quarantined:
    day: dt.date
    reason: RefusalReason
    messages: int


def came(session: Session, org_id: uuid.UUID, *, holds: Holds, day_of: Of) -> Sequence[Came]:
    """By the day on which they arrived and what they are at now. `holds` says of which moments, `day_of` the
    day of one.
    """
    day = day_of(InboxEvent.received_at)
    query = (
        select(day, InboxEvent.status, func.count())
        .where(InboxEvent.org_id == org_id, holds(InboxEvent.received_at))
        .group_by(day, InboxEvent.status)
        .order_by(day, InboxEvent.status)
    )
    return [Came(*row) for row in session.execute(query)]


def quarantined(session: Session, org_id: uuid.UUID, *, holds: Holds, day_of: Of) -> Sequence[Quarantined]:
    """By the day on which they arrived and why they could not be taken; of the organization's own topics."""
    day = day_of(DeadLetter.created_at)
    query = (
        select(day, DeadLetter.reason, func.count())
        .where(DeadLetter.org_id == org_id, holds(DeadLetter.created_at))
        .group_by(day, DeadLetter.reason)
        .order_by(day, DeadLetter.reason)
    )
    return [Quarantined(*row) for row in session.execute(query)]
