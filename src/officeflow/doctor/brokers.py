"""Redis or Valkey, and Kafka with its topics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from officeflow.counts import counted
from officeflow.database.engine import Database
from officeflow.doctor.finding import Check, Finding, Subject, ok, problem, warning
from officeflow.errors import Unavailable
from officeflow.events import topics
from officeflow.program import typed
from officeflow.stack.servers import valkey
from officeflow.tenants import organizations

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient

AREA = "brokers"
SECONDS = 5.0


def redis(subject: Subject) -> Iterator[Finding]:
    if valkey.answers_at(subject.known.redis_url.get_secret_value()):
        yield ok("Redis answers")
    else:
        yield problem(
            "Redis does not answer: work goes on, without limits of sign-in, and with Celery no task is sent",
            "start it",
        )


def kafka(subject: Subject) -> Iterator[Finding]:
    brokers = _metadata(subject).brokers
    yield ok(f"Kafka at {subject.known.kafka} answers, {counted(len(brokers), 'broker')}")


def kafka_topics(subject: Subject) -> Iterator[Finding]:
    there = _metadata(subject).topics
    for slug in (None, *_slugs(subject)):
        wanted = topics.topics_of(slug)
        do = f"{typed('org topics')} {slug}" if slug else f"{typed('org topics SLUG')}, for any organization"
        whose = slug or "all organizations"
        missing = [topic.name for topic in wanted if topic.name not in there]
        few = [t for t in wanted if t.name in there and len(there[t.name].partitions) < t.partitions]
        if missing:
            yield problem(
                f"topics of {whose} are missing: {', '.join(missing[:6])}{' …' if len(missing) > 6 else ''}",
                do,
            )
        for topic in few:
            has = len(there[topic.name].partitions)
            yield warning(
                f"{topic.name} has {has} partitions instead of {topic.partitions}",
                "kafka-topics --alter --partitions raises it",
            )
        if not missing and not few:
            yield ok(f"{counted(len(wanted), 'topic')} of {whose}, with their partitions")


def limits(subject: Subject) -> Iterator[Finding]:
    """A topic that lets less through would keep a large message out of the quarantine."""
    there = _metadata(subject).topics
    wanted = {
        t.name: int(topics.max_bytes(t.name))
        for slug in (None, *_slugs(subject))
        for t in topics.topics_of(slug)
        if t.name in there
    }
    small = [
        name
        for name, limit in _message_limits(_client(subject), list(wanted)).items()
        if limit < wanted[name]
    ]
    if small:
        yield problem(
            f"{counted(len(small), 'topic')} with too low a limit: {', '.join(small[:6])}",
            f"{typed('org topics SLUG')} raises max.message.bytes",
        )
    else:
        yield ok(
            f"{counted(len(wanted), 'topic')}: messages of {topics.MAX_MESSAGE_BYTES // 2**20} MiB come"
            " through"
        )


def _client(subject: Subject, **more: Any) -> AdminClient:
    from confluent_kafka.admin import AdminClient

    configuration: dict[str, Any] = {
        **subject.known.kafka.configuration,
        "socket.timeout.ms": int(SECONDS * 1000),
        "log_level": 2,
        **more,
    }
    return AdminClient(configuration)


def _metadata(subject: Subject) -> Any:
    from confluent_kafka import KafkaError, KafkaException

    told: list[KafkaError] = []
    client = _client(subject, error_cb=told.append)
    try:
        return client.list_topics(timeout=SECONDS)
    except KafkaException as error:
        client.poll(0)  # what went wrong behind the time-out
        if any(each.code() == KafkaError._AUTHENTICATION for each in told):  # noqa: SLF001 - so librdkafka names its own errors
            hint = "OFFICEFLOW_KAFKA_USERNAME and OFFICEFLOW_KAFKA_PASSWORD say who signs in"
            raise Unavailable(
                f"Kafka at {subject.known.kafka} refuses the login {subject.known.kafka.username!r}",
                hint=hint,
            ) from error
        raise Unavailable(f"Kafka at {subject.known.kafka} does not answer: {error.args[0].str()}") from error


def _message_limits(client: AdminClient, names: list[str]) -> dict[str, int]:
    from confluent_kafka.admin import ConfigResource, ResourceType

    resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    if not resources:
        return {}
    described = client.describe_configs(resources, request_timeout=SECONDS)
    return {
        resource.name: int(future.result()["max.message.bytes"].value)
        for resource, future in described.items()
    }


def _slugs(subject: Subject) -> list[str]:
    with Database.from_settings(subject.known) as database, database.service() as session:
        return organizations.slugs(session)


CHECKS = (
    Check(area=AREA, name="redis", examine=redis, needs=("settings.readable",)),
    Check(area=AREA, name="kafka", examine=kafka, needs=("settings.readable",)),
    Check(area=AREA, name="topics", examine=kafka_topics, needs=("brokers.kafka", "database.revision")),
    Check(area=AREA, name="limits", examine=limits, needs=("brokers.kafka", "database.revision")),
)
