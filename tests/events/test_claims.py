"""Whose turn it is: events are claimed person by person, in their order."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update

from officeflow.database.engine import Database
from officeflow.database.tables import InboxEvent, Organization
from officeflow.events import inbox
from tests.events.arriving import event, message, put


def claim_all(database: Database) -> list[str]:
    order: list[str] = []
    while True:
        with database.service() as session:
            found = inbox.claim(session)
            if found is None:
                return order
            order.append(found.event_id)
            inbox.dispatched(session, found, [])


def test_a_persons_events_are_claimed_in_the_order_of_their_times_then_arrival(
    database: Database, org: Organization
) -> None:
    put(
        database,
        *(
            message(event(number, minute=minute), number)
            for number, minute in [(1, 5), (2, 1), (3, 9), (4, 1)]
        ),
    )
    assert claim_all(database) == ["2", "4", "1", "3"]


def test_one_claim_at_a_time_per_person_and_others_are_not_held_up(
    database: Database, org: Organization
) -> None:
    put(
        database,
        message(event(1, employee="E1"), 1),
        message(event(2, employee="E1", minute=1), 2),
        message(event(3, employee="E2"), 3),
    )
    with database.service() as one, database.service() as two, database.service() as three:
        first, second = inbox.claim(one), inbox.claim(two)
        assert first is not None
        assert second is not None
        assert {first.event_id, second.event_id} == {"1", "3"}
        assert inbox.claim(three) is None


def test_an_earlier_event_that_arrives_late_waits_for_the_one_that_is_claimed(
    database: Database, org: Organization
) -> None:
    put(database, message(event(1, minute=5), 1))
    with database.service() as one:
        assert inbox.claim(one) is not None
        put(database, message(event(2, minute=1), 2))
        with database.service() as two:
            assert inbox.claim(two) is None
    assert claim_all(database) == ["2", "1"]


def test_a_claim_falls_free_when_its_transaction_ends(database: Database, org: Organization) -> None:
    put(database, message(event(), 0))
    with database.service() as session:
        assert inbox.claim(session) is not None
        session.rollback()
    assert claim_all(database) == ["1"]


def test_a_postponed_event_waits_until_its_time(database: Database, org: Organization) -> None:
    put(database, message(event(), 0), message(event(2, minute=1), 1))
    with database.service() as session:
        found = inbox.claim(session)
        assert found is not None
        inbox.postpone(session, found, by=dt.timedelta(hours=1), why="Airflow is away")
    assert claim_all(database) == []
    with database.service() as session:
        session.execute(
            update(InboxEvent).values(next_attempt_at=InboxEvent.next_attempt_at - dt.timedelta(hours=2))
        )
        later = inbox.claim(session)
        assert later is not None
        assert (later.event_id, later.attempts, later.last_error) == ("1", 1, "Airflow is away")
