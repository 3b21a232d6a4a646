"""The outbox in PostgreSQL."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from officeflow.database.engine import Database
from officeflow.database.tables import Organization, OutboxMessage
from officeflow.events import outbox, topics

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
        session.execute(update(OutboxMessage).where(OutboxMessage.position == second).values(set_aside_at=func.now()))
        session.execute(update(OutboxMessage).where(*outbox.WAITING).values(created_at=func.now() - dt.timedelta(minutes=2)))
    with database.service() as session:
        lag = outbox.lag(session)
    assert (lag.waiting, lag.set_aside) == (2, 1)
    assert lag.oldest_seconds >= 120


def test_a_tenants_lag_is_its_own(database: Database, add: Add) -> None:
    add()
    with database.tenant(uuid.uuid4()) as session:
        assert outbox.lag(session).waiting == 0
