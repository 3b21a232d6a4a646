"""Sends messages to Kafka in order, and says of each what became of it."""

from __future__ import annotations

import enum
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from officeflow.events.message import Message
from officeflow.events.topics import DLQ_MAX_MESSAGE_BYTES
from officeflow.kafka_access import KafkaAccess

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Producer

ANSWER_SECONDS = 10.0
LOOK_SECONDS = 0.1
UNKNOWN_TOPIC_SECONDS = 2.0


class Outcome(enum.Enum):
    """SENT: Kafka has it.

    REFUSED: Kafka will never have it as it is. WAITS: it may not be there, and is to be sent again.
    """

    SENT = enum.auto()
    REFUSED = enum.auto()
    WAITS = enum.auto()


@dataclass(frozen=True, slots=True)
class Delivery:
    outcome: Outcome
    why: str = ""
    unknown_topic: bool = False


SENT = Delivery(Outcome.SENT)
UNANSWERED = "no answer from Kafka"


class OrderedProducer:
    """Of the messages of one `send` that go to one partition, Kafka has taken the first ones, and none after
    one that it has not.

    An idempotent producer keeps that order by numbering what it sends. Where a number would be left out, this
    one ends, and another takes its place at the next `send`. Not for several threads.
    """

    def __init__(self, kafka: KafkaAccess, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._kafka = kafka
        self._answer_seconds = answer_seconds
        self._producer: Producer | None = None

    def send(self, messages: Sequence[Message], stop: threading.Event) -> list[Delivery]:
        """What became of each, in their order.

        Takes `answer_seconds` at most, and returns soon when `stop` is set.
        """
        told: dict[int, Delivery] = {}
        producer = self._producer or self._connect()
        for number, message in enumerate(messages):
            if not self._queue(producer, message, partial(_note, told, number)):
                break
        if not self._wait(producer, stop):
            self._end(producer)
        waits = Delivery(Outcome.WAITS, f"{UNANSWERED} within {self._answer_seconds:g} s")
        found = [told.get(number, waits) for number in range(len(messages))]
        if any(delivery.outcome is not Outcome.SENT for delivery in found):
            self._end(producer)
        return found

    def close(self) -> None:
        if self._producer is not None:
            self._end(self._producer)

    def _connect(self) -> Producer:
        from confluent_kafka import Producer

        self._producer = Producer(
            {
                **self._kafka.configuration,
                "client.id": "officeflow-relay",
                "acks": "all",
                "enable.idempotence": True,
                "enable.gapless.guarantee": True,
                "delivery.timeout.ms": (
                    0
                ),  # none of its own: one message that gives up alone would be overtaken
                "message.max.bytes": DLQ_MAX_MESSAGE_BYTES,
                "linger.ms": 2,
                "socket.timeout.ms": min(60_000, max(1000, int(self._answer_seconds * 1000))),
                "reconnect.backoff.max.ms": 1000,
                "topic.metadata.propagation.max.ms": int(UNKNOWN_TOPIC_SECONDS * 1000),
                "log_level": 2,
                "error_cb": (
                    _outcomes_tell
                ),  # without it, flush raises instead of serving the messages' own answers
            }
        )
        return self._producer

    def _queue(self, producer: Producer, message: Message, note: Callable[..., None]) -> bool:
        """False where no more fit into the producer's memory."""
        from confluent_kafka import KafkaException

        headers: Any = list(message.headers)
        try:
            producer.produce(message.topic, message.value, message.key, headers=headers, on_delivery=note)
        except KafkaException as error:
            note(error.args[0], None)
        except BufferError:
            return False
        return True

    def _wait(self, producer: Producer, stop: threading.Event) -> bool:
        """Until all have an answer; whether they have."""
        deadline = time.monotonic() + self._answer_seconds
        while _without_answer(producer):
            if stop.is_set() or time.monotonic() > deadline:
                return False
        return True

    def _end(self, producer: Producer) -> None:
        """Let go of it with all that it still holds; what is on its way may yet arrive."""
        self._producer = None
        producer.purge(in_flight=False)


def _without_answer(producer: Producer) -> int:
    """How many messages have no answer yet, after the time for a look.

    A producer that cannot keep the order gives up, which `flush` raises once, before the answers behind it
    are served. It sends nothing more: what it has not sent is answered now. (`flush` must not wait longer:
    from 0.2 s on it breaks what it raises.)
    """
    from confluent_kafka import KafkaException

    try:
        return producer.flush(LOOK_SECONDS)
    except KafkaException:
        producer.purge(in_flight=False)
        return producer.flush(LOOK_SECONDS)


def _outcomes_tell(error: KafkaError) -> None:
    """What goes wrong is told by what becomes of the messages."""
    del error


def _note(told: dict[int, Delivery], number: int, error: KafkaError | None, _: object) -> None:
    told[number] = SENT if error is None else _judge(error)


def _judge(error: KafkaError) -> Delivery:
    from confluent_kafka import KafkaError as Kinds

    code = error.code()
    if code in {
        Kinds.MSG_SIZE_TOO_LARGE,
        Kinds.INVALID_MSG_SIZE,
        Kinds.RECORD_LIST_TOO_LARGE,
        Kinds.INVALID_RECORD,
        Kinds.INVALID_TIMESTAMP,
    }:
        return Delivery(Outcome.REFUSED, error.str())
    if code in {Kinds.POLICY_VIOLATION, Kinds.UNSUPPORTED_FOR_MESSAGE_FORMAT, Kinds.TOPIC_EXCEPTION}:
        return Delivery(Outcome.REFUSED, error.str())
    if code in {
        Kinds._PURGE_QUEUE,  # noqa: SLF001 - so librdkafka names its own errors
        Kinds._PURGE_INFLIGHT,  # noqa: SLF001 - so librdkafka names its own errors
    }:
        return Delivery(Outcome.WAITS, UNANSWERED)
    unknown = {Kinds._UNKNOWN_TOPIC, Kinds._UNKNOWN_PARTITION, Kinds.UNKNOWN_TOPIC_OR_PART}  # noqa: SLF001
    return Delivery(Outcome.WAITS, error.str(), unknown_topic=code in unknown)
