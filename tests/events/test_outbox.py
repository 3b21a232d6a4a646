"""The outbox in PostgreSQL."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import func, select, update

from officeflow.database.engine import Database
from officeflow.database.tables import Organization, OutboxMessage
from officeflow.events import metrics, outbox, topics
from officeflow.events.documents import ANNOUNCED

Add = Callable[..., None]


@pytest.fixture
def add(database: Database, org: Organization) -> Add:
    """`add(number, employee="E1", **values)`."""

    def added(number: int = 1, *, employee: str = "E1", **values: Any) -> None:
        with database.service() as session:
            for n in range(number):
                message = {
                    "topic": topics.NODE_EXECUTE_RESULT,
                    "key": topics.person_key(org.org_id, employee),
                    "type": "officeflow.node.execute.result",
                    "payload": {"number": n},
                    "correlation_id": "c",
                    "subject": f"employee:{employee}",
                }
                outbox.add(session, org_id=org.org_id, **{**message, **values})

    return added


def change(database: Database, **values: Any) -> None:
    with database.service() as session:
        first = select(func.min(OutboxMessage.position)).scalar_subquery()
        session.execute(update(OutboxMessage).where(OutboxMessage.position == first).values(**values))


def test_nothing_waits_in_an_empty_outbox(database: Database) -> None:
    with database.service() as session:
        assert outbox.lag(session) == outbox.Lag(waiting=0, oldest_seconds=0.0, set_aside=0)


def test_the_lag_counts_what_waits_and_how_long_and_what_was_set_aside(database: Database, add: Add) -> None:
    add(4)
    change(database, sent_at=func.now())
    with database.service() as session:
        second = select(func.min(OutboxMessage.position)).where(*outbox.WAITING).scalar_subquery()
        session.execute(
            update(OutboxMessage).where(OutboxMessage.position == second).values(set_aside_at=func.now())
        )
        session.execute(
            update(OutboxMessage)
            .where(*outbox.WAITING)
            .values(created_at=func.now() - dt.timedelta(minutes=2))
        )
    with database.service() as session:
        lag = outbox.lag(session)
    assert (lag.waiting, lag.set_aside) == (2, 1)
    assert lag.oldest_seconds >= 120


def test_a_tenants_lag_is_its_own(database: Database, add: Add) -> None:
    add()
    with database.tenant(uuid.uuid4()) as session:
        assert outbox.lag(session).waiting == 0


def waiting(
    database: Database, *, limit: int = 100, most_bytes: int = 10**6, held: Sequence[str] = ()
) -> list[outbox.Waiting]:
    with database.service() as session:
        return outbox.waiting(session, limit=limit, most_bytes=most_bytes, held=held)


def test_what_waits_is_read_in_its_order_as_json_text(database: Database, add: Add) -> None:
    add(3)
    found = waiting(database)
    assert [json.loads(each.data) for each in found] == [{"number": n} for n in range(3)]
    assert [each.key.rpartition(":")[2] for each in found] == ["E1"] * 3


def test_a_batch_is_limited_in_messages_and_in_bytes_and_holds_one_at_least(
    database: Database, add: Add
) -> None:
    add(3, payload={"text": "x" * 1000})
    assert len(waiting(database, limit=2)) == 2
    assert len(waiting(database, most_bytes=1500)) == 2, "the one that passes the limit is the last"
    assert len(waiting(database, most_bytes=1)) == 1


def test_held_topics_are_left_out(database: Database, add: Add) -> None:
    add(2)
    add(1, topic=topics.EMAIL_SEND_REQUEST)
    assert [each.topic for each in waiting(database, held=[topics.NODE_EXECUTE_RESULT])] == [
        topics.EMAIL_SEND_REQUEST
    ]


def test_what_was_sent_or_set_aside_does_not_wait(database: Database, add: Add) -> None:
    add(3)
    first, second, third = waiting(database)
    with database.service() as session:
        outbox.mark_sent(session, [first.message_id])
        outbox.set_aside(session, second.message_id, why="too large")
    assert [each.message_id for each in waiting(database)] == [third.message_id]
    with database.service() as session:
        aside = session.get_one(OutboxMessage, second.message_id)
    assert (aside.last_error, aside.attempts) == ("too large", 1)


def test_one_transaction_relays_at_a_time(database: Database) -> None:
    with database.service() as one, database.service() as other:
        assert [outbox.relay_alone(one), outbox.relay_alone(other)] == [True, False]
    with database.service() as other:
        assert outbox.relay_alone(other)


def test_old_sent_messages_are_pruned_and_others_stay(database: Database, add: Add) -> None:
    add(5)
    old, older, fresh, aside, unsent = waiting(database)
    with database.service() as session:
        outbox.mark_sent(session, [old.message_id, older.message_id, fresh.message_id])
        outbox.set_aside(session, aside.message_id, why="too large")
        long_ago = func.now() - dt.timedelta(days=8)
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.message_id != fresh.message_id)
            .values(created_at=long_ago)
        )
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.message_id.in_([old.message_id, older.message_id]))
            .values(sent_at=long_ago)
        )
    with database.service() as session:
        assert [outbox.prune(session, older_than=dt.timedelta(days=7), limit=1) for _ in range(3)] == [
            1,
            1,
            0,
        ]
        assert set(session.scalars(select(OutboxMessage.message_id))) == {
            fresh.message_id,
            aside.message_id,
            unsent.message_id,
        }


def test_a_nodes_result_gives_a_measurement_without_the_person(
    database: Database, add: Add, org: Organization
) -> None:
    result = {
        "run_id": "r-1",
        "node": "a",
        "employee": "E1",
        "status": "FAILED",
        "attempt": 3,
        "seconds": 1.5,
        "error": {"code": "rejected"},
    }
    add(payload=result)
    add(payload=result, topic=topics.NODE_EXECUTE_REQUEST)
    with database.service() as session:
        metrics.of_nodes(session, session.scalars(select(OutboxMessage.message_id)).all())
    (measured,) = [each for each in waiting(database) if each.topic == topics.METRICS_EVENTS]
    assert (measured.key, measured.type, measured.subject) == (
        str(org.org_id),
        outbox.MessageType.NODE_MEASURED,
        "run:r-1",
    )
    data = json.loads(measured.data)
    assert {name: data[name] for name in ("run_id", "node", "state", "tries", "seconds", "error")} == {
        "run_id": "r-1",
        "node": "a",
        "state": "FAILED",
        "tries": 3,
        "seconds": 1.5,
        "error": "rejected",
    }
    assert "E1" not in measured.data
    assert data.keys() == ANNOUNCED["nodeMeasured"].keys()
