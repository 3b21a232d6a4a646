"""The way to Kafka: many messages under way at once, each told when the brokers have it (`acks=all`)."""

from __future__ import annotations

import asyncio
import logging
import threading
from functools import partial
from typing import Any

import structlog

from officeflow.errors import InvalidInput, Unavailable
from officeflow.events.message import Message
from officeflow.events.topics import MAX_MESSAGE_BYTES
from officeflow.kafka_access import KafkaAccess

LINGER_MS = 5
POLL_SECONDS = 0.2

log = structlog.get_logger(__name__)


class NoTopic(InvalidInput):
    """The organization's topics are not there: it has to wait, and the others need not."""

    code = "no_topic"


class Lane:
    """For one event loop. Messages arrive in order; what fails is sent again by the caller."""

    def __init__(self, kafka: KafkaAccess, *, seconds: float) -> None:
        """`seconds` are how long Kafka may take before `send` ends with `Unavailable`."""
        from confluent_kafka import Producer

        self._loop = asyncio.get_running_loop()
        self._settled: list[tuple[asyncio.Future[None], Exception | None]] = []
        self._ended = threading.Event()
        self._producer = Producer(
            {
                **kafka.configuration,
                "client.id": "officeflow-gateway",
                "acks": "all",
                "max.in.flight.requests.per.connection": 1,
                "retries": 2,
                "message.max.bytes": MAX_MESSAGE_BYTES,
                "delivery.timeout.ms": int(seconds * 1000),
                "topic.metadata.propagation.max.ms": 1000,
                "reconnect.backoff.max.ms": 1000,
                "linger.ms": LINGER_MS,
                "error_cb": self._heard,
            },
            logger=logging.getLogger("kafka"),
        )
        self.away = ""
        """Why nothing is sent there now; "" while it answers."""
        self._poller = threading.Thread(target=self._poll, name="kafka-poll", daemon=True)
        self._poller.start()

    def start(self, message: Message) -> asyncio.Future[None]:
        """Ends when the brokers have it; with `NoTopic`, or `Unavailable` where they may not have it."""
        future: asyncio.Future[None] = self._loop.create_future()
        headers: Any = list(message.headers)
        try:
            self._producer.produce(
                message.topic,
                message.value,
                message.key,
                headers=headers,
                on_delivery=partial(self._delivered, future),
            )
        except BufferError as error:
            future.set_exception(Unavailable(f"Kafka has too many messages under way: {error}"))
        return future

    def close(self) -> None:
        """What is under way ends."""
        self._producer.flush(2)
        self._ended.set()
        self._poller.join(5)

    def _poll(self) -> None:
        while not self._ended.is_set():
            self._producer.poll(POLL_SECONDS)
            if self._settled:
                settled, self._settled = self._settled, []
                self._loop.call_soon_threadsafe(_settle, settled)

    def _delivered(self, future: asyncio.Future[None], error: Any, _: object) -> None:
        self._settled.append((future, None if error is None else _told(error)))

    def _heard(self, error: Any) -> None:
        from confluent_kafka import KafkaError

        if error.code() == KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001 - so librdkafka names its own errors
            self._loop.call_soon_threadsafe(self._went_away, error.str())

    def _went_away(self, why: str) -> None:
        if not self.away:
            log.warning("Kafka is away: deliveries go to the spool", error=why)
        self.away = why
        self._producer.purge(in_queue=True, in_flight=True, blocking=False)

    def lost(self, error: Exception) -> None:
        """From now on nothing is sent there, until what was kept meanwhile is there."""
        if not self.away:
            log.warning("Kafka did not take a message: deliveries go to the spool", error=str(error))
        self.away = str(error)

    def found(self) -> None:
        if self.away:
            log.info("Kafka is there again, and has all that waited")
        self.away = ""


def _told(error: Any) -> Exception:
    from confluent_kafka import KafkaError

    missing = {
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError._UNKNOWN_TOPIC,  # noqa: SLF001 - so librdkafka names its own errors
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
    }
    if error.code() in missing:
        return NoTopic(f"Kafka has not the topic: {error.str()}")
    return Unavailable(f"Kafka did not take a message: {error.str()}")


def _settle(settled: list[tuple[asyncio.Future[None], Exception | None]]) -> None:
    for future, error in settled:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
