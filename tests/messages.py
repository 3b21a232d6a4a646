"""What Kafka has on a topic."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from confluent_kafka import Message

    from officeflow.kafka_access import KafkaAccess

LIMIT = 180
"""Seconds after which what has not come is not waited for."""


def headers_of(message: Message) -> dict[str, str]:
    given: Any = message.headers() or []
    return {name: value.decode() for name, value in given}


def received(
    access: KafkaAccess, topic: str, number: int = 1
) -> list[tuple[bytes | None, bytes | None, dict[str, str]]]:
    """Key, value and headers of the first messages of a topic; fewer than `number` where no more come."""
    from confluent_kafka import Consumer

    consumer = Consumer(
        {**access.configuration, "group.id": f"test-{secrets.token_hex(4)}", "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([topic])
    found: list[tuple[bytes | None, bytes | None, dict[str, str]]] = []
    deadline = time.monotonic() + LIMIT
    while len(found) < number and time.monotonic() < deadline:
        message = consumer.poll(0.5)
        if message is not None and message.error() is None:
            found.append((message.key(), message.value(), headers_of(message)))
    consumer.close()
    return found
