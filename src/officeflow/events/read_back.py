"""Reading what lies on a topic, all of it, without joining a group."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from officeflow.errors import Unavailable
from officeflow.kafka_access import KafkaAccess

if TYPE_CHECKING:
    from confluent_kafka import Consumer, TopicPartition


def values_of(
    access: KafkaAccess, topic: str, keys: Collection[bytes], *, timeout: float = 10.0
) -> dict[bytes, list[bytes]]:
    """For each of the keys the values of all messages on `topic` that have it, in their order; none where
    there is no such topic.

    `Unavailable` where the brokers do not answer, or do not go on, within `timeout` seconds.
    """
    from confluent_kafka import Consumer, KafkaException

    consumer = Consumer(
        {
            **access.configuration,
            "group.id": "officeflow-reader",  # the client wants one; nothing is committed
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "socket.timeout.ms": int(timeout * 1000),
            "log_level": 2,
        }
    )
    try:
        partitions = _partitions(consumer, topic, timeout)
        values: dict[bytes, list[bytes]] = {key: [] for key in keys}
        for key, value in _messages(consumer, partitions, timeout):
            if key in values:
                values[key].append(value)
        return values
    except KafkaException as error:
        raise Unavailable(f"{topic} cannot be read from Kafka at {access}: {error.args[0].str()}") from error
    finally:
        consumer.close()


def _partitions(consumer: Consumer, topic: str, timeout: float) -> list[TopicPartition]:
    from confluent_kafka import OFFSET_BEGINNING, KafkaError, KafkaException, TopicPartition

    found = consumer.list_topics(topic, timeout=timeout).topics[topic]
    if found.error is not None:
        if found.error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return []
        raise KafkaException(found.error)
    return [TopicPartition(topic, number, OFFSET_BEGINNING) for number in found.partitions]


def _messages(
    consumer: Consumer, partitions: Sequence[TopicPartition], timeout: float
) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of every message up to the present end of each partition."""
    from confluent_kafka import KafkaError, KafkaException

    consumer.assign(list(partitions))
    left = {partition.partition for partition in partitions}
    while left:
        message = consumer.poll(timeout)
        if message is None:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))  # noqa: SLF001 - so librdkafka names its own errors
        problem = message.error()
        if problem is None:
            yield message.key() or b"", message.value() or b""
        elif problem.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
            left.discard(message.partition() or 0)
        else:
            raise KafkaException(problem)
