"""Which Kafka topics hold messages about a person, and until when: nothing can be taken out of a topic."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from officeflow.errors import Unavailable
from officeflow.events import topics
from officeflow.kafka_access import KafkaAccess
from officeflow.privacy.remains import FOR_EVER, Remaining

SECONDS = 10.0
ABOUT_NOBODY = frozenset({topics.AUDIT_ANCHORS, topics.METRICS_EVENTS})
WHOLE = "their events as the HR system sent them, with what is sensitive"
ABOUT = "that runs and nodes acted for them: the identifier, and what may be shown of outputs"


def remaining(kafka: KafkaAccess, slug: str, *, at: dt.datetime) -> list[Remaining]:
    """Each topic that may hold messages about a person of the organization which are from before `at`, and
    when Kafka has removed the last of them. Where Kafka does not answer, that is not known.
    """
    named = dict(_named(slug))
    try:
        kept = _retention(kafka, list(named))
    except Unavailable as error:
        until = f"not known: {error.message}"
        return [
            Remaining(f"Kafka topic {name}", what, until, "its retention") for name, what in named.items()
        ]
    return [
        Remaining(f"Kafka topic {name}", what, _until(kept[name], at), "its retention")
        for name, what in named.items()
        if name in kept
    ]


def _named(slug: str) -> Iterator[tuple[str, str]]:
    for topic in topics.topics_of(slug):
        yield topic.name, WHOLE
    for topic in topics.topics_of(None):
        if topic.name.removeprefix(topics.DLQ_PREFIX) not in ABOUT_NOBODY:
            yield topic.name, ABOUT


def _until(milliseconds: int, at: dt.datetime) -> str:
    if milliseconds < 0:
        return FOR_EVER
    end = at + dt.timedelta(milliseconds=milliseconds)
    return f"about {end.astimezone(dt.UTC).isoformat(timespec='minutes')}"


def _retention(kafka: KafkaAccess, names: list[str]) -> Mapping[str, int]:
    """`retention.ms` of each of these topics that there is."""
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

    client = AdminClient({**kafka.configuration, "socket.timeout.ms": int(SECONDS * 1000), "log_level": 2})
    try:
        there = client.list_topics(timeout=SECONDS).topics
        asked = [ConfigResource(ResourceType.TOPIC, name) for name in names if name in there]
        if not asked:
            return {}
        found = client.describe_configs(asked, request_timeout=SECONDS)
        return {
            resource.name: int(entries.result()["retention.ms"].value) for resource, entries in found.items()
        }
    except KafkaException as error:
        raise Unavailable(f"Kafka at {kafka} did not answer: {error.args[0].str()}") from error
