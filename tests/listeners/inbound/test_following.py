"""An event that changes a person's record wakes what waits for a date of that person's."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from listeners.inbound.dispatch import Dispatcher
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization, Wake, WorkflowRun
from officeflow.ids import new_id
from officeflow.statuses import ActStatus, RunStatus
from tests.listeners.conftest import Arrive, Publish, event
from tests.listeners.inbound.conftest import drain

LEAVE = "employee.exit"


class Waiting:
    """A run of E1's that an exit has started."""

    def __init__(self, database: Database, dispatcher: Dispatcher, publish: Publish, arrive: Arrive) -> None:
        self._database, self._dispatcher, self._arrive = database, dispatcher, arrive
        publish("leave", events=[LEAVE])
        self.tell(1, end_date="2026-12-01")

    def tell(self, number: int, *, kind: str = LEAVE, employee: str = "E1", **payload: Any) -> None:
        self._arrive(event(number, kind=kind, employee=employee, minute=number, **payload))
        drain(self._dispatcher)

    def node(
        self, key: str, node_type: str = "flow.wait_until", status: ActStatus = ActStatus.QUEUED
    ) -> None:
        """It has looked, and waits."""
        with self._database.service() as session:
            run = session.scalars(select(WorkflowRun).order_by(WorkflowRun.started_at).limit(1)).one()
            session.add(
                NodeRun(
                    node_run_id=new_id(),
                    org_id=run.org_id,
                    run_id=run.run_id,
                    node_key=key,
                    node_type=node_type,
                    effect="pure",
                    status=status,
                    idempotency_key=key,
                    started_at=dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC),
                )
            )

    def woken(self) -> list[tuple[str, str]]:
        with self._database.service() as session:
            return [
                (wake.node_key, wake.cause) for wake in session.scalars(select(Wake).order_by(Wake.node_key))
            ]


@pytest.fixture
def waiting(
    org: Organization, database: Database, dispatcher: Dispatcher, publish: Publish, arrive: Arrive
) -> Waiting:
    return Waiting(database, dispatcher, publish, arrive)


@pytest.mark.parametrize("last_day", ["2026-11-20", "2027-01-15", None], ids=["forward", "back", "away"])
def test_a_date_that_is_moved_wakes_what_follows_it(waiting: Waiting, last_day: str | None) -> None:
    waiting.node("until")
    waiting.node("delay", "flow.delay")
    waiting.tell(2, end_date=last_day)
    assert waiting.woken() == [("delay", f"{LEAVE} event-2"), ("until", f"{LEAVE} event-2")]


def test_also_one_that_looks_just_now(waiting: Waiting) -> None:
    waiting.node("until", status=ActStatus.STARTED)
    waiting.tell(2, end_date="2026-11-20")
    assert len(waiting.woken()) == 1


def test_an_event_that_changes_nothing_wakes_nothing(waiting: Waiting) -> None:
    waiting.node("until")
    waiting.tell(2, end_date="2026-12-01")
    assert not waiting.woken()


def test_only_this_persons_waits_that_follow_are_woken(waiting: Waiting) -> None:
    waiting.node("until")
    waiting.tell(2, employee="E2", end_date="2026-11-20")
    assert not waiting.woken()
    waiting.node("ask", "human.approval")
    waiting.node("gone", "acme.no_such_type")
    waiting.node("done", status=ActStatus.SUCCEEDED)
    waiting.tell(3, end_date="2026-11-20")
    assert [node for node, _ in waiting.woken()] == ["until"]


def test_a_run_that_has_ended_waits_for_nothing(waiting: Waiting, database: Database) -> None:
    waiting.node("until")
    with database.service() as session:
        session.scalars(select(WorkflowRun)).one().status = RunStatus.FAILED
    waiting.tell(2, end_date="2026-11-20")
    assert not waiting.woken()
