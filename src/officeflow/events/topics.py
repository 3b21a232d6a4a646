"""Kafka topics: a closed set, each with the key that it is partitioned by.

Keys carry the organization's UUID (and the HR system's identifier of the person), topic names the
organization's slug.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from officeflow.errors import InvalidInput, Unavailable
from officeflow.ids import is_slug
from officeflow.kafka_access import KafkaAccess

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient

MAX_MESSAGE_BYTES = 8 * 1024 * 1024
"""What topics and clients let through: more than an event may have, so that one that is too large can be
quarantined.
"""

DLQ_MAX_MESSAGE_BYTES = MAX_MESSAGE_BYTES + 64 * 1024
"""A message on a dead-letter topic carries headers of ours beside its own."""

EMPLOYEE_ONBOARD = "employee.onboard"
EMPLOYEE_EXIT = "employee.exit"
EMPLOYEE_TRANSFER = "employee.transfer"
EMPLOYEE_UPDATE = "employee.update"
KINDS = (EMPLOYEE_ONBOARD, EMPLOYEE_EXIT, EMPLOYEE_TRANSFER, EMPLOYEE_UPDATE)
"""The kinds of lifecycle events; each organization has a topic for each."""

LIFECYCLE_PATTERN = r"^employee\.(onboard|exit|transfer|update)\..+"
"""The subscription of the lifecycle listener, as librdkafka wants it."""

LIFECYCLE_GROUP = "officeflow.lifecycle"
"""The consumer group of the lifecycle listeners, unless they are told another."""

WORKFLOW_RUN_REQUEST = "workflow.run.request"
WORKFLOW_RUN_PAUSE = "workflow.run.pause"
WORKFLOW_RUN_RESUME = "workflow.run.resume"
WORKFLOW_RUN_CANCEL = "workflow.run.cancel"
WORKFLOW_RUN_RESULT = "workflow.run.result"
NODE_EXECUTE_REQUEST = "node.execute.request"
NODE_EXECUTE_RESULT = "node.execute.result"
NODE_EXECUTE_RETRY = "node.execute.retry"
IDENTITY_PROVISION_REQUEST = "identity.provision.request"
IDENTITY_PROVISION_RESULT = "identity.provision.result"
EMAIL_SEND_REQUEST = "email.send.request"
EMAIL_SEND_RESULT = "email.send.result"
CALENDAR_SCHEDULE_REQUEST = "calendar.schedule.request"
CALENDAR_SCHEDULE_RESULT = "calendar.schedule.result"
AUDIT_EVENTS = "audit.events"
AUDIT_ANCHORS = "audit.anchors"
METRICS_EVENTS = "metrics.events"
DLQ_PREFIX = "dlq."

BY_ORG = "organization_id"
BY_PERSON = "organization_id:employee_id"


@dataclass(frozen=True, slots=True)
class Topic:
    """`key` is what its messages are partitioned by: `BY_ORG` or `BY_PERSON`.

    `kept_for_ever` says that Kafka never removes any.
    """

    name: str
    key: str
    partitions: int
    description: str
    kept_for_ever: bool = False


TOPICS = (
    Topic(WORKFLOW_RUN_REQUEST, BY_ORG, 3, "Someone asks for a workflow run, or a run has begun or ended."),
    Topic(WORKFLOW_RUN_PAUSE, BY_ORG, 3, "A run is to be paused."),
    Topic(WORKFLOW_RUN_RESUME, BY_ORG, 3, "A paused run is to go on."),
    Topic(WORKFLOW_RUN_CANCEL, BY_ORG, 3, "A run is to be cancelled and undone."),
    Topic(WORKFLOW_RUN_RESULT, BY_ORG, 3, "What became of what was asked for."),
    Topic(NODE_EXECUTE_REQUEST, BY_PERSON, 6, "A node begins its act."),
    Topic(NODE_EXECUTE_RESULT, BY_PERSON, 6, "A node's act has ended, with its output or error."),
    Topic(NODE_EXECUTE_RETRY, BY_PERSON, 6, "A node will try again."),
    Topic(IDENTITY_PROVISION_REQUEST, BY_PERSON, 6, "An account is about to be created or changed."),
    Topic(IDENTITY_PROVISION_RESULT, BY_PERSON, 6, "What became of it."),
    Topic(EMAIL_SEND_REQUEST, BY_PERSON, 6, "A mail is about to be sent."),
    Topic(EMAIL_SEND_RESULT, BY_PERSON, 6, "What became of it."),
    Topic(CALENDAR_SCHEDULE_REQUEST, BY_PERSON, 6, "A meeting is about to be scheduled or cancelled."),
    Topic(CALENDAR_SCHEDULE_RESULT, BY_PERSON, 6, "What became of it."),
    Topic(AUDIT_EVENTS, BY_ORG, 3, "The audit log, as it is chained."),
    Topic(
        AUDIT_ANCHORS,
        BY_ORG,
        3,
        "The heads of the audit log, by which it is known later that nothing was cut off.",
        kept_for_ever=True,
    ),
    Topic(METRICS_EVENTS, BY_ORG, 3, "Measurements of runs and nodes."),
)
"""The topics that all organizations share."""

LIFECYCLE_PARTITIONS = 1
"""A lifecycle topic belongs to one organization and is keyed by it, so a second partition would stay empty.
"""


def lifecycle_topic(kind: str, org: str) -> str:
    """The topic of one organization's events of one kind.

    `org` is its slug, or its UUID, which is accepted too.
    """
    if kind not in KINDS:
        raise InvalidInput(f"{kind!r} is not a kind of lifecycle event", hint=f"one of {', '.join(KINDS)}")
    if not is_slug(org) and not _is_uuid(org):
        raise InvalidInput(f"{org!r} is neither an organization's slug nor its UUID")
    return f"{kind}.{org}"


def split_lifecycle_topic(topic: str) -> tuple[str, str] | None:
    """Kind and organization (slug or UUID) of a lifecycle topic; None where `topic` is none."""
    for kind in KINDS:
        if topic.startswith(f"{kind}.") and len(topic) > len(kind) + 1:
            return kind, topic[len(kind) + 1 :]
    return None


def dlq_topic(topic: str) -> str:
    """Where the messages of `topic` go that could not be taken."""
    return f"{DLQ_PREFIX}{topic}"


def org_key(org_id: uuid.UUID) -> str:
    return str(org_id)


def person_key(org_id: uuid.UUID, employee: str) -> str:
    """`employee` is the HR system's identifier of the person; all messages about a person are in one
    partition, in order.
    """
    return f"{org_id}:{employee}"


def topics_of(slug: str | None) -> tuple[Topic, ...]:
    """The topics of one organization, or with None those that all share; each with its dead-letter topic."""
    own = TOPICS if slug is None else tuple(_lifecycle(kind, slug) for kind in KINDS)
    return (
        *own,
        *(Topic(dlq_topic(t.name), t.key, 1, f"Messages of {t.name} that could not be taken.") for t in own),
    )


def create_topics(kafka: KafkaAccess, slug: str | None, *, timeout: float = 30.0) -> list[str]:
    """Create what is missing of `topics_of(slug)`, and let messages of 8 MiB through those that exist
    already.

    Safe to repeat and to run from several processes. Returns the names that were created now.
    `Unavailable` when the brokers do not answer within `timeout` seconds.
    """
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    # What goes wrong is raised: librdkafka need not print every attempt to connect as well.
    client = AdminClient({**kafka.configuration, "socket.timeout.ms": int(timeout * 1000), "log_level": 2})
    wanted = topics_of(slug)
    try:
        created = _create(client, wanted, timeout)
        _correct(client, [topic for topic in wanted if topic.name not in created], timeout)
    except KafkaException as error:
        raise Unavailable(f"Kafka at {kafka} did not create the topics: {error.args[0].str()}") from error
    return created


def _create(client: AdminClient, wanted: Iterable[Topic], timeout: float) -> list[str]:
    from confluent_kafka import KafkaError, KafkaException
    from confluent_kafka.admin import NewTopic

    new = [
        NewTopic(topic.name, num_partitions=topic.partitions, config=configuration(topic)) for topic in wanted
    ]
    created = []
    for name, future in client.create_topics(new, operation_timeout=timeout, request_timeout=timeout).items():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
        else:
            created.append(name)
    return created


def _correct(client: AdminClient, wanted: list[Topic], timeout: float) -> None:
    """A topic that a producer created by writing to it has the broker's limits."""
    from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

    def entries(topic: Topic) -> list[ConfigEntry]:
        return [
            ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
            for name, value in configuration(topic).items()
        ]

    resources = [
        ConfigResource(ResourceType.TOPIC, topic.name, incremental_configs=entries(topic)) for topic in wanted
    ]
    if resources:
        for future in client.incremental_alter_configs(resources, request_timeout=timeout).values():
            future.result()


def configuration(topic: Topic) -> dict[str, str]:
    """What differs from the broker's defaults."""
    for_ever = (
        {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
        if topic.kept_for_ever
        else {}
    )
    return {"max.message.bytes": max_bytes(topic.name), **for_ever}


def max_bytes(topic: str) -> str:
    return str(DLQ_MAX_MESSAGE_BYTES if topic.startswith(DLQ_PREFIX) else MAX_MESSAGE_BYTES)


def _lifecycle(kind: str, slug: str) -> Topic:
    return Topic(lifecycle_topic(kind, slug), BY_ORG, LIFECYCLE_PARTITIONS, f"{kind} events of {slug}.")


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
