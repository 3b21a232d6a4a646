"""One organization's filters are its own trouble: everybody else's events go on."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from listeners.inbound.dispatch import Dispatcher
from listeners.inbound.fairness import Fairness
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.events import inbox
from officeflow.events.message import Message
from officeflow.expressions.evaluator import pool
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import START, Arrive, Publish, event, eventually, publish_to
from tests.listeners.inbound.conftest import Later, Rows, drain

pytestmark = pytest.mark.usefixtures("org")

ENDLESS = (
    "[1, 2, 3].all(i, [1, 2, 3].all(j, event.payload.title.matches('(?i)(\\\\pL|\\\\pN){500}' + string(i))"
    + " || event.payload.title.matches('(?i)(\\\\pL|\\\\pN){500}' + string(j))" * 6
    + " || true))"
)
"""Each call makes a program of half a million instructions anew."""


@pytest.fixture
def neighbour(database: Database, airflow: AirflowServer) -> Organization:
    """Another organization, with a workflow for everybody."""
    organization = Organization(
        org_id=uuid.uuid4(), slug="globex", name="Globex", domain="globex.example", plan="standard"
    )
    with database.service() as session:
        session.add(organization)
    airflow.dags.add(publish_to(database, organization, "all"))
    return organization


def arrive_at(database: Database, org: Organization, *bodies: Mapping[str, Any]) -> None:
    messages = [
        Message(
            topic=f"{body['type']}.{org.slug}",
            partition=0,
            offset=0,
            value=json.dumps(body).encode(),
            timestamp=START,
        )
        for body in bodies
    ]
    with database.service() as session:
        inbox.store(session, messages, own_source="officeflow")


def test_a_filter_that_takes_too_much_keeps_its_own_organizations_event_and_no_other(
    database: Database,
    dispatcher: Dispatcher,
    airflow: AirflowServer,
    time_later: Later,
    publish: Publish,
    arrive: Arrive,
    rows: Rows,
    neighbour: Organization,
) -> None:
    publish("everybody")
    publish("preboarding", filter=ENDLESS)
    arrive(event(title="Controller"))
    arrive_at(database, neighbour, event(title="Controller"))
    drain(dispatcher)
    mine, theirs = rows()
    assert theirs.status == "DISPATCHED"
    assert [dag for dag, _ in airflow.runs] == ["globex__all"], (
        "acme's event is not dispatched without the filter"
    )
    assert mine.status == "RECEIVED"
    assert (mine.last_error or "").startswith("acme/preboarding: its filter cannot be evaluated: ")
    waits = []
    for _ in range(12):
        waits.append(rows()[0].next_attempt_at - dt.datetime.now(dt.UTC))
        time_later.passes(6)
        assert dispatcher.dispatch_next()
    assert waits[0] < waits[3] < waits[-1] <= dt.timedelta(minutes=5)
    publish("preboarding", filter="event.payload.title.matches('^C')")
    time_later.passes(6)
    drain(dispatcher)
    assert rows()[0].status == "DISPATCHED"
    assert sorted(dag for dag, _ in airflow.runs) == ["acme__everybody", "acme__preboarding", "globex__all"]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """An expression may compute for a fiftieth of a second."""
    monkeypatch.setitem(pool.pool()._seconds, False, 0.02)


@pytest.mark.usefixtures("short")
def test_an_organization_whose_filters_run_into_the_limit_does_not_take_every_thread(
    database: Database,
    dispatcher: Dispatcher,
    airflow: AirflowServer,
    publish: Publish,
    arrive: Arrive,
    rows: Rows,
    neighbour: Organization,
) -> None:
    """Forty people of one organization, each of whom costs all that may be spent, and one of another who came
    last.
    """
    publish("slow", filter=" && ".join(f"employee.list.map(i, i + {n}).size() > 0" for n in range(4)))
    people = [event(number, employee=f"E{number}", list=list(range(1300))) for number in range(40)]
    arrive(*people)
    arrive_at(database, neighbour, event())
    dispatcher.start()
    eventually(lambda: any(row.status == "DISPATCHED" for row in rows()))
    tried = sum(row.attempts > 0 for row in rows() if row.org_id != neighbour.org_id)
    dispatcher._stop.set()
    dispatcher.join()
    assert tried < 40, "it did not wait until everybody before it had been tried"
    assert [dag for dag, _ in airflow.runs] == ["globex__all"]
    assert {row.last_error for row in rows() if row.attempts and row.org_id != neighbour.org_id} == {
        "acme/slow: its filter cannot be evaluated: it takes more than 0.02 s of computing"
    }


def test_an_organization_with_slow_filters_has_one_thread_at_a_time() -> None:
    now, spent, slow, quick = [0.0], [0.0], uuid.uuid4(), uuid.uuid4()
    fairness = Fairness(lambda: now[0], lambda: spent[0])
    with fairness.matching(quick):
        pass
    with fairness.matching(slow):
        spent[0] += 1
        assert fairness.left_out() == [], "nobody knows yet"
    assert fairness.left_out() == [], "none of its events is being matched"
    with fairness.matching(slow), fairness.matching(quick):
        assert fairness.left_out() == [slow]
        now[0] += 600
        assert fairness.left_out() == [], "it was long ago"
