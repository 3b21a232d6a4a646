from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import func, update

from listeners.steward import outbox_relay
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, OutboxMessage
from officeflow.events import topics
from officeflow.events.documents import HEADERS
from officeflow.kafka_access import KafkaAccess
from tests.listeners.airflow_api import LOGIN, AirflowServer
from tests.listeners.conftest import eventually
from tests.listeners.processes import running
from tests.listeners.steward.relaying import SOURCE, Outbox, first_seen, relay_to, told

REQUEST, RESULT, METRICS = topics.NODE_EXECUTE_REQUEST, topics.NODE_EXECUTE_RESULT, topics.METRICS_EVENTS


@pytest.fixture
def outbox(database: Database, org: Organization, kafka_access: KafkaAccess) -> Outbox:
    topics.create_topics(kafka_access, None)
    return Outbox(database, org.org_id)


def test_a_message_leaves_as_a_cloud_event_with_the_payload_as_its_value(
    outbox: Outbox, kafka_access: KafkaAccess
) -> None:
    outbox.add(employee="E 7/ü", payload={"node": "a", "list": [1, None, "ü"]})
    (row,) = outbox.rows()
    assert relay_to(kafka_access, outbox.database).relay() == 1
    (message,) = told(kafka_access, outbox.org_id, [REQUEST])
    assert message.key == f"{outbox.org_id}:E 7/ü"
    assert message.data == {"node": "a", "list": [1, None, "ü"]}
    assert message.headers == {
        "ce_specversion": "1.0",
        "ce_id": str(row.message_id),
        "ce_source": SOURCE,
        "ce_type": "officeflow.node.execute.request",
        "ce_subject": "employee:E 7/ü",
        "ce_time": row.created_at.isoformat().replace("+00:00", "Z"),
        "ce_organizationid": str(outbox.org_id),
        "ce_correlationid": "c-1",
        "content-type": "application/json",
    }
    assert message.headers.keys() == HEADERS.keys()
    assert outbox.rows()[0].sent_at is not None
    assert outbox.lag().waiting == 0


def test_what_was_sent_is_not_sent_again(outbox: Outbox, kafka_access: KafkaAccess) -> None:
    outbox.add(3)
    relay = relay_to(kafka_access, outbox.database)
    assert [relay.relay() for _ in range(3)] == [3, 0, 0]
    assert len(told(kafka_access, outbox.org_id, [REQUEST])) == 3


@pytest.mark.rounds(5)
def test_each_persons_messages_keep_their_order_while_several_relays_are_at_it(
    outbox: Outbox, kafka_access: KafkaAccess
) -> None:
    """And while others are being written."""
    people, rounds = [f"E{n}" for n in range(12)], 60
    stop = threading.Event()
    done = [0] * 3

    def relay(number: int) -> None:
        mine = relay_to(kafka_access, outbox.database, stop=stop)
        while not stop.is_set():
            done[number] += mine.relay()
            stop.wait(0.002)

    threads = [threading.Thread(target=relay, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(rounds):
        for person in people:
            outbox.add(2, employee=person)
    while outbox.lag().waiting:
        stop.wait(0.05)
    stop.set()
    for thread in threads:
        thread.join()
    assert sum(done) == outbox.written
    by_person = defaultdict(list)
    for message in first_seen(told(kafka_access, outbox.org_id, [REQUEST])):
        by_person[message.data["employee"]].append(message.data["number"])
    assert sum(map(len, by_person.values())) == outbox.written
    assert all(numbers == sorted(numbers) for numbers in by_person.values())


KILLED = """
import os, signal, sys, threading
from officeflow.database.engine import Database
from officeflow.events import outbox
from officeflow.settings import load_settings
from tests.listeners.steward.relaying import relay_to

outbox.mark_sent = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
relay_to(load_settings().kafka, Database(sys.argv[1])).relay()
"""


@pytest.mark.crash
def test_a_relay_killed_between_kafka_and_its_record_loses_nothing_and_doubles_are_known_by_their_id(
    outbox: Outbox, kafka_access: KafkaAccess, database_url: str
) -> None:
    outbox.add(20)
    command, environment = (
        [sys.executable, "-c", KILLED, database_url],
        {**os.environ, **kafka_access.environment},
    )
    assert [
        subprocess.run(command, env=environment, check=False, timeout=60).returncode for _ in range(2)
    ] == [-signal.SIGKILL] * 2
    outbox.add(5)
    assert relay_to(kafka_access, outbox.database).relay() == 25
    messages = told(kafka_access, outbox.org_id, [REQUEST])
    assert len(messages) == 65
    assert [message.data["number"] for message in first_seen(messages)] == list(range(1, 26))


def test_a_sent_result_is_followed_by_its_measurement(outbox: Outbox, kafka_access: KafkaAccess) -> None:
    payload = {
        "run_id": "r",
        "node": "a",
        "employee": "E1",
        "status": "SUCCEEDED",
        "attempt": 2,
        "seconds": 0.25,
    }
    outbox.add(topic=RESULT, payload=payload)
    assert relay_to(kafka_access, outbox.database).relay() == 2
    (measured,) = told(kafka_access, outbox.org_id, [METRICS])
    assert (measured.key, measured.headers["ce_type"]) == (str(outbox.org_id), "officeflow.metrics.node")
    assert (measured.data["state"], measured.data["tries"], measured.data["seconds"]) == (
        "SUCCEEDED",
        2,
        0.25,
    )


def test_the_steward_relays_and_its_health_file_says_that_nothing_waits(
    outbox: Outbox, kafka_access: KafkaAccess, database_url: str, airflow: AirflowServer, tmp_path: Path
) -> None:
    environment = {
        "OFFICEFLOW_HOME": str(tmp_path),
        "OFFICEFLOW_DATABASE_URL": database_url,
        **kafka_access.environment,
        "OFFICEFLOW_AIRFLOW_URL": airflow.url,
        "OFFICEFLOW_AIRFLOW_USERNAME": LOGIN["username"],
        "OFFICEFLOW_AIRFLOW_PASSWORD": LOGIN["password"],
    }
    health = tmp_path / "health" / "steward.json"
    outbox.add(3)
    with running("steward", environment, tmp_path / "log") as process:
        eventually(lambda: outbox.lag().waiting == 0)
        idle = {"waiting": 0, "oldest_seconds": 0.0, "set_aside": 0}
        eventually(lambda: health.exists() and json.loads(health.read_text()).get("outbox") == idle)
        assert process.stop() == 0
    assert len(told(kafka_access, outbox.org_id, [REQUEST])) == 3


def test_old_messages_are_pruned_in_portions(outbox: Outbox) -> None:
    outbox.add(outbox_relay.PRUNE_AT_ONCE + 1)
    with outbox.database.service() as session:
        session.execute(update(OutboxMessage).values(sent_at=func.now() - dt.timedelta(days=8)))
    assert (
        outbox_relay.prune(outbox.database, older_than=dt.timedelta(days=7)) == outbox_relay.PRUNE_AT_ONCE + 1
    )
    assert outbox.rows() == []
