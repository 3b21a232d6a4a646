"""The inbox, the quarantine and the outbox of an organization, page by page."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session

from officeflow.database.pages import Conditions, Listing, Page, Wanted, conditions, page_of, values_of
from officeflow.database.tables import DeadLetter, InboxEvent, OutboxMessage
from officeflow.statuses import EventStatus, QuarantineStatus, RefusalReason


class EventLine(NamedTuple):
    """An event in a list, without what it says of the person: that is for who opens one. The names are those
    of `InboxEvent`.
    """

    inbox_id: uuid.UUID
    received_at: dt.datetime
    kind: str
    employee_key: str
    status: EventStatus
    runs: list[Any]
    last_error: str | None
    event_id: str
    source: str
    event_time: dt.datetime
    correlation_id: str
    release_id: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """What is not None is asked for; `problem`: those that wait or started less than they should."""

    status: EventStatus | None = None
    kind: str | None = None
    employee: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    problem: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFilter:
    status: QuarantineStatus | None = QuarantineStatus.OPEN
    reason: RefusalReason | None = None
    topic: str | None = None
    until: dt.datetime | None = None


class UnsentState(StrEnum):
    """Where a message of the outbox is that is not in Kafka."""

    WAITS = "WAITS"
    SET_ASIDE = "SET_ASIDE"


def events(session: Session, org_id: uuid.UUID, wanted: Wanted, asked: EventFilter) -> Page[EventLine]:
    """The newest first."""
    values = values_of(asked, _BY)
    listing = _events(frozenset(values), problem=asked.problem)
    found = listing.page(session, wanted, {"org_id": org_id, **values})
    return Page([EventLine(*row[1:]) for row in found.rows], found.next)


def letters(
    session: Session, org_id: uuid.UUID | None, wanted: Wanted, asked: LetterFilter
) -> Page[DeadLetter]:
    """The newest first; with None those whose organization is not known."""
    query = select(DeadLetter).where(*of_letters(org_id, asked))
    order = (DeadLetter.created_at.desc(), DeadLetter.dead_letter_id.desc())
    return _rows(page_of(session, query.order_by(*order), wanted))


def letter_ids(session: Session, org_id: uuid.UUID, asked: LetterFilter, *, most: int) -> list[uuid.UUID]:
    """Of those that `letters` shows, the oldest first: what came first is replayed first."""
    query = select(DeadLetter.dead_letter_id).where(*of_letters(org_id, asked))
    return list(session.scalars(query.order_by(DeadLetter.created_at, DeadLetter.dead_letter_id).limit(most)))


def count_letters(session: Session, org_id: uuid.UUID, asked: LetterFilter) -> int:
    query = select(func.count()).select_from(DeadLetter).where(*of_letters(org_id, asked))
    return session.scalar(query) or 0


def unsent(
    session: Session, org_id: uuid.UUID, wanted: Wanted, *, state: UnsentState | None = None
) -> Page[OutboxMessage]:
    """The oldest first."""
    query = select(OutboxMessage).where(OutboxMessage.org_id == org_id, OutboxMessage.sent_at.is_(None))
    if state is not None:
        aside = OutboxMessage.set_aside_at
        query = query.where(aside.is_not(None) if state is UnsentState.SET_ASIDE else aside.is_(None))
    return _rows(page_of(session, query.order_by(OutboxMessage.position), wanted))


def of_letters(org_id: uuid.UUID | None, asked: LetterFilter) -> list[ColumnElement[bool]]:
    found = [DeadLetter.org_id.is_(None) if org_id is None else DeadLetter.org_id == org_id]
    if asked.status is not None:
        found.append(DeadLetter.status == asked.status)
    if asked.reason is not None:
        found.append(DeadLetter.reason == asked.reason)
    if asked.topic is not None:
        found.append(DeadLetter.topic == asked.topic)
    if asked.until is not None:
        found.append(DeadLetter.created_at < asked.until)
    return found


_BY: Conditions = MappingProxyType(
    {
        "status": lambda value: InboxEvent.status == value,
        "kind": lambda value: InboxEvent.kind == value,
        "employee": lambda value: InboxEvent.employee_key == value,
        "since": lambda value: InboxEvent.received_at >= value,
        "until": lambda value: InboxEvent.received_at < value,
    }
)


@cache
def _events(by: frozenset[str], *, problem: bool) -> Listing:
    columns = (getattr(InboxEvent, name) for name in EventLine._fields)
    query = select(InboxEvent.arrival, *columns).where(InboxEvent.org_id == bindparam("org_id"))
    query = query.where(*conditions(_BY, by))
    if problem:
        query = query.where(InboxEvent.last_error.is_not(None))
    return Listing(query.order_by(InboxEvent.arrival.desc()))


def _rows(page: Page[Any]) -> Page[Any]:
    return Page([row[0] for row in page.rows], page.next)
