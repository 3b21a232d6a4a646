"""The listener as a process, between a real Kafka and a real PostgreSQL."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, text

from officeflow.database.engine import Database
from officeflow.database.tables import DeadLetter, InboxEvent, Organization
from officeflow.events import topics
from officeflow.events.message import Message
from officeflow.events.producer import Envelope, EventProducer, NewEvent, compose
from officeflow.kafka_access import KafkaAccess
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import START, Kafka, event, eventually, number_of, publish_to
from tests.listeners.inbound.raw_producer import send_raw
from tests.listeners.processes import Process, killed_at, running
from tests.messages import received

Environment = dict[str, str]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "listener.log"


@pytest.fixture
def listener(environment: Environment, log: Path) -> Iterator[Process]:
    with running("inbound", environment, log) as process:
        yield process


@pytest.fixture
def dag_id(database: Database, tenant: Organization, airflow: AirflowServer) -> str:
    """Of a workflow that every onboarding starts."""
    found = publish_to(database, tenant, "all")
    airflow.dags.add(found)
    return found


def dead_letters(access: KafkaAccess, topic: str, number: int) -> list[tuple[bytes | None, dict[str, str]]]:
    """The first messages of the topic's dead-letter topic: value and headers."""
    return [(value, headers) for _, value, headers in received(access, f"dlq.{topic}", number)]


@pytest.mark.usefixtures("listener")
def test_the_same_event_a_hundred_times_starts_one_run(
    database: Database, kafka: Kafka, airflow: AirflowServer, dag_id: str
) -> None:
    kafka.send(*[event(1)] * 100, event(2, employee="E2"))
    eventually(lambda: number_of(database, InboxEvent, status="DISPATCHED") == 2)
    assert {dag for dag, _ in airflow.runs} == {dag_id}
    assert len(airflow.runs) == airflow.posts == 2
    assert number_of(database, DeadLetter) == 0


@pytest.mark.usefixtures("listener")
def test_all_three_envelopes_arrive(
    database: Database, kafka: Kafka, kafka_access: KafkaAccess, tenant: Organization
) -> None:
    new = [
        NewEvent(
            kind=kind,
            organization=tenant.slug,
            employee="E1",
            payload={"title": "x"},
            time=START,
            source="hr",
        )
        for kind in topics.KINDS
    ]
    EventProducer(kafka_access).send(
        compose(one, org_id=tenant.org_id, envelope=envelope) for one in new for envelope in Envelope
    )
    eventually(lambda: number_of(database, InboxEvent) == 8)
    with database.service() as session:
        kinds = session.scalars(select(InboxEvent.kind)).all()
    assert sorted(kinds) == sorted([kind for kind in topics.KINDS for _ in range(2)]), (
        "structured and binary are one event, bare is another"
    )
    assert number_of(database, DeadLetter) == 0


BAD: dict[str, tuple[str, bytes]] = {
    "not JSON": ("not_json", b"{hello"),
    "wrong types": ("invalid_attribute", json.dumps({**event(), "id": 7}).encode()),
    "unknown kind": ("unknown_kind", json.dumps({**event(), "type": "employee.promote"}).encode()),
    "unknown organization": (
        "unknown_organization",
        json.dumps({**event(), "organizationid": "nobody"}).encode(),
    ),
    "2 MB": ("too_large", json.dumps({**event(), "data": {"note": "x" * 2_000_000}}).encode()),
    "no id": (
        "missing_attribute",
        json.dumps({name: value for name, value in event().items() if name != "id"}).encode(),
    ),
    "a date that is none": (
        "invalid_payload",
        json.dumps({**event(), "data": {"start_date": "2026-02-30"}}).encode(),
    ),
    "a time that is none": ("invalid_time", json.dumps({**event(), "time": "2026-13-01T00:00:00Z"}).encode()),
    "same id, other content": (
        "content_changed",
        json.dumps({**event(1), "data": {"title": "other"}}).encode(),
    ),
}


