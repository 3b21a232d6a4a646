"""What is due is asked of the database: a listener or steward whose clock is wrong holds nothing and hurries
nothing.
"""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlalchemy import select, update

from listeners.inbound.dispatch import Dispatcher
from listeners.inbound.options import Options
from listeners.steward.run_watch import RunWatch
from officeflow.airflow_api.client import AirflowApi
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import InboxEvent, Organization, WorkflowRun
from officeflow.events import inbox
from officeflow.tenants import employees
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import Arrive, Publish, event

pytestmark = pytest.mark.usefixtures("org")


@pytest.fixture(params=[-2, 2], ids=["two hours slow", "two hours fast"])
def skewed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dt.timedelta:
    """Every clock of the process that is not the database's."""
    skew = dt.timedelta(hours=request.param)
    right = SystemClock.now
    monkeypatch.setattr(SystemClock, "now", lambda clock: right(clock) + skew)
    return skew


@pytest.fixture
def dispatcher(database: Database, api: AirflowApi) -> Dispatcher:
    return Dispatcher(database, api, options=Options(), stop=threading.Event())


def only(database: Database) -> InboxEvent:
    with database.service() as session:
        return session.scalars(select(InboxEvent)).one()


@pytest.mark.usefixtures("skewed")
def test_an_event_is_dispatched_when_it_arrives_and_waits_as_long_as_it_should(
    database: Database, dispatcher: Dispatcher, airflow: AirflowServer, publish: Publish, arrive: Arrive
) -> None:
    dag_id = publish("new", in_airflow=False)
    arrive(event())
    assert dispatcher.dispatch_next()
    assert not dispatcher.dispatch_next(), "it waits some seconds"
    row = only(database)
    assert dt.timedelta() < row.next_attempt_at - row.received_at < dt.timedelta(minutes=2)
    airflow.dags.add(dag_id)
    with database.service() as session:
        session.execute(update(InboxEvent).values(next_attempt_at=InboxEvent.received_at))
    assert dispatcher.dispatch_next()
    row = only(database)
    assert row.dispatched_at is not None
    assert dt.timedelta() < row.dispatched_at - row.received_at < dt.timedelta(minutes=10)
    with database.service() as session:
        inbox.redispatch(session, session.scalars(select(InboxEvent)).one())
    assert dispatcher.dispatch_next(), "a replay is due at once"


@pytest.mark.usefixtures("skewed")
def test_the_steward_asks_for_runs_of_the_age_that_the_database_says(
    database: Database,
    api: AirflowApi,
    dispatcher: Dispatcher,
    airflow: AirflowServer,
    publish: Publish,
    arrive: Arrive,
) -> None:
    publish("all")
    arrive(event())
    assert dispatcher.dispatch_next()
    airflow.runs.clear()
    watch = RunWatch(database, api)
    assert watch.check() == 0, "it is too young to be missed"
    with database.service() as session:
        session.execute(
            update(WorkflowRun).values(started_at=WorkflowRun.started_at - dt.timedelta(minutes=5))
        )
    assert watch.check() == 1


def test_an_event_dated_ahead_within_the_tolerance_keeps_no_later_one_from_changing_a_field(
    database: Database, dispatcher: Dispatcher, arrive: Arrive, org: Organization
) -> None:
    soon = (SystemClock().now() + dt.timedelta(hours=20)).isoformat()
    arrive({**event(1, kind="employee.update", title="poisoned"), "time": soon})
    assert dispatcher.dispatch_next()
    arrive({**event(2, kind="employee.update", title="right"), "time": SystemClock().now().isoformat()})
    assert dispatcher.dispatch_next()
    with database.tenant(org.org_id) as session:
        person = employees.find(session, org.org_id, "E1")
        assert person is not None
        assert person.title == "right"
