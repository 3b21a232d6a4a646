from __future__ import annotations

import threading
from collections import defaultdict

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.events import topics
from tests.listeners.relaying import SOURCE, Outbox, first_seen, relay_to, told

REQUEST, RESULT, METRICS = topics.NODE_EXECUTE_REQUEST, topics.NODE_EXECUTE_RESULT, topics.METRICS_EVENTS


@pytest.fixture
def outbox(database: Database, org: Organization, kafka_bootstrap: str) -> Outbox:
    topics.create_topics(kafka_bootstrap, None)
    return Outbox(database, org.org_id)


def test_a_message_leaves_as_a_cloud_event_with_the_payload_as_its_value(outbox: Outbox, kafka_bootstrap: str) -> None:
    outbox.add(employee="E 7/ü", payload={"node": "a", "list": [1, None, "ü"]})
    (row,) = outbox.rows()
    assert relay_to(kafka_bootstrap, outbox.database).relay() == 1
    (message,) = told(kafka_bootstrap, outbox.org_id, [REQUEST])
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
    assert outbox.rows()[0].sent_at is not None
    assert outbox.lag().waiting == 0


def test_what_was_sent_is_not_sent_again(outbox: Outbox, kafka_bootstrap: str) -> None:
    outbox.add(3)
    relay = relay_to(kafka_bootstrap, outbox.database)
    assert [relay.relay() for _ in range(3)] == [3, 0, 0]
    assert len(told(kafka_bootstrap, outbox.org_id, [REQUEST])) == 3


def test_each_persons_messages_keep_their_order_while_several_relays_are_at_it(outbox: Outbox, kafka_bootstrap: str) -> None:
    """And while others are being written."""
    people, rounds = [f"E{n}" for n in range(12)], 60
    stop = threading.Event()
    done = [0] * 3

    def relay(number: int) -> None:
        mine = relay_to(kafka_bootstrap, outbox.database, stop=stop)
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
    for message in first_seen(told(kafka_bootstrap, outbox.org_id, [REQUEST])):
        by_person[message.data["employee"]].append(message.data["number"])
    assert sum(map(len, by_person.values())) == outbox.written
    assert all(numbers == sorted(numbers) for numbers in by_person.values())