@pytest.mark.usefixtures("listener")
def test_every_kind_of_bad_event_is_quarantined_and_on_its_dead_letter_topic_and_the_consumer_goes_on(
    database: Database, kafka: Kafka, kafka_access: KafkaAccess, tenant: Organization
) -> None:
    kafka.send(event(1), *(body for _, body in BAD.values()), event(2))
    eventually(lambda: number_of(database, InboxEvent) == 2)
    with database.service() as session:
        letters = session.scalars(select(DeadLetter).order_by(DeadLetter.offset)).all()
    assert [letter.reason for letter in letters] == [reason for reason, _ in BAD.values()]
    assert [letter.offset for letter in letters] == list(range(1, 1 + len(BAD)))
    assert {(letter.topic, letter.partition) for letter in letters} == {
        (f"employee.onboard.{tenant.slug}", 0)
    }
    assert [letter.body for letter in letters] == [body for _, body in BAD.values()]
    found = dead_letters(kafka_access, f"employee.onboard.{tenant.slug}", len(BAD))
    assert {value for value, _ in found} == {body for _, body in BAD.values()}
    assert {headers["officeflow-reason"] for _, headers in found} == {reason for reason, _ in BAD.values()}


@pytest.mark.usefixtures("listener")
def test_a_message_of_nearly_8_mib_is_quarantined(
    database: Database, kafka_access: KafkaAccess, tenant: Organization
) -> None:
    topic = f"employee.exit.{tenant.slug}"
    largest = b"x" * (topics.MAX_MESSAGE_BYTES - 1000)
    EventProducer(kafka_access).send([Message(topic=topic, partition=-1, offset=-1, value=largest)])
    found = dead_letters(kafka_access, topic, 1)
    assert [value for value, _ in found] == [largest]
    assert number_of(database, DeadLetter, reason="too_large") == 1


def test_tombstones_are_counted_and_hold_nothing(
    database: Database,
    kafka: Kafka,
    kafka_access: KafkaAccess,
    tenant: Organization,
    environment: Environment,
    log: Path,
    tmp_path: Path,
) -> None:
    """They are ordinary on a compacted topic."""
    topic = f"employee.onboard.{tenant.slug}"
    EventProducer(kafka_access).send(
        Message(topic=topic, partition=-1, offset=-1, value=None) for _ in range(300)
    )
    kafka.send(event(1))
    health = tmp_path / "health" / "lifecycle_events.json"
    with running("inbound", environment, log) as process:
        eventually(lambda: number_of(database, InboxEvent) == 1)
        eventually(lambda: json.loads(health.read_text()).get("passed_over") == {topic: 300})
        assert json.loads(health.read_text())["held"] == []
        assert "the topic is held" not in process.text
    assert number_of(database, DeadLetter) == 0


def test_a_message_that_the_database_refuses_for_an_unforeseen_reason_stops_nobody(
    database: Database, kafka: Kafka, environment: Environment, log: Path
) -> None:
    with database.engine.begin() as connection:
        connection.execute(
            text("ALTER TABLE inbox_events ADD CONSTRAINT unforeseen CHECK (employee_key <> 'poison')")
        )
    kafka.send(event(1), event(2, employee="poison"), event(3), b"{")
    with running("inbound", environment, log):
        eventually(lambda: number_of(database, DeadLetter) == 2)
    assert number_of(database, InboxEvent) == 2
    assert number_of(database, DeadLetter, reason="unstorable", offset=1) == 1
    assert number_of(database, DeadLetter, reason="not_json", offset=3) == 1


@pytest.mark.usefixtures("listener")
def test_a_header_whose_name_is_not_utf_8_stops_nobody(
    database: Database, kafka: Kafka, kafka_access: KafkaAccess, tenant: Organization
) -> None:
    topic = f"employee.onboard.{tenant.slug}"
    send_raw(kafka_access, topic, json.dumps(event(1)).encode(), header=b"\xff\xfe")
    kafka.send(event(2))
    eventually(lambda: number_of(database, InboxEvent) == 1)
    assert number_of(database, DeadLetter, reason="invalid_attribute", offset=0) == 1


