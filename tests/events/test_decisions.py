"""What people decide about events and messages, as an interface of any kind calls it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import DeadLetter, InboxEvent, Organization, OutboxMessage
from officeflow.errors import InvalidEvent, InvalidInput, NotKnown
from officeflow.events import decisions
from officeflow.settings import load_settings
from tests.events.test_cli import CLOUD, accept_one, actions, quarantine_one
from tests.events.test_outbox_cli import aside

__all__ = ["aside"]

BY = "airflow:ana"


def replay(
    database: Database, name: object, *, corrected: bytes | None = None, why: str = "checked"
) -> decisions.Replayed | decisions.Redispatched:
    return decisions.replay(
        database, SystemClock(), load_settings(), str(name), corrected=corrected, why=why, by=BY
    )


@pytest.mark.usefixtures("org")
def test_a_message_that_still_cannot_be_taken_stays_in_quarantine_unaudited(database: Database) -> None:
    letter = quarantine_one(database, b"{")
    with pytest.raises(InvalidEvent):
        replay(database, letter.dead_letter_id)
    with database.service() as session:
        assert session.scalars(select(DeadLetter.status)).one() == "OPEN"
        assert session.scalars(select(InboxEvent)).all() == []
    assert actions(database) == []


@pytest.mark.usefixtures("org")
def test_a_message_is_decided_about_once(database: Database) -> None:
    letter = quarantine_one(database, b"{")
    decided = decisions.discard(database, SystemClock(), str(letter.dead_letter_id), why="a test", by=BY)
    assert decided == letter.dead_letter_id
    with pytest.raises(InvalidInput, match="discarded already"):
        decisions.discard(database, SystemClock(), str(letter.dead_letter_id), why="twice", by=BY)
    assert actions(database) == [("quarantine.discarded", "a test")]
    with database.service() as session:
        assert (session.scalars(select(DeadLetter.resolution)).one() or {})["by"] == BY


@pytest.mark.usefixtures("org")
def test_an_event_is_dispatched_again_as_it_is_or_not_at_all(database: Database) -> None:
    stored = accept_one(database, CLOUD)
    with database.service() as session:
        session.execute(update(InboxEvent).values(status="IGNORED"))
    with pytest.raises(InvalidInput, match="dispatched again as it is"):
        replay(database, stored.inbox_id, corrected=b"{}")
    assert actions(database) == []
    assert replay(database, stored.inbox_id) == decisions.Redispatched(stored.inbox_id)
    with database.service() as session:
        assert session.scalars(select(InboxEvent.status)).one() == "RECEIVED"
    assert actions(database) == [("event.redispatched", "checked")]


def test_a_decision_needs_its_reason(database: Database, org: Organization, aside: str) -> None:
    letter = quarantine_one(database, b"{")
    name = str(letter.dead_letter_id)
    attempts: list[Callable[[], object]] = [
        lambda: replay(database, name, why=" "),
        lambda: decisions.discard(database, SystemClock(), name, why="", by=BY),
        lambda: decisions.send_again(database, aside, why=" ", by=BY),
        lambda: decisions.discard_unsent(database, aside, why="\t", by=BY),
    ]
    for attempt in attempts:
        with pytest.raises(InvalidInput, match="the reason is empty"):
            attempt()
    assert actions(database) == []
    with database.service() as session:
        assert session.scalars(select(DeadLetter.status)).one() == "OPEN"
        assert session.get_one(OutboxMessage, aside).set_aside_at is not None


def test_a_message_that_was_set_aside_is_decided_about_once(database: Database, aside: str) -> None:
    assert str(decisions.send_again(database, aside, why="it fits now", by=BY)) == aside
    with pytest.raises(NotKnown, match="was set aside"):
        decisions.discard_unsent(database, aside, why="after all not", by=BY)
    assert actions(database) == [("outbox.retried", "it fits now")]
