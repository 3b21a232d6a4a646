"""How far a consumer group is behind, asked without joining it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from officeflow.errors import Unavailable
from officeflow.kafka_access import KafkaAccess

if TYPE_CHECKING:
    from concurrent.futures import Future

    from confluent_kafka import Consumer, TopicPartition
    from confluent_kafka.admin import AdminClient


@dataclass(frozen=True, slots=True)
class GroupLag:
    """`behind`: messages that are not committed yet, by topic; topics without any are left out.

    `topics`: how many the group reads.
    """

    group: str
    topics: int
    behind: Mapping[str, int] = field(default_factory=dict)

    @property
    def messages(self) -> int:
        return sum(self.behind.values())


def group_lag(kafka: KafkaAccess, group: str, pattern: str, *, timeout: float = 5.0) -> GroupLag:
    """Of the topics that match `pattern`.

    What the group never committed counts from its beginning, as the listener reads it.

    `Unavailable` when the brokers do not answer within `timeout` seconds. What passes by itself,
    such as a leader that changes, is asked again.
    """
    from confluent_kafka import KafkaException

    asking = Retrying(
        retry=retry_if_exception(_passes_by_itself),
        stop=stop_after_delay(timeout),
        wait=wait_fixed(0.1),
        reraise=True,
    )
    try:
        with _clients(kafka, group, timeout) as clients:
            return asking(_group_lag, clients, group, pattern)
    except KafkaException as error:
        raise Unavailable(f"Kafka at {kafka} does not answer: {error.args[0].str()}") from error


@dataclass(frozen=True, slots=True)
class _Clients:
    """`consumer` has the group's name and joins nothing. It is there because librdkafka's admin client ends
    the process where the group's coordinator is not ready (librdkafka issue 5040).
    """

    admin: AdminClient
    consumer: Consumer
    until: float
    """When, by `time.monotonic`, all answers must be there."""

    @property
    def seconds(self) -> float:
        """How long the next one may take."""
        return max(0.1, self.until - time.monotonic())


@contextmanager
def _clients(kafka: KafkaAccess, group: str, timeout: float) -> Iterator[_Clients]:
    from confluent_kafka import Consumer
    from confluent_kafka.admin import AdminClient

    settings = {**kafka.configuration, "socket.timeout.ms": int(timeout * 1000), "log_level": 2}
    consumer = Consumer({**settings, "group.id": group, "enable.auto.commit": False})
    try:
        yield _Clients(AdminClient(settings), consumer, time.monotonic() + timeout)
    finally:
        consumer.close()


def _passes_by_itself(error: BaseException) -> bool:
    """A partition that was just made, or that moves, has no leader yet, and the client may still know the
    former one; so it is with the broker that keeps what the group has committed.
    """
    from confluent_kafka import KafkaError, KafkaException

    passing = {
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
    }
    return isinstance(error, KafkaException) and error.args[0].code() in passing


def _group_lag(clients: _Clients, group: str, pattern: str) -> GroupLag:
    from confluent_kafka import TopicPartition

    known = clients.admin.list_topics(timeout=clients.seconds).topics
    names = [name for name in known if re.match(pattern, name)]
    partitions = [TopicPartition(name, number) for name in names for number in known[name].partitions]
    return GroupLag(group, len(names), _behind(clients, partitions) if partitions else {})


def _behind(clients: _Clients, partitions: Sequence[TopicPartition]) -> dict[str, int]:
    from confluent_kafka.admin import OffsetSpec

    spec = cast("Any", OffsetSpec)  # the library annotates none of it
    committed = _committed(clients, partitions)
    newest = _offsets(clients, partitions, spec.latest())
    fresh = [each for each in partitions if committed.get((each.topic, each.partition), -1) < 0]
    oldest = _offsets(clients, fresh, spec.earliest()) if fresh else {}
    behind: dict[str, int] = {}
    for (topic, number), end in newest.items():
        lag = end - oldest.get((topic, number), committed.get((topic, number), end))
        if lag > 0:
            behind[topic] = behind.get(topic, 0) + lag
    return behind


def _committed(clients: _Clients, partitions: Sequence[TopicPartition]) -> dict[tuple[str, int], int]:
    """Negative where the group has committed nothing."""
    from confluent_kafka import KafkaException

    told = clients.consumer.committed(list(partitions), timeout=clients.seconds)
    if wrong := next((each.error for each in told if each.error), None):
        raise KafkaException(wrong)
    return {(each.topic, each.partition): each.offset for each in told}


def _offsets(
    clients: _Clients, partitions: Sequence[TopicPartition], spec: Any
) -> dict[tuple[str, int], int]:
    futures: Mapping[TopicPartition, Future[Any]] = clients.admin.list_offsets(
        dict.fromkeys(partitions, spec), request_timeout=clients.seconds
    )
    return {(each.topic, each.partition): future.result().offset for each, future in futures.items()}
