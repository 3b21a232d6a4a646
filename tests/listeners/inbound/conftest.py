"""A dispatcher with a clock that the test moves, and who does what messages ask of runs."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import select, update

from listeners.inbound.dispatch import Dispatcher
from listeners.inbound.options import Options
from listeners.inbound.run_control import RunOrders
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import (
    InboxEvent,
    Organization,
    WorkflowRun,
)
from officeflow.events import run_orders
from officeflow.events.inbox import Stored
from officeflow.events.message import Message
from officeflow.events.run_orders import Taken
from officeflow.settings import Settings
from tests.listeners.inbound.run_messages import (
    Send,
    add_run,
    message,
)


class Later:
    """Time, set forward by hand: that of the process, and that of the database by taking it from what
    waits.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._ahead

    def passes(self, minutes: int) -> None:
        self._ahead += 60 * minutes
        with self._database.service() as session:
            session.execute(
                update(InboxEvent).values(
                    next_attempt_at=InboxEvent.next_attempt_at - dt.timedelta(minutes=minutes)
                )
            )


@pytest.fixture
def time_later(database: Database) -> Later:
    return Later(database)


@pytest.fixture
def dispatcher(database: Database, api: AirflowApi, time_later: Later) -> Dispatcher:
    return Dispatcher(
        database, api, options=Options(missing_dag_patience=600), stop=threading.Event(), seconds=time_later
    )


Rows = Callable[[], Sequence[InboxEvent]]


@pytest.fixture
def rows(database: Database) -> Rows:
    def read() -> Sequence[InboxEvent]:
        with database.service() as session:
            return session.scalars(select(InboxEvent).order_by(InboxEvent.arrival)).all()

    return read


def drain(dispatcher: Dispatcher) -> int:
    number = 0
    while dispatcher.dispatch_next():
        number += 1
    return number


@pytest.fixture
def send(database: Database) -> Send:
    """Stores messages as the consumer does."""

    def sent(*messages: Message | dict[str, Any]) -> Stored[Taken]:
        wrapped = [each if isinstance(each, Message) else message(each) for each in messages]
        with database.service() as session:
            return run_orders.store(session, wrapped, own_source="officeflow")

    return sent


@pytest.fixture
def orders(database: Database, api: AirflowApi) -> RunOrders:
    return RunOrders(database, api, Settings(), stop=threading.Event())


@pytest.fixture
def run(database: Database, org: Organization) -> WorkflowRun:
    return add_run(database, org)