@pytest.mark.usefixtures("listener")
def test_topics_that_appear_later_are_read_from_their_beginning(
    database: Database, kafka: Kafka, kafka_access: KafkaAccess, tenant: Organization
) -> None:
    kafka.send(event(1))
    eventually(lambda: number_of(database, InboxEvent) == 1)
    late = Organization(
        org_id=tenant.org_id.__class__(int=tenant.org_id.int ^ 1),
        slug=f"{tenant.slug}-b",
        name="b",
        domain=f"b.{tenant.domain}",
    )
    with database.service() as session:
        session.add(late)
    topics.create_topics(kafka_access, late.slug)
    Kafka(kafka_access, late.slug).send(event(1))
    eventually(lambda: number_of(database, InboxEvent, org_id=late.org_id) == 1)


@pytest.mark.crash
def test_killed_between_the_insert_and_the_commit_of_the_offset_nothing_is_lost_or_doubled(
    database: Database, kafka: Kafka, environment: Environment, log: Path, airflow: AirflowServer, dag_id: str
) -> None:
    kafka.send(*(event(n, employee=f"E{n}") for n in range(20)), b"{")
    assert (
        killed_at("listeners.inbound.kafka", "module.Source", "commit", environment, log) == -signal.SIGKILL
    )
    assert number_of(database, InboxEvent) > 0, "the insert was done"
    with running("inbound", environment, log):
        eventually(lambda: number_of(database, InboxEvent, status="DISPATCHED") == 20)
        eventually(lambda: number_of(database, DeadLetter) == 1)
    assert len(airflow.runs) == 20
    assert number_of(database, InboxEvent) == 20
    assert {dag for dag, _ in airflow.runs} == {dag_id}


@pytest.mark.crash
def test_killed_between_asking_airflow_and_noting_it_nothing_is_lost_or_doubled(
    database: Database, kafka: Kafka, environment: Environment, log: Path, airflow: AirflowServer, dag_id: str
) -> None:
    kafka.send(event(1))
    assert killed_at("officeflow.events.inbox", "module", "dispatched", environment, log) == -signal.SIGKILL
    assert len(airflow.runs) == 1
    assert number_of(database, InboxEvent, status="RECEIVED") == 1
    with running("inbound", environment, log):
        eventually(lambda: number_of(database, InboxEvent, status="DISPATCHED") == 1)
    assert len(airflow.runs) == 1
    assert airflow.posts == 2, "it asked again and heard that the run is there"
    assert {dag for dag, _ in airflow.runs} == {dag_id}


@pytest.mark.crash
@pytest.mark.rounds(5)
def test_killed_again_and_again_at_any_moment_every_event_has_its_one_run(
    database: Database,
    kafka: Kafka,
    environment: Environment,
    log: Path,
    airflow: AirflowServer,
    dag_id: str,
    round_number: int,
) -> None:
    kafka.send(*(event(n, employee=f"E{n % 20}", minute=n) for n in range(150)))
    moments = random.Random(7 + round_number)

    def has_gone_on(before: int) -> bool:
        return len(airflow.runs) > before or number_of(database, InboxEvent, status="RECEIVED") == 0

    for _ in range(4):
        process = Process("inbound", environment, log)
        before = len(airflow.runs)
        eventually(partial(has_gone_on, before))
        time.sleep(moments.random() / 2)
        process.kill()
    with running("inbound", environment, log):
        eventually(lambda: number_of(database, InboxEvent, status="DISPATCHED") == 150)
    assert len(airflow.runs) == 150
    assert {dag for dag, _ in airflow.runs} == {dag_id}


