"""`officeflow doctor` and `status`, and Kafka."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.doctor import brokers, clocks
from officeflow.doctor.examination import subject_of
from officeflow.doctor.finding import Finding, Outcome, Subject
from officeflow.errors import Unavailable
from officeflow.events import topics
from officeflow.events.message import Message
from officeflow.events.producer import NOWHERE, EventProducer
from officeflow.ids import new_id
from officeflow.kafka_access import KafkaAccess
from officeflow.layout import Layout
from officeflow.monitoring.consumer_lag import group_lag
from officeflow.tenants import organizations
from tests.listeners.conftest import eventually

pytestmark = pytest.mark.integration

KAFKAS_OWN_LIMIT = "1048588"
"""What a topic has that a producer made by writing to it, where the broker's own limit was left as Kafka
comes.
"""

FINE, WARNED, WRONG = Outcome.OK, Outcome.WARNING, Outcome.PROBLEM


@pytest.fixture
def company(database: Database) -> Organization:
    """An organization whose topics nobody else uses."""
    slug = f"doc-{new_id().hex[:8]}"
    with database.service() as session:
        return organizations.create(session, slug=slug, name="Doc", domain=f"{slug}.example")


@pytest.fixture
def subject(
    company: Organization,
    database_url: str,
    kafka_access: KafkaAccess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Subject:
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", database_url)
    for name, value in kafka_access.environment.items():
        monkeypatch.setenv(name, value)
    topics.create_topics(kafka_access, None)
    return subject_of(Layout(home=tmp_path, servers=tmp_path))


# What the brokers were just told takes a moment until all of them know it: hence `eventually`.


def outcomes(findings: Iterator[Finding]) -> list[Outcome]:
    return [finding.outcome for finding in findings]


def test_missing_topics_are_a_problem_until_they_are_made(
    subject: Subject, company: Organization, kafka_access: KafkaAccess
) -> None:
    assert outcomes(brokers.kafka(subject)) == [FINE]
    eventually(lambda: outcomes(brokers.kafka_topics(subject)) == [FINE, WRONG])
    _, own = brokers.kafka_topics(subject)
    assert f"employee.onboard.{company.slug}" in own.says
    assert own.do == f"./officeflow org topics {company.slug}"
    topics.create_topics(kafka_access, company.slug)
    eventually(lambda: outcomes(brokers.kafka_topics(subject)) == [FINE, FINE])
    assert outcomes(brokers.limits(subject)) == [FINE]


def test_a_login_that_kafka_refuses_is_said(
    subject: Subject, kafka_access: KafkaAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_KAFKA_PASSWORD", "wrong")
    with pytest.raises(Unavailable, match="refuses the login 'officeflow'"):
        list(brokers.kafka(subject_of(subject.layout)))
    message = Message(topic=topics.NODE_EXECUTE_RESULT, partition=-1, offset=-1, value=b"x")
    with pytest.raises(Unavailable, match="the login 'officeflow' is refused"):
        EventProducer(replace(kafka_access, password="wrong"), timeout=2).send([message])


def test_a_topic_that_a_producer_made_lets_too_little_through(
    subject: Subject, company: Organization, kafka_access: KafkaAccess
) -> None:
    from confluent_kafka.admin import AdminClient, NewTopic

    name = topics.lifecycle_topic(topics.EMPLOYEE_EXIT, company.slug)
    client = AdminClient(kafka_access.configuration)
    client.create_topics([NewTopic(name, num_partitions=1, config={"max.message.bytes": KAFKAS_OWN_LIMIT})])[
        name
    ].result()
    eventually(lambda: outcomes(brokers.limits(subject)) == [WRONG])
    (found,) = brokers.limits(subject)
    assert name in found.says
    topics.create_topics(kafka_access, company.slug)
    eventually(lambda: outcomes(brokers.limits(subject)) == [FINE])


def test_the_brokers_clock_is_read_from_a_message_that_it_stamped(subject: Subject) -> None:
    assert outcomes(clocks.kafka(subject)) == [FINE]


def test_what_a_group_has_not_committed_is_its_lag(company: Organization, kafka_access: KafkaAccess) -> None:
    from confluent_kafka import Consumer, TopicPartition

    topics.create_topics(kafka_access, company.slug)
    topic = topics.lifecycle_topic(topics.EMPLOYEE_EXIT, company.slug)
    pattern, group = rf"^employee\.\w+\.{company.slug}$", f"group-{company.slug}"
    eventually(lambda: group_lag(kafka_access, group, pattern).topics == 4)
    assert group_lag(kafka_access, group, pattern).messages == 0
    message = Message(topic=topic, partition=NOWHERE, offset=NOWHERE, key=None, value=b"{}")
    EventProducer(kafka_access).send([message] * 3)
    lag = group_lag(kafka_access, group, pattern)
    assert dict(lag.behind) == {topic: 3}
    consumer = Consumer({**kafka_access.configuration, "group.id": group})
    consumer.commit(offsets=[TopicPartition(topic, 0, 2)], asynchronous=False)
    consumer.close()
    assert dict(group_lag(kafka_access, group, pattern).behind) == {topic: 1}


def test_what_groups_are_behind_that_their_brokers_have_never_heard_of(
    company: Organization, kafka_access: KafkaAccess
) -> None:
    """Each name may be kept by a partition that is only being loaded, as a new broker's first ones are."""
    topics.create_topics(kafka_access, company.slug)
    pattern = rf"^employee\.\w+\.{company.slug}$"
    eventually(lambda: group_lag(kafka_access, "nobody", pattern).topics == 4)
    names = [f"{company.slug}-{number}" for number in range(12)]
    assert {group_lag(kafka_access, name, pattern).messages for name in names} == {0}
