"""The relay while Kafka is away, or is there and does not answer."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import Unavailable
from officeflow.events import topics
from officeflow.kafka_access import KafkaAccess
from officeflow.stack.stack import Stack
from officeflow.stack.supervision import control
from tests.listeners.airflow_api import LOGIN, AirflowServer
from tests.listeners.conftest import eventually
from tests.listeners.processes import running
from tests.listeners.steward.relaying import Outbox, first_seen, relay_to, told

NOBODY = KafkaAccess("127.0.0.1:1")
REQUEST = topics.NODE_EXECUTE_REQUEST


@pytest.fixture
def outbox(database: Database, org: Organization) -> Outbox:
    return Outbox(database, org.org_id)


@pytest.fixture
def silent() -> Iterator[KafkaAccess]:
    """The address of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield KafkaAccess(f"127.0.0.1:{server.getsockname()[1]}")


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_without_kafka_messages_wait(outbox: Outbox) -> None:
    outbox.add(3)
    with pytest.raises(
        Unavailable, match=r"messages wait in the outbox: node\.execute\.request: no answer from Kafka"
    ):
        relay_to(NOBODY, outbox.database, answer_seconds=1).relay()
    assert outbox.lag().waiting == 3
    assert all(row.last_error is None for row in outbox.rows())


def test_a_server_that_accepts_and_never_answers_holds_the_relay_for_its_time_and_no_longer(
    outbox: Outbox, silent: KafkaAccess
) -> None:
    outbox.add(3)
    relay = relay_to(silent, outbox.database, answer_seconds=1)
    for _ in range(2):
        with pytest.raises(Unavailable, match="no answer from Kafka"):
            relay.relay()
    relay.close()
    assert outbox.lag().waiting == 3


def test_a_relay_that_waits_for_an_answer_stops_when_asked(outbox: Outbox, silent: KafkaAccess) -> None:
    outbox.add()
    stop = threading.Event()
    relay = relay_to(silent, outbox.database, answer_seconds=600, stop=stop)
    thread = threading.Thread(target=relay.relay)
    thread.start()
    time.sleep(0.3)
    stop.set()
    thread.join(60)
    assert not thread.is_alive()
    assert outbox.lag().waiting == 1


def test_a_broker_that_stands_still_gets_everything_in_order_once_it_goes_on(
    outbox: Outbox, kafka_access: KafkaAccess, backing: Callable[[str], Stack]
) -> None:
    topics.create_topics(kafka_access, None)
    (broker,) = [
        service for service in control.status(backing("kafka").layout).services if service.name == "kafka"
    ]
    assert broker.pid is not None
    relay = relay_to(kafka_access, outbox.database, answer_seconds=3)

    def sent() -> bool:
        try:
            relay.relay()
        except Unavailable:
            return False
        return outbox.lag().waiting == 0

    outbox.add(5)
    eventually(sent)
    with stopped(broker.pid):
        for _ in range(2):
            outbox.add(5)
            with pytest.raises(Unavailable, match="no answer from Kafka"):
                relay.relay()
        assert outbox.lag().waiting == 10
    outbox.add(5)
    eventually(sent)
    numbers = [message.data["number"] for message in first_seen(told(kafka_access, outbox.org_id, [REQUEST]))]
    assert numbers == list(range(1, 21))


def test_the_stewards_health_file_tells_that_messages_wait_and_why(
    outbox: Outbox, database_url: str, airflow: AirflowServer, silent: KafkaAccess, tmp_path: Path
) -> None:
    outbox.add(2)
    environment = {
        "OFFICEFLOW_HOME": str(tmp_path),
        "OFFICEFLOW_DATABASE_URL": database_url,
        **silent.environment,
        "OFFICEFLOW_AIRFLOW_URL": airflow.url,
        "OFFICEFLOW_AIRFLOW_USERNAME": LOGIN["username"],
        "OFFICEFLOW_AIRFLOW_PASSWORD": LOGIN["password"],
    }
    health = tmp_path / "health" / "steward.json"
    with running("steward", environment, tmp_path / "steward.log") as process:
        eventually(
            lambda: health.exists() and json.loads(health.read_text()).get("outbox", {}).get("waiting") == 2
        )
        eventually(
            lambda: (
                "no answer from Kafka" in json.loads(health.read_text())["failing"].get("outbox-relay", "")
            )
        )
        assert json.loads(health.read_text())["outbox"]["oldest_seconds"] > 0
        assert process.stop() == 0
