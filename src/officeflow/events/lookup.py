"""Finding what the inbox, the quarantine and the outbox hold, for people."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Text, cast, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from officeflow.database.tables import DeadLetter, InboxEvent, OutboxMessage
from officeflow.errors import NotKnown
from officeflow.ids import as_uuid
from officeflow.program import typed
from officeflow.statuses import QuarantineStatus

SHORTEST_PREFIX = 4


def events(
    session: Session, *, org_id: uuid.UUID | None = None, failed: bool = False, limit: int = 50
) -> Sequence[InboxEvent]:
    """The newest events first; with `failed`, those that wait or started less than they should, with a reason
    noted.
    """
    query = select(InboxEvent).order_by(InboxEvent.arrival.desc()).limit(limit)
    if org_id is not None:
        query = query.where(InboxEvent.org_id == org_id)
    if failed:
        query = query.where(InboxEvent.last_error.is_not(None))
    return session.scalars(query).all()


def letters(
    session: Session, *, org_id: uuid.UUID | None = None, only_open: bool = True, limit: int = 50
) -> Sequence[DeadLetter]:
    """The newest quarantined messages first; without `only_open` also those that were replayed or
    discarded.
    """
    query = select(DeadLetter).order_by(DeadLetter.created_at.desc()).limit(limit)
    if org_id is not None:
        query = query.where(DeadLetter.org_id == org_id)
    if only_open:
        query = query.where(DeadLetter.status == QuarantineStatus.OPEN)
    return session.scalars(query).all()


def find(
    session: Session, text: str, *, for_update: bool = False, org_id: uuid.UUID | None = None
) -> InboxEvent | DeadLetter:
    """The event or quarantined message whose id is or begins with `text` (4 characters or more), of the
    organization where one is given.

    `NotKnown` where none or several do.
    """
    inbox_query = select(InboxEvent).where(_named(InboxEvent.inbox_id, text)).limit(3)
    letter_query = select(DeadLetter).where(_named(DeadLetter.dead_letter_id, text)).limit(3)
    if org_id is not None:
        inbox_query = inbox_query.where(InboxEvent.org_id == org_id)
        letter_query = letter_query.where(DeadLetter.org_id == org_id)
    if for_update:
        inbox_query, letter_query = inbox_query.with_for_update(), letter_query.with_for_update()
    found: list[InboxEvent | DeadLetter] = [*session.scalars(inbox_query), *session.scalars(letter_query)]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotKnown(f"several ids begin with {text!r}", hint="give more of it")
    raise NotKnown(
        f"neither the inbox nor the quarantine has {text!r}",
        hint=f"`{typed('inbox list')} [--quarantined]` shows the ids",
    )


def id_of(found: InboxEvent | DeadLetter) -> uuid.UUID:
    """What `find` finds it by."""
    return found.inbox_id if isinstance(found, InboxEvent) else found.dead_letter_id


def unsent(session: Session, *, org_id: uuid.UUID | None = None, limit: int = 50) -> Sequence[OutboxMessage]:
    """Messages that are not in Kafka: those that were set aside first, then those that wait, each the oldest
    first.
    """
    query = select(OutboxMessage).where(OutboxMessage.sent_at.is_(None))
    if org_id is not None:
        query = query.where(OutboxMessage.org_id == org_id)
    return session.scalars(
        query.order_by(OutboxMessage.set_aside_at.is_(None), OutboxMessage.position).limit(limit)
    ).all()


def event(session: Session, org_id: uuid.UUID, name: str) -> InboxEvent:
    """The organization's event of this id in the inbox; `NotKnown`."""
    found = session.scalar(
        select(InboxEvent).where(InboxEvent.org_id == org_id, InboxEvent.inbox_id == as_uuid(name))
    )
    if found is None:
        raise NotKnown(f"the inbox has no event {name[:60]!r}")
    return found


def letter(session: Session, org_id: uuid.UUID | None, name: str) -> DeadLetter:
    """The quarantined message of this id, which is the organization's, or (None) nobody's; `NotKnown`."""
    owned = DeadLetter.org_id.is_(None) if org_id is None else DeadLetter.org_id == org_id
    found = session.scalar(select(DeadLetter).where(owned, DeadLetter.dead_letter_id == as_uuid(name)))
    if found is None:
        raise NotKnown(f"the quarantine has no message {name[:60]!r}")
    return found


def find_set_aside(session: Session, text: str, *, org_id: uuid.UUID | None = None) -> OutboxMessage:
    """The message that was set aside, locked, whose id is or begins with `text`.

    `NotKnown` where none or several do.
    """
    aside = [OutboxMessage.set_aside_at.is_not(None), _named(OutboxMessage.message_id, text)]
    if org_id is not None:
        aside.append(OutboxMessage.org_id == org_id)
    found = session.scalars(select(OutboxMessage).where(*aside).limit(2).with_for_update()).all()
    if len(found) == 1:
        return found[0]
    if found:
        raise NotKnown(f"several ids begin with {text!r}", hint="give more of it")
    raise NotKnown(f"no message {text!r} was set aside", hint=f"`{typed('outbox list')}` shows the ids")


def _named(column: InstrumentedAttribute[uuid.UUID], text: str) -> ColumnElement[bool]:
    if (whole := as_uuid(text)) is not None:
        return column == whole
    if len(text) < SHORTEST_PREFIX:
        raise NotKnown(
            f"{text!r} is too short to name one event", hint=f"give at least {SHORTEST_PREFIX} characters"
        )
    return cast(column, Text).startswith(text.lower(), autoescape=True)
