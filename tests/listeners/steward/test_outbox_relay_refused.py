"""Messages that Kafka does not take: for good, or not now. Those beside them go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from listeners.steward.outbox_relay import Relay
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import Unavailable
from officeflow.events import topics
from officeflow.kafka_access import KafkaAccess
from tests.listeners.conftest import eventually
from tests.listeners.steward.relaying import Outbox, Told, first_seen, relay_to, told

NOBODY = KafkaAccess("127.0.0.1:1")
REQUEST, MAIL, CALENDAR = (
    topics.NODE_EXECUTE_REQUEST,
    topics.EMAIL_SEND_REQUEST,
    topics.CALENDAR_SCHEDULE_REQUEST,
)


@pytest.fixture
def outbox(database: Database, org: Organization, kafka_access: KafkaAccess) -> Outbox:
    topics.create_topics(kafka_access, None)
    return Outbox(database, org.org_id)


@contextmanager
def setting(access: KafkaAccess, topic: str, name: str, value: str, *, afterwards: str) -> Iterator[None]:
    """Of a topic, changed for some time."""
    change(access, topic, name, value)
    try:
        yield
    finally:
        change(access, topic, name, afterwards)


def change(access: KafkaAccess, topic: str, name: str, value: str) -> None:
    admin = AdminClient(access.configuration)
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    (done,) = admin.incremental_alter_configs(
        [ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])]
    ).values()
    done.result()
    eventually(lambda: value_of(admin, topic, name) == value)


def value_of(admin: AdminClient, topic: str, name: str) -> str:
    (now,) = admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]).values()
    return str(now.result()[name].value)


def delete(access: KafkaAccess, topic: str) -> None:
    admin = AdminClient(access.configuration)
    admin.delete_topics([topic])[topic].result()
    eventually(lambda: topic not in admin.list_topics(timeout=30).topics)


def numbers(messages: list[Told]) -> list[int]:
    return [message.data["number"] for message in first_seen(messages)]


def test_what_cannot_be_encoded_is_set_aside_and_its_neighbours_leave(
    outbox: Outbox, kafka_access: KafkaAccess
) -> None:
    outbox.add()
    outbox.add(subject="employee:E\x011")
    outbox.add()
    outbox.add(topic="no.such.topic")
    outbox.add(payload={"text": "x" * topics.MAX_MESSAGE_BYTES})
    outbox.add()
    assert relay_to(kafka_access, outbox.database).relay() == 6
    assert numbers(told(kafka_access, outbox.org_id, [REQUEST])) == [1, 3, 6]
    rows = outbox.rows()
    assert [row.set_aside_at is not None for row in rows] == [False, True, False, True, True, False]
    assert [row.last_error for row in rows if row.set_aside_at] == [
        "subject holds a control character, which a CloudEvent may not",
        "there is no topic 'no.such.topic'",
        rows[4].last_error,
    ]
    assert "more than the" in (rows[4].last_error or "")
    assert (outbox.lag().waiting, outbox.lag().set_aside) == (0, 3)


def test_what_the_broker_refuses_is_set_aside_and_its_neighbours_leave_in_order(
    outbox: Outbox, kafka_access: KafkaAccess
) -> None:
    """The broker refuses whole batches; each message then answers for itself."""
    relay = relay_to(kafka_access, outbox.database)
    with setting(
        kafka_access, REQUEST, "max.message.bytes", "4000", afterwards=str(topics.MAX_MESSAGE_BYTES)
    ):
        outbox.add(3)
        outbox.add(payload={"text": "x" * 6000})
        outbox.add(3)
        outbox.add(payload={"text": "x" * 6000})
        outbox.add(1, employee="E2")
        outbox.add(2, topic=MAIL)
        while outbox.lag().waiting:
            relay.relay()
    assert numbers(
        [each for each in told(kafka_access, outbox.org_id, [REQUEST]) if each.data["employee"] == "E1"]
    ) == [
        1,
        2,
        3,
        5,
        6,
        7,
    ]
    assert numbers(told(kafka_access, outbox.org_id, [MAIL])) == [10, 11]
    aside = [row for row in outbox.rows() if row.set_aside_at]
    assert len(aside) == 2
    assert all("too large" in (row.last_error or "").lower() for row in aside)


def test_a_topic_that_takes_nothing_now_does_not_hold_up_the_others(
    outbox: Outbox, kafka_access: KafkaAccess
) -> None:
    """It is not there, and the relay cannot create it. (One broker alone never lacks a replica: it asks for
    no more than there are.)
    """
    delete(kafka_access, CALENDAR)
    relay = relay_to(kafka_access, outbox.database, answer_seconds=4, create_at=NOBODY)
    outbox.add(2, topic=CALENDAR)
    outbox.add(2, topic=MAIL)
    with pytest.raises(Unavailable, match=r"calendar\.schedule\.request: "):
        relay.relay()
    assert numbers(told(kafka_access, outbox.org_id, [MAIL])) == [3, 4]
    outbox.add(1, topic=MAIL)
    with pytest.raises(Unavailable, match=r"calendar\.schedule\.request: "):
        relay.relay()
    assert numbers(told(kafka_access, outbox.org_id, [MAIL])) == [3, 4, 5]
    assert outbox.lag().waiting == 2
    topics.create_topics(kafka_access, None)
    outbox.add(1, topic=CALENDAR)
    eventually(lambda: not waits(outbox, relay))
    assert numbers(told(kafka_access, outbox.org_id, [CALENDAR])) == [1, 2, 6]


def test_a_topic_that_is_missing_is_created(outbox: Outbox, kafka_access: KafkaAccess) -> None:
    delete(kafka_access, MAIL)
    outbox.add(2, topic=MAIL)
    outbox.add(2)
    relay = relay_to(kafka_access, outbox.database)
    eventually(lambda: not waits(outbox, relay))
    assert numbers(told(kafka_access, outbox.org_id, [MAIL])) == [1, 2]
    assert numbers(told(kafka_access, outbox.org_id, [REQUEST])) == [3, 4]


def waits(outbox: Outbox, relay: Relay) -> int:
    """How many messages wait after another try."""
    with suppress(Unavailable):
        relay.relay()
    return outbox.lag().waiting
