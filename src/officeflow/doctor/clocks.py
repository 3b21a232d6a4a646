"""The clocks of the servers against this machine's: event times, retries and heartbeats are compared across
them.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import time
from collections.abc import Callable, Iterator

import httpx
from sqlalchemy import text

from officeflow.database.engine import Database
from officeflow.doctor.finding import Check, Finding, Subject, ok, problem
from officeflow.errors import Unavailable
from officeflow.kafka_access import KafkaAccess

AREA = "clocks"
MOST_SKEW = 2.0
PROBE_TOPIC = "officeflow.clock"
"""Where the broker puts its own time on a message: one partition, kept for an hour, read by nobody."""


def skew(ask: Callable[[], float]) -> float:
    """Seconds by which the clock that `ask` reads is ahead of ours, as seen half-way through asking."""
    before = time.time()
    there = ask()
    return there - (before + time.time()) / 2


def judged(whose: str, ahead: float, *, precision: float = 0.0) -> Finding:
    """`precision` is half of the smallest step in which the clock was told."""
    if abs(ahead) > MOST_SKEW + precision:
        word = "ahead of" if ahead > 0 else "behind"
        return problem(
            f"the clock of {whose} is {abs(ahead):.1f} s {word} this machine's",
            "let both take their time from NTP",
        )
    return ok(f"{whose}: {abs(ahead):.1f} s from this machine's clock")


def postgres(subject: Subject) -> Iterator[Finding]:
    with Database.from_settings(subject.known) as database, database.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        ahead = skew(lambda: float(connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())"))))
    yield judged("PostgreSQL", ahead)


def airflow(subject: Subject) -> Iterator[Finding]:
    address = f"{subject.known.airflow_url.rstrip('/')}/api/v2/monitor/health"

    def ask() -> float:
        """Whole seconds, cut off: in the middle of them on average."""
        told = httpx.get(address, timeout=5.0, trust_env=False).headers.get("date", "")
        return email.utils.parsedate_to_datetime(told).timestamp() + 0.5

    yield judged("Airflow's API", skew(ask), precision=0.5)


def kafka(subject: Subject) -> Iterator[Finding]:
    from confluent_kafka import KafkaException, Producer

    access = subject.known.kafka
    _ensure_probe_topic(access)
    producer = Producer({**access.configuration, "delivery.timeout.ms": 4000, "log_level": 2})
    seen: list[int] = []

    def ask() -> float:
        producer.produce(
            PROBE_TOPIC,
            b"",
            on_delivery=lambda error, message: None if error else seen.append(message.timestamp()[1]),
        )
        producer.flush(5.0)
        if not seen:
            raise Unavailable("Kafka took no message")
        return seen[-1] / 1000

    try:
        ask()  # the first one pays for the connection
        yield judged("Kafka", skew(ask))
    except KafkaException as error:
        raise Unavailable(f"Kafka took no message: {error.args[0].str()}") from error


def _ensure_probe_topic(access: KafkaAccess) -> None:
    from confluent_kafka import KafkaError, KafkaException
    from confluent_kafka.admin import AdminClient, NewTopic

    config = {
        "message.timestamp.type": "LogAppendTime",
        "retention.ms": str(int(dt.timedelta(hours=1).total_seconds() * 1000)),
    }
    client = AdminClient({**access.configuration, "socket.timeout.ms": 4000, "log_level": 2})
    try:
        client.create_topics([NewTopic(PROBE_TOPIC, num_partitions=1, config=config)], request_timeout=4)[
            PROBE_TOPIC
        ].result()
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise Unavailable(f"the topic {PROBE_TOPIC} cannot be made: {error.args[0].str()}") from error


CHECKS = (
    Check(area=AREA, name="postgres", examine=postgres, needs=("database.reachable",)),
    Check(area=AREA, name="airflow", examine=airflow, needs=("airflow.answers",)),
    Check(area=AREA, name="kafka", examine=kafka, needs=("brokers.kafka",)),
)
