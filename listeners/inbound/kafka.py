"""The consumer's side of Kafka."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import structlog

from listeners.inbound.options import Options
from officeflow.events.message import Headers, Message
from officeflow.events.topics import MAX_MESSAGE_BYTES
from officeflow.kafka_access import KafkaAccess

if TYPE_CHECKING:
    from confluent_kafka import Message as KafkaMessage

BATCH_BYTES = 16 * 1024 * 1024
GATHER_SECONDS = 0.05
"""How long a batch is filled after its first message."""

log = structlog.get_logger(__name__)


class Source:
    """Reads the topics that match a pattern, from their beginning, new ones within 5 seconds.

    Not for several threads.

    Offsets are committed by `commit` alone. While Kafka is away, `batch` returns nothing, and goes on by
    itself when it is back.
    """

    def __init__(self, kafka: KafkaAccess, options: Options) -> None:
        from confluent_kafka import Consumer

        self._limit = options.batch_messages
        self._held: set[tuple[str, int]] = set()
        self._consumer = Consumer(
            {
                **kafka.configuration,
                "group.id": options.group,
                "client.id": "officeflow-listener",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "topic.metadata.refresh.interval.ms": 5000,
                "session.timeout.ms": 6000,
                "heartbeat.interval.ms": 2000,
                "max.poll.interval.ms": 300_000,
                "fetch.message.max.bytes": MAX_MESSAGE_BYTES,
                "fetch.max.bytes": BATCH_BYTES,
                "queued.max.messages.kbytes": BATCH_BYTES // 1024,
                "reconnect.backoff.max.ms": 2000,
            },
            logger=logging.getLogger("kafka"),
        )
        self._consumer.subscribe([options.topics])

    def batch(self, timeout: float) -> list[Message]:
        """What has arrived: up to the limits of number and size, in each partition's order; empty after
        `timeout` seconds without any.
        """
        messages: list[Message] = []
        size, deadline = 0, time.monotonic() + timeout
        while len(messages) < self._limit and size < BATCH_BYTES:
            found = self._consumer.poll(max(0.0, deadline - time.monotonic()))
            if found is None:
                break
            problem = found.error()
            if problem is not None:
                log.warning("kafka says", error=problem.str(), topic=found.topic())
                continue
            message = _message(found)
            messages.append(message)
            size += message.size
            if len(messages) == 1:
                deadline = time.monotonic() + GATHER_SECONDS
        return messages

    def commit(self, messages: Sequence[Message]) -> None:
        """Never read these again.

        Where Kafka does not answer or the partition is another listener's now, they are read once more.
        """
        from confluent_kafka import KafkaException, TopicPartition

        newest: dict[tuple[str, int], int] = {}
        for message in messages:
            place = (message.topic, message.partition)
            newest[place] = max(newest.get(place, -1), message.offset)
        offsets = [
            TopicPartition(topic, partition, offset + 1) for (topic, partition), offset in newest.items()
        ]
        try:
            self._consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            log.warning("offsets not committed", error=error.args[0].str())

    def hold(self, places: Iterable[tuple[str, int]]) -> None:
        """Read nothing from these partitions, and from all others again.

        To be repeated: a rebalance forgets it.
        """
        wanted = set(places)
        partitions = self._consumer.assignment()
        pause = [p for p in partitions if (p.topic, p.partition) in wanted]
        resume = [p for p in partitions if (p.topic, p.partition) in self._held - wanted]
        if pause:
            self._consumer.pause(pause)
        if resume:
            self._consumer.resume(resume)
        self._held = wanted

    def assignment(self) -> list[str]:
        """Topics that this listener reads now."""
        return sorted({partition.topic for partition in self._consumer.assignment()})

    def close(self) -> None:
        self._consumer.close()


def _message(found: KafkaMessage) -> Message:
    from confluent_kafka import TIMESTAMP_NOT_AVAILABLE

    kind, milliseconds = found.timestamp()
    headers = _headers(found)
    return Message(
        topic=str(found.topic()),
        partition=int(found.partition() or 0),
        offset=int(found.offset() or 0),
        key=_bytes(found.key()),
        value=_bytes(found.value()),
        headers=headers or (),
        unreadable="" if headers is not None else "the name of a header is not UTF-8",
        timestamp=None
        if kind == TIMESTAMP_NOT_AVAILABLE
        else dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC),
    )


def _headers(found: KafkaMessage) -> Headers | None:
    """None where a name is not UTF-8: confluent-kafka fails on it, although Kafka lets it through."""
    try:
        headers: Any = found.headers() or []
    except (SystemError, UnicodeDecodeError):
        return None
    return tuple((name, _bytes(value)) for name, value in headers)


def _bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