@pytest.mark.rounds(5)
def test_two_listeners_share_the_work_and_double_nothing(
    database: Database,
    kafka: Kafka,
    environment: Environment,
    log: Path,
    airflow: AirflowServer,
    dag_id: str,
    tmp_path: Path,
) -> None:
    second = {**environment, "OFFICEFLOW_HOME": str(tmp_path / "second")}
    with (
        running("inbound", environment, log),
        running("inbound", second, tmp_path / "second.log"),
    ):
        kafka.send(*(event(n, employee=f"E{n}") for n in range(60)))
        kafka.send(*(event(n, employee=f"E{n}", kind="employee.exit", minute=60) for n in range(100, 160)))
        eventually(
            lambda: (
                number_of(database, InboxEvent) - number_of(database, InboxEvent, status="RECEIVED") == 120
            )
        )
    assert len(airflow.runs) == 60
    assert {dag for dag, _ in airflow.runs} == {dag_id}


@pytest.mark.usefixtures("listener")
def test_events_wait_while_airflow_is_away(
    database: Database, kafka: Kafka, airflow: AirflowServer, dag_id: str
) -> None:
    airflow.stop()
    kafka.send(*(event(n, employee=f"E{n}") for n in range(10)))
    eventually(lambda: number_of(database, InboxEvent) == 10)
    assert number_of(database, InboxEvent, status="RECEIVED") == 10
    airflow.start()
    eventually(lambda: number_of(database, InboxEvent, status="DISPATCHED") == 10)
    assert len(airflow.runs) == 10
    assert {dag for dag, _ in airflow.runs} == {dag_id}


def test_a_flood_of_bad_messages_holds_its_topic_and_no_other(
    database: Database, kafka: Kafka, environment: Environment, log: Path
) -> None:
    few = {
        "OFFICEFLOW_LISTENER_FLOOD_LIMIT": "10",
        "OFFICEFLOW_LISTENER_FLOOD_WAIT": "3600",
        "OFFICEFLOW_LISTENER_BATCH_MESSAGES": "5",
    }
    kafka.send(*[b"bad"] * 200)
    with running("inbound", {**environment, **few}, log) as process:
        eventually(lambda: "the topic is held" in process.text)
        kafka.send(event(1, kind="employee.exit"))
        eventually(lambda: number_of(database, InboxEvent) == 1)
        assert number_of(database, DeadLetter) < 100
    with running("inbound", environment, log):
        eventually(lambda: number_of(database, DeadLetter) >= 100)


def test_it_says_that_it_is_alive_and_ends_in_good_order_when_asked(
    database: Database, kafka: Kafka, environment: Environment, log: Path, tmp_path: Path
) -> None:
    health = tmp_path / "health" / "lifecycle_events.json"
    process = Process("inbound", environment, log)
    try:
        kafka.send({**event(1), "correlationid": "hire-1"})
        eventually(lambda: number_of(database, InboxEvent, status="IGNORED") == 1)
        eventually(lambda: json.loads(health.read_text())["state"] == "reading")
        told = json.loads(health.read_text())
        assert told["pid"] == process.pid
        assert f"employee.onboard.{kafka.slug}" in told["topics"]
    finally:
        assert process.stop() == 0
    assert not health.exists()
    lines = [json.loads(line) for line in process.text.splitlines()]
    (received,) = [line for line in lines if line["event"] == "event received"]
    assert (received["correlation_id"], received["process"]) == ("hire-1", "lifecycle_events")
    (dispatched,) = [line for line in lines if line["event"] == "event dispatched"]
    assert dispatched["correlation_id"] == "hire-1"


def test_wrong_settings_are_told_and_end_it(environment: Environment, log: Path) -> None:
    process = Process("inbound", {**environment, "OFFICEFLOW_LISTENER_DISPATCHERS": "0"}, log)
    assert process.wait() == 2
    assert "OFFICEFLOW_LISTENER_DISPATCHERS" in process.text
