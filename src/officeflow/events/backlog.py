"""What waits in the inbox, the quarantine and the outbox, and why: for whoever watches the platform.

Of all organizations where the session is a service's. Nothing that is encrypted is read.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Float, cast, func, select
from sqlalchemy.orm import Session

from officeflow.database.tables import DeadLetter, InboxEvent, OutboxMessage
from officeflow.statuses import EventStatus, QuarantineStatus, RefusalReason

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ProblemEvent:
    """An event that was dispatched with a problem."""

    at: dt.datetime
    event_id: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """Events that wait to be dispatched; `oldest_seconds` is the age of the one that came first.

    `reasons` are what they wait for, each with how many events it keeps; `problems` the newest events of the
    last day that were dispatched with one.
    """

    waiting: int
    oldest_seconds: float | None
    reasons: tuple[tuple[str, int], ...]
    problems: tuple[ProblemEvent, ...]


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """An event that waits to be dispatched; `why` is None where it was not tried yet."""

    event_id: str
    kind: str
    since: dt.datetime
    until: dt.datetime
    why: str | None


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    at: dt.datetime
    topic: str
    reason: RefusalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """Messages that nobody has decided about."""

    waiting: int
    newest: tuple[RefusedMessage, ...]


def inbox(session: Session, *, newest: int = 5) -> Inbox:
    waiting, said = InboxEvent.status == EventStatus.RECEIVED, InboxEvent.last_error.is_not(None)
    count, oldest = session.execute(
        select(func.count(), _age(func.min(InboxEvent.received_at))).where(waiting)
    ).one()
    kept = select(InboxEvent.last_error, func.count()).where(waiting, said).group_by(InboxEvent.last_error)
    why = session.execute(kept.order_by(func.max(InboxEvent.arrival).desc()).limit(newest))
    told = (
        select(InboxEvent.dispatched_at, InboxEvent.event_id, InboxEvent.last_error)
        .where(InboxEvent.dispatched_at > func.now() - DAY, said, ~waiting)
        .order_by(InboxEvent.dispatched_at.desc())
    )
    return Inbox(
        waiting=count,
        oldest_seconds=oldest,
        reasons=tuple((str(reason), events) for reason, events in why),
        problems=tuple(
            ProblemEvent(at, event_id, problem)
            for at, event_id, problem in session.execute(told.limit(newest))
            if at and problem
        ),
    )


def long_waits(session: Session, *, longer_than: dt.timedelta, most: int = 5) -> list[WaitingEvent]:
    """Events that have waited longer than that; the one that came first is the first."""
    found = (
        select(
            InboxEvent.event_id,
            InboxEvent.kind,
            InboxEvent.received_at,
            InboxEvent.next_attempt_at,
            InboxEvent.last_error,
        )
        .where(InboxEvent.status == EventStatus.RECEIVED, InboxEvent.received_at < func.now() - longer_than)
        .order_by(InboxEvent.arrival)
    )
    return [WaitingEvent(*row) for row in session.execute(found.limit(most))]


def quarantine(session: Session, *, newest: int = 5) -> Quarantine:
    still_open = DeadLetter.status == QuarantineStatus.OPEN
    count = session.scalar(select(func.count()).select_from(DeadLetter).where(still_open)) or 0
    found = select(DeadLetter.created_at, DeadLetter.topic, DeadLetter.reason).where(still_open)
    rows = session.execute(found.order_by(DeadLetter.created_at.desc()).limit(newest))
    return Quarantine(waiting=count, newest=tuple(RefusedMessage(*row) for row in rows))


def outbox_problem(session: Session) -> str | None:
    """Why the first message that has a reason is not in Kafka yet."""
    why = select(OutboxMessage.last_error).where(
        OutboxMessage.sent_at.is_(None), OutboxMessage.last_error.is_not(None)
    )
    return session.scalar(why.order_by(OutboxMessage.position).limit(1))


def _age(moment: ColumnElement[dt.datetime]) -> ColumnElement[float | None]:
    """Seconds since then by the database's own clock; None where there is no such moment."""
    return cast(func.extract("epoch", func.now() - moment), Float)
