"""What the tests of the relay share: an outbox to fill, and what Kafka has of it."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from sqlalchemy import select

from listeners.steward.outbox_relay import Relay
from officeflow.database.engine import Database
from officeflow.database.tables import OutboxMessage
from officeflow.events import outbox, topics
from officeflow.events.delivery import OrderedProducer
from officeflow.kafka_access import KafkaAccess
from tests.messages import headers_of

SOURCE = "officeflow-test"


@dataclass(frozen=True)
class Told:
    """A message as a consumer sees it."""

    topic: str
    partition: int
    key: str
    headers: Mapping[str, str]
    data: Any

    @property
    def id(self) -> str:
        return self.headers["ce_id"]


def told(access: KafkaAccess, org_id: uuid.UUID, names: Iterable[str]) -> list[Told]:
    """Everything about the organization that Kafka has now on these topics; each partition's in its order."""
    consumer = Consumer(
        {
            **access.configuration,
            "group.id": "tests",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
        }
    )
    try:
        ends = _ends(consumer, names)
        consumer.assign([TopicPartition(topic, number, 0) for topic, number in ends])
        found = []
        while ends:
            message = consumer.poll(1)
            if message is None:
                continue
            assert message.error() is None, message.error()
            topic, partition, offset = message.topic(), message.partition(), message.offset()
            assert topic is not None
            assert partition is not None
            assert offset is not None
            if offset + 1 >= ends.get((topic, partition), 0):
                ends.pop((topic, partition), None)
            headers = headers_of(message)
            if headers.get("ce_organizationid") == str(org_id):
                key, data = (message.key() or b"").decode(), json.loads(message.value() or b"")
                found.append(Told(topic, partition, key, headers, data))
        return found
    finally:
        consumer.close()


def _ends(consumer: Consumer, names: Iterable[str]) -> dict[tuple[str, int], int]:
    known = consumer.list_topics(timeout=30).topics
    places = [
        TopicPartition(name, number) for name in names if name in known for number in known[name].partitions
    ]
    ends = {(place.topic, place.partition): _watermarks(consumer, place) for place in places}
    return {place: end for place, (start, end) in ends.items() if end > start}


def _watermarks(consumer: Consumer, place: TopicPartition) -> tuple[int, int]:
    """A partition that was just made has no leader yet."""
    deadline = time.monotonic() + 120
    while True:
        try:
            found: tuple[int, int] = consumer.get_watermark_offsets(place, timeout=30)
        except KafkaException as error:
            if time.monotonic() > deadline or error.args[0].code() != KafkaError.NOT_LEADER_FOR_PARTITION:
                raise
            time.sleep(0.2)
        else:
            return found


def first_seen(messages: Iterable[Told]) -> list[Told]:
    """Without second deliveries, as a consumer drops them: by the id."""
    found: dict[str, Told] = {}
    for message in messages:
        found.setdefault(message.id, message)
    return list(found.values())


class Outbox:
    """One organization's, in the test's own database."""

    def __init__(self, database: Database, org_id: uuid.UUID) -> None:
        self.database = database
        self.org_id = org_id
        self.written = 0

    def add(
        self,
        number: int = 1,
        *,
        employee: str = "E1",
        topic: str = topics.NODE_EXECUTE_REQUEST,
        **values: Any,
    ) -> None:
        """Messages in one transaction; the payload of each is `{"number": n}`, and n is never used twice."""
        with self.database.service() as session:
            for _ in range(number):
                self.written += 1
                message = {
                    "topic": topic,
                    "key": topics.person_key(self.org_id, employee),
                    "type": f"officeflow.{topic}",
                    "payload": {"number": self.written, "employee": employee},
                    "correlation_id": "c-1",
                    "subject": f"employee:{employee}",
                }
                outbox.add(session, org_id=self.org_id, **{**message, **values})

    def rows(self) -> list[OutboxMessage]:
        with self.database.service() as session:
            return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.position)))

    def lag(self) -> outbox.Lag:
        with self.database.service() as session:
            return outbox.lag(session)


def relay_to(
    access: KafkaAccess,
    database: Database,
    *,
    answer_seconds: float = 10.0,
    stop: threading.Event | None = None,
    create_at: KafkaAccess | None = None,
) -> Relay:
    """`create_at`: where it asks for topics that are missing, if not at `access`."""
    producer = OrderedProducer(access, answer_seconds=answer_seconds)
    return Relay(database, producer, source=SOURCE, kafka=create_at or access, stop=stop or threading.Event())
