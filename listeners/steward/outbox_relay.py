"""The steward's relay: outbox → Kafka, at least once, in order per key."""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence

import structlog
from sqlalchemy.orm import Session

from officeflow.database.engine import Database
from officeflow.errors import InvalidInput, OfficeFlowError, Unavailable
from officeflow.events import metrics, outbox
from officeflow.events.announcement import announce
from officeflow.events.delivery import Delivery, OrderedProducer, Outcome
from officeflow.events.message import Message
from officeflow.events.outbox import Waiting
from officeflow.events.topics import NODE_EXECUTE_RESULT, create_topics
from officeflow.kafka_access import KafkaAccess

BATCH_MESSAGES = 500
BATCH_BYTES = 16 * 1024 * 1024
WORTH_A_BATCH = 100
GATHER_SECONDS = 0.2
"""After a batch of fewer messages more are waited for, or a steady trickle would be sent in transactions of
one each.
"""
PRUNE_AT_ONCE = 1000
ONE_BY_ONE_SECONDS = 20.0
FIRST_HOLD_SECONDS = 2.0
LONGEST_HOLD_SECONDS = 60.0

log = structlog.get_logger(__name__)


class Holds:
    """Topics that could not be written to, and until when they are left alone: longer and longer while others
    can be.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._why: dict[str, str] = {}

    def failed(self, why: Mapping[str, str], *, others_work: bool) -> None:
        for topic, reason in why.items():
            failures = self._failures.get(topic, 0) if others_work else 0
            self._failures[topic] = failures + 1
            self._until[topic] = self._now() + min(LONGEST_HOLD_SECONDS, FIRST_HOLD_SECONDS * 2**failures)
            self._why[topic] = reason

    def works(self, topics: Collection[str]) -> None:
        for topic in topics:
            self._until.pop(topic, None)
            self._failures.pop(topic, None)
            self._why.pop(topic, None)

    @property
    def held(self) -> list[str]:
        return sorted(topic for topic, until in self._until.items() if until > self._now())

    def why(self, topics: Collection[str]) -> str:
        """Those of them that did not work the last time, by reason; "" where none is."""
        waiting = [topic for topic in sorted(topics) if topic in self._why]
        reasons = dict.fromkeys(self._why[topic] for topic in waiting)
        return "; ".join(
            f"{', '.join(topic for topic in waiting if self._why[topic] == why)}: {why}" for why in reasons
        )


class Relay:
    """Not for several threads. Several relays may run: one at a time reads the outbox."""

    def __init__(
        self,
        database: Database,
        producer: OrderedProducer,
        *,
        source: str,
        kafka: KafkaAccess,
        stop: threading.Event,
    ) -> None:
        self._database = database
        self._producer = producer
        self._source = source
        self._kafka = kafka
        self._stop = stop
        self._holds = Holds()
        self._left_out: set[str] = set()

    def relay(self) -> int:
        """Send what waits; returns how many messages left.

        `Unavailable` where some have to wait longer, because Kafka is away or does not take them now: they
        are sent when it does. One that can never be sent is set aside with the reason, and those behind it go
        on.
        """
        total = 0
        while not self._stop.is_set() and (moved := self._batch()):
            total += moved
            if moved < WORTH_A_BATCH:
                self._stop.wait(GATHER_SECONDS)
        if (why := self._holds.why(self._left_out)) and not self._stop.is_set():
            raise Unavailable(f"messages wait in the outbox: {why}")
        return total

    def close(self) -> None:
        self._producer.close()

    def _batch(self) -> int:
        """How many messages no longer wait."""
        with self._database.service() as session:
            if not outbox.relay_alone(session):
                self._holds = Holds()
                return 0
            held = self._holds.held
            waiting = outbox.waiting(session, limit=BATCH_MESSAGES, most_bytes=BATCH_BYTES, held=held)
            messages, aside = self._announced(waiting)
            deliveries = self._deliver(messages)
            aside |= {
                number: found.why for number, found in deliveries.items() if found.outcome is Outcome.REFUSED
            }
            sent = [number for number, found in deliveries.items() if found.outcome is Outcome.SENT]
            self._note(session, messages, sent, aside)
        self._left_out = {*held, *self._judge(messages, deliveries)}
        self._tell(waiting, aside)
        return len(sent) + len(aside)

    def _announced(self, waiting: Sequence[Waiting]) -> tuple[dict[uuid.UUID, Message], dict[uuid.UUID, str]]:
        """Each as Kafka gets it, and why others cannot be sent."""
        messages, aside = {}, {}
        for each in waiting:
            try:
                messages[each.message_id] = announce(each, source=self._source)
            except InvalidInput as error:
                aside[each.message_id] = str(error)
        return messages, aside

    def _deliver(self, messages: Mapping[uuid.UUID, Message]) -> dict[uuid.UUID, Delivery]:
        if not messages:
            return {}
        found = dict(zip(messages, self._producer.send(list(messages.values()), self._stop), strict=True))
        if all(delivery.outcome is not Outcome.REFUSED for delivery in found.values()):
            return found
        sent = {number: delivery for number, delivery in found.items() if delivery.outcome is Outcome.SENT}
        return sent | self._one_by_one(
            {number: message for number, message in messages.items() if number not in sent}
        )

    def _one_by_one(self, messages: Mapping[uuid.UUID, Message]) -> dict[uuid.UUID, Delivery]:
        """Kafka refuses messages of one partition together, though one of them may be the reason: each has to
        answer for itself.

        After the first that has to wait, and after some time, the rest is left to the next batch.
        """
        found: dict[uuid.UUID, Delivery] = {}
        until = time.monotonic() + ONE_BY_ONE_SECONDS
        for number, message in messages.items():
            (found[number],) = self._producer.send([message], self._stop)
            if found[number].outcome is Outcome.WAITS or time.monotonic() > until:
                break
        return found

    def _note(
        self,
        session: Session,
        messages: Mapping[uuid.UUID, Message],
        sent: Sequence[uuid.UUID],
        aside: Mapping[uuid.UUID, str],
    ) -> None:
        results = [number for number in sent if messages[number].topic == NODE_EXECUTE_RESULT]
        if results:
            metrics.of_nodes(session, results)
        outbox.mark_sent(session, sent)
        for number, why in aside.items():
            outbox.set_aside(session, number, why=why)

    def _judge(
        self, messages: Mapping[uuid.UUID, Message], deliveries: Mapping[uuid.UUID, Delivery]
    ) -> Collection[str]:
        """The topics that are left alone for some time from now on; those that took something no longer
        are.
        """
        waits = {
            messages[n].topic: found.why
            for n, found in list(deliveries.items())[::-1]
            if found.outcome is Outcome.WAITS
        }
        answered = {
            messages[n].topic for n, found in deliveries.items() if found.outcome is not Outcome.WAITS
        } - waits.keys()
        if any(found.unknown_topic for found in deliveries.values()):
            self._create_topics()
        self._holds.works(answered)
        self._holds.failed(waits, others_work=bool(answered))
        return waits.keys()

    def _create_topics(self) -> None:
        try:
            created = create_topics(self._kafka, None, timeout=5.0)
        except OfficeFlowError as error:
            log.warning("topics that are missing cannot be created", error=str(error))
        else:
            log.info("topics that were missing are created", topics=created)

    def _tell(self, waiting: Sequence[Waiting], aside: Mapping[uuid.UUID, str]) -> None:
        for each in waiting:
            if each.message_id in aside:
                log.error(
                    "a message is set aside: it can never be sent as it is",
                    message_id=str(each.message_id),
                    topic=each.topic,
                    type=each.type,
                    correlation_id=each.correlation_id,
                    reason=aside[each.message_id],
                )


def prune(database: Database, *, older_than: dt.timedelta) -> int:
    """Delete the messages that were sent so long ago; returns how many."""
    total = 0
    while True:
        with database.service() as session:
            gone = outbox.prune(session, older_than=older_than, limit=PRUNE_AT_ONCE)
        total += gone
        if gone < PRUNE_AT_ONCE:
            return total
