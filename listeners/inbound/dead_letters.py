"""Puts quarantined messages on `dlq.<topic>`, as they came, with headers that say what was wrong."""

from __future__ import annotations

import structlog

from officeflow.database.engine import Database
from officeflow.database.tables import DeadLetter
from officeflow.errors import Unavailable
from officeflow.events import quarantine
from officeflow.events.message import Message
from officeflow.events.producer import NOWHERE, EventProducer
from officeflow.events.topics import dlq_topic

AT_ONCE = 5
"""Messages may have 8 MiB each."""

DETAIL_BYTES = 2000

log = structlog.get_logger(__name__)


def forward(database: Database, producer: EventProducer) -> int:
    """Send what is not on its dead-letter topic yet; returns how many.

    A crash on the way sends a message twice, never not at all.

    `Unavailable` when Kafka or the database is away; the rest is sent the next time.
    """
    total = 0
    while True:
        with database.service() as session:
            letters = quarantine.waiting_to_be_forwarded(session, limit=AT_ONCE)
            producer.send(_message(letter) for letter in letters)
            quarantine.mark_forwarded(session, letters)
        total += len(letters)
        if len(letters) < AT_ONCE:
            return total


def try_to_forward(database: Database, producer: EventProducer) -> None:
    """The same; where it cannot be done now it is logged: the messages are safe in quarantine."""
    try:
        forwarded = forward(database, producer)
    except Unavailable as error:
        log.warning("dead letters not forwarded yet", error=str(error))
    else:
        if forwarded:
            log.info("dead letters forwarded", number=forwarded)


def _message(letter: DeadLetter) -> Message:
    ours = {
        "officeflow-dead-letter": str(letter.dead_letter_id),
        "officeflow-reason": letter.reason,
        "officeflow-detail": letter.detail,
        "officeflow-topic": letter.topic,
        "officeflow-partition": str(letter.partition),
        "officeflow-offset": str(letter.offset),
    }
    headers = tuple((name, value.encode()[:DETAIL_BYTES]) for name, value in ours.items())
    original = quarantine.message_of(letter)
    return Message(
        topic=dlq_topic(letter.topic),
        partition=NOWHERE,
        offset=NOWHERE,
        key=original.key,
        value=original.value,
        headers=(*original.headers, *headers),
    )
