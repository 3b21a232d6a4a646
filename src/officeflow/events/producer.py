"""Writes to Kafka: lifecycle events in any of the three envelopes, and messages as they are."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from officeflow import canonical_json
from officeflow.errors import Unavailable
from officeflow.events.message import Message
from officeflow.events.topics import DLQ_MAX_MESSAGE_BYTES, lifecycle_topic, org_key
from officeflow.kafka_access import KafkaAccess

if TYPE_CHECKING:
    from confluent_kafka import KafkaError

NOWHERE = -1
"""Partition and offset of a message that is not in Kafka yet."""


class Envelope(enum.StrEnum):
    STRUCTURED = "structured"
    BINARY = "binary"
    BARE = "bare"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """A lifecycle event to be sent.

    `organization` is the slug; a bare event loses its id, source and correlation id.
    """

    kind: str
    organization: str
    employee: str
    payload: Mapping[str, Any] = field(repr=False)
    time: dt.datetime
    source: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    correlation_id: str | None = None


def compose(
    event: NewEvent, *, org_id: uuid.UUID | None, envelope: Envelope = Envelope.STRUCTURED
) -> Message:
    """The message that carries `event`, keyed by the organization's UUID."""
    topic = lifecycle_topic(event.kind, event.organization)
    key = None if org_id is None else org_key(org_id).encode()
    if envelope is Envelope.BARE:
        return Message(topic=topic, partition=NOWHERE, offset=NOWHERE, key=key, value=_bare(event))
    value, headers = _cloud_event(event, envelope)
    return Message(
        topic=topic, partition=NOWHERE, offset=NOWHERE, key=key, value=value, headers=tuple(headers.items())
    )


def _bare(event: NewEvent) -> bytes:
    return canonical_json.encode(
        {
            "type": event.kind,
            "organizationId": event.organization,
            "employeeId": event.employee,
            "payload": dict(event.payload),
            "timestamp": event.time.isoformat(),
        }
    )


def _cloud_event(event: NewEvent, envelope: Envelope) -> tuple[bytes, dict[str, bytes]]:
    from cloudevents.core.bindings.kafka import to_binary_event, to_structured_event
    from cloudevents.core.v1.event import CloudEvent

    attributes = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.kind,
        "subject": event.employee,
        "time": event.time,
        "datacontenttype": "application/json",
        "organizationid": event.organization,
        "correlationid": event.correlation_id or event.id,
    }
    write = to_binary_event if envelope is Envelope.BINARY else to_structured_event
    message = write(CloudEvent(attributes, dict(event.payload)))
    return message.value, message.headers


class EventProducer:
    """A Kafka producer whose `send` returns when the brokers have the messages.

    Safe to share between threads.
    """

    def __init__(self, kafka: KafkaAccess, *, timeout: float = 15.0) -> None:
        from confluent_kafka import Producer

        self._kafka = kafka
        self._timeout = timeout
        self._told: deque[KafkaError] = deque(maxlen=20)
        self._producer = Producer(
            {
                **kafka.configuration,
                "client.id": "officeflow",
                "enable.idempotence": True,
                "message.max.bytes": DLQ_MAX_MESSAGE_BYTES,
                "delivery.timeout.ms": int(timeout * 1000),
                "linger.ms": 2,
                "error_cb": self._told.append,  # not a method: the client and its owner would keep each other
            },
        )

    def send(self, messages: Iterable[Message]) -> None:
        """Returning means that every message is in Kafka.

        `Unavailable`: at least one may not be, and all may be sent again.
        """
        from confluent_kafka import KafkaException

        failures: list[str] = []

        def delivered(error: KafkaError | None, _: object) -> None:
            if error is not None:
                failures.append(error.str())

        try:
            for message in messages:
                headers: Any = list(message.headers)
                self._producer.produce(
                    message.topic, message.value, message.key, headers=headers, on_delivery=delivered
                )
            left = self._producer.flush(self._timeout + 5)
        except (KafkaException, BufferError) as error:
            raise Unavailable(f"Kafka at {self._kafka} did not take a message: {error}") from error
        if failures or left:
            reason = self._refusal() or (failures[0] if failures else "no answer")
            raise Unavailable(
                f"Kafka at {self._kafka} did not take {len(failures) + left} message(s): {reason}"
            )

    def _refusal(self) -> str:
        """A login that is refused is tried again until the messages' time is over, and they say only that."""
        from confluent_kafka import KafkaError as Kinds

        refused = any(error.code() == Kinds._AUTHENTICATION for error in self._told)  # noqa: SLF001 - so librdkafka names its own errors
        self._told.clear()
        return f"the login {self._kafka.username!r} is refused" if refused else ""
