"""Topics on a real broker."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from officeflow.errors import Unavailable
from officeflow.events import topics
from officeflow.events.message import Message
from officeflow.events.producer import EventProducer
from officeflow.kafka_access import KafkaAccess


def eventually(condition: Callable[[], bool]) -> None:
    """A broker learns some moments later what the controller has made."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.1)


def settings_of(access: KafkaAccess, topic: str) -> dict[str, str]:
    resource = ConfigResource(ResourceType.TOPIC, topic)
    admin = AdminClient(access.configuration)  # it ends what it was asked with itself
    (future,) = admin.describe_configs([resource]).values()
    return {name: entry.value for name, entry in future.result().items()}


def limit_of(access: KafkaAccess, topic: str) -> int:
    """0 where the broker does not know the topic yet."""
    resource = ConfigResource(ResourceType.TOPIC, topic)
    admin = AdminClient(access.configuration)
    (future,) = admin.describe_configs([resource]).values()
    try:
        return int(future.result()["max.message.bytes"].value)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise
        return 0


def partitions_at(access: KafkaAccess) -> dict[str, int]:
    admin = AdminClient(access.configuration)
    return {name: len(topic.partitions) for name, topic in admin.list_topics(timeout=30).topics.items()}


def test_the_topics_of_an_organization_are_created_once(kafka_access: KafkaAccess) -> None:
    slug = f"t{secrets.token_hex(4)}"
    created = topics.create_topics(kafka_access, slug)
    assert set(created) == {f"{prefix}{kind}.{slug}" for kind in topics.KINDS for prefix in ("", "dlq.")}
    assert topics.create_topics(kafka_access, slug) == []


def test_the_shared_topics_have_their_partitions(kafka_access: KafkaAccess) -> None:
    topics.create_topics(kafka_access, None)
    wanted = {topic.name: topic.partitions for topic in topics.topics_of(None)}
    eventually(lambda: wanted.items() <= partitions_at(kafka_access).items())


def test_a_topic_that_was_there_already_lets_large_messages_through_too(kafka_access: KafkaAccess) -> None:
    slug = f"t{secrets.token_hex(4)}"
    name = topics.lifecycle_topic("employee.exit", slug)
    admin = AdminClient(kafka_access.configuration)
    admin.create_topics([NewTopic(name, 1, config={"max.message.bytes": "1000"})])[name].result()
    assert name not in topics.create_topics(kafka_access, slug)
    eventually(lambda: limit_of(kafka_access, name) == topics.MAX_MESSAGE_BYTES)
    eventually(lambda: limit_of(kafka_access, f"dlq.{name}") == topics.DLQ_MAX_MESSAGE_BYTES)


def test_without_a_broker_creating_topics_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        topics.create_topics(KafkaAccess("127.0.0.1:1"), None, timeout=0.5)


def test_what_the_broker_does_not_take_is_told(kafka_access: KafkaAccess) -> None:
    producer = EventProducer(kafka_access, timeout=2)
    with pytest.raises(Unavailable):
        producer.send([Message(topic=f"nobody-{secrets.token_hex(4)}", partition=-1, offset=-1, value=b"x")])
    with pytest.raises(Unavailable):
        producer.send(
            [Message(topic="t", partition=-1, offset=-1, value=b"x" * (topics.DLQ_MAX_MESSAGE_BYTES + 1))]
        )


FOR_EVER = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}


def test_kafka_never_removes_an_anchor_of_the_audit_log(kafka_access: KafkaAccess) -> None:
    """Also where somebody made the topic shorter-lived: the next call corrects it."""
    topics.create_topics(kafka_access, None)
    eventually(lambda: limit_of(kafka_access, topics.AUDIT_ANCHORS) > 0)
    assert FOR_EVER.items() <= settings_of(kafka_access, topics.AUDIT_ANCHORS).items()
    entry = ConfigEntry("retention.ms", "1000", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topics.AUDIT_ANCHORS, incremental_configs=[entry])
    admin = AdminClient(kafka_access.configuration)
    for future in admin.incremental_alter_configs([resource]).values():
        future.result()
    topics.create_topics(kafka_access, None)
    eventually(lambda: FOR_EVER.items() <= settings_of(kafka_access, topics.AUDIT_ANCHORS).items())
