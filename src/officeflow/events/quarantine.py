"""Messages that could not be taken: kept whole, with where they were and why, until a person replays or
discards them.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from officeflow.database.tables import DeadLetter
from officeflow.errors import InvalidEvent
from officeflow.events.message import Headers, Message
from officeflow.events.whose import person_of
from officeflow.ids import new_id
from officeflow.owners import owned, owner
from officeflow.statuses import QuarantineStatus, RefusalReason

WEBHOOK_PREFIX = "webhook."
"""How `dead_letters.topic` begins where it is no topic but the source of a webhook's delivery."""

REASONS: Mapping[RefusalReason, str] = {
    RefusalReason.EMPTY: (
        "The message has no value and was given by hand: on a topic such messages are passed over."
    ),
    RefusalReason.TOO_LARGE: "The event has more than 1 MiB.",
    RefusalReason.NOT_JSON: "The value is not JSON in UTF-8, or an object in it has a name twice.",
    RefusalReason.TOO_DEEP: "The JSON is nested more than 32 levels deep.",
    RefusalReason.UNSTORABLE: (
        "The JSON holds what no database keeps: NUL, half a surrogate pair, a number beyond a double."
    ),
    RefusalReason.WRONG_SHAPE: "The JSON is not an object.",
    RefusalReason.UNSUPPORTED_CONTENT_TYPE: "The content type is not JSON.",
    RefusalReason.UNSUPPORTED_VERSION: "The CloudEvents version is not 1.0.",
    RefusalReason.MISSING_ATTRIBUTE: (
        "An attribute of the event is missing: id, source, type, subject, timestamp …"
    ),
    RefusalReason.INVALID_ATTRIBUTE: (
        "An attribute has the wrong type, is empty or too long, holds a control character, or is given twice."
    ),
    RefusalReason.UNKNOWN_KIND: "The type is not one of the four lifecycle events.",
    RefusalReason.KIND_MISMATCH: "The event's type is not that of the topic.",
    RefusalReason.UNKNOWN_ORGANIZATION: "There is no such organization.",
    RefusalReason.ORGANIZATION_MISMATCH: "The event names another organization than its topic.",
    RefusalReason.INVALID_TIME: "The time is no RFC 3339 time with a zone, or no such moment exists.",
    RefusalReason.TIME_AHEAD: (
        "The time is further ahead of the platform's clock than OFFICEFLOW_EVENT_AHEAD_HOURS."
    ),
    RefusalReason.INVALID_PAYLOAD: "A field of the payload has the wrong type, or is a date that is none.",
    RefusalReason.CONTENT_CHANGED: "An event with this source and id came before with other content.",
    RefusalReason.OWN_SOURCE: "The event's source is our own.",
    RefusalReason.UNMAPPED: "A delivery of a webhook that its source's mapping makes no event of.",
}
"""What each of them means."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A message and why it was refused; `org_id` is None where its organization is not known."""

    message: Message
    error: InvalidEvent
    org_id: uuid.UUID | None = None

    @property
    def detail(self) -> str:
        return str(self.error).replace("\0", "")


def store(session: Session, refused: Sequence[Refused]) -> int:
    """Keep the messages; one that is kept already (same topic, partition and offset) stays as it is.

    Returns how many were new.
    """
    if not refused:
        return 0
    rows = [
        {
            "dead_letter_id": new_id(),
            "org_id": r.org_id,
            "topic": r.message.topic,
            "partition": r.message.partition,
            "offset": r.message.offset,
            "reason": r.error.reason_code,
            "detail": r.detail,
            "key": _owned(r, r.message.key),
            "body": _owned(r, r.message.value),
            "headers": _headers_as_text(r.message.headers),
        }
        for r in refused
    ]
    statement = insert(DeadLetter).values(rows).on_conflict_do_nothing().returning(DeadLetter.dead_letter_id)
    return len(session.scalars(statement).all())


def _owned(refused: Refused, content: bytes | None) -> bytes | None:
    """Under the key of whom it is about, as far as it says so; under the installation's where not even the
    organization is known.
    """
    if refused.org_id is None:
        return content
    person = person_of(refused.message.value, refused.message.headers)
    return owned(owner(refused.org_id, person), content)


def waiting_to_be_forwarded(session: Session, *, limit: int = 20) -> list[DeadLetter]:
    """Rows that are not on their dead-letter topic yet, locked for the caller's transaction; others skip
    them. Deliveries of webhooks have none.
    """
    return list(
        session.scalars(
            select(DeadLetter)
            .where(DeadLetter.forwarded_at.is_(None), DeadLetter.topic.not_like(f"{WEBHOOK_PREFIX}%"))
            .order_by(DeadLetter.created_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def mark_forwarded(session: Session, letters: Sequence[DeadLetter]) -> None:
    ids = [letter.dead_letter_id for letter in letters]
    session.execute(
        update(DeadLetter).where(DeadLetter.dead_letter_id.in_(ids)).values(forwarded_at=func.now())
    )


def resolve(
    session: Session, letter: DeadLetter, *, status: QuarantineStatus, by: str, why: str, at: dt.datetime
) -> None:
    """Note who replayed or discarded it, when and why."""
    letter.status = status
    letter.resolution = {"by": by, "why": why, "at": at.isoformat()}
    session.flush()


def message_of(letter: DeadLetter, *, body: bytes | None = None) -> Message:
    """The message as it came, or with a corrected body (and then without headers: the body is a whole
    event).
    """
    headers: Headers = (
        () if body is not None else tuple((str(name), _header_value(value)) for name, value in letter.headers)
    )
    return Message(
        topic=letter.topic,
        partition=letter.partition,
        offset=letter.offset,
        value=letter.body if body is None else body,
        key=letter.key,
        headers=headers,
        timestamp=letter.created_at,
    )


def _headers_as_text(headers: Headers) -> list[list[str | None]]:
    r"""Bytes that are not text are written as `\xNN`, and so is NUL."""
    return [
        [_text(name.encode("utf-8", "backslashreplace")), None if value is None else _text(value)]
        for name, value in headers
    ]


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace").replace("\0", "\\x00")


def _header_value(value: str | None) -> bytes | None:
    return None if value is None else value.encode()
