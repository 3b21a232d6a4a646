"""A run that is there already counts only if it carries the event: who may trigger DAGs can take a run id
beforehand.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from listeners.inbound.dispatch import Dispatcher
from listeners.inbound.options import Options
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, InboxEvent, Organization, OutboxMessage, WorkflowRun
from officeflow.errors import Unavailable
from officeflow.events import inbox
from officeflow.ids import event_dag_run_id, workflow_run_id
from officeflow.runs.store import ensure_run
from officeflow.statuses import RunStatus
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import Arrive, Publish, event

pytestmark = pytest.mark.usefixtures("org")

TAKEN = event_dag_run_id("hr", "event-1")
MALLORY = "mallory"

CONF: dict[str, Any] = {
    "event": {
        "id": "event-1",
        "source": "hr",
        "kind": "employee.onboard",
        "org": "acme",
        "employee": "E1",
        "time": "2026-01-05T09:00:00+00:00",
        "payload": {"title": "Controller"},
    },
    "correlation_id": "event-1",
}


def other(**changes: Any) -> dict[str, Any]:
    """The event's conf with something of it changed."""
    conf = copy.deepcopy(CONF)
    correlation = changes.pop("correlation_id", conf["correlation_id"])
    return {"event": conf["event"] | changes, "correlation_id": correlation}


@pytest.fixture
def dispatcher(database: Database, api: AirflowApi) -> Dispatcher:
    return Dispatcher(database, api, options=Options(), stop=threading.Event())


def drain(dispatcher: Dispatcher) -> None:
    while dispatcher.dispatch_next():
        pass


def again(database: Database) -> None:
    with database.service() as session:
        inbox.redispatch(session, session.scalars(select(InboxEvent)).one())


def only(database: Database) -> InboxEvent:
    with database.service() as session:
        return session.scalars(select(InboxEvent)).one()


def rows(database: Database) -> dict[str, WorkflowRun]:
    with database.service() as session:
        return {run.dag_run_id: run for run in session.scalars(select(WorkflowRun))}


def alarms(database: Database) -> Sequence[AuditRecord]:
    with database.service() as session:
        return session.scalars(select(AuditRecord).where(AuditRecord.action == "event.run_id_taken")).all()


WRONG: dict[str, Any] = {
    "no conf": None,
    "an empty conf": {},
    "no object": ["x"],
    "no event": {"correlation_id": "event-1"},
    "another person": other(employee="E2"),
    "another event": other(id="event-2"),
    "another source": other(source="x"),
    "another organization": other(org="evil"),
    "another kind": other(kind="employee.exit"),
    "another time": other(time="2026-01-05T09:00:01+00:00"),
    "another correlation": other(correlation_id="x"),
    "the very same conf": CONF,
}


@pytest.mark.parametrize("conf", WRONG.values(), ids=WRONG.keys())
def test_a_run_id_that_somebody_took_beforehand_does_not_stand_for_the_event(
    database: Database,
    dispatcher: Dispatcher,
    airflow: AirflowServer,
    publish: Publish,
    arrive: Arrive,
    conf: Any,
) -> None:
    """Their run has ended well, and nothing was done for the person."""
    dag_id = publish("all")
    airflow.take(dag_id, TAKEN, conf, by=MALLORY)
    arrive(event(title="Controller"))
    drain(dispatcher)
    (mine,) = [run for key, run in airflow.runs.items() if key != (dag_id, TAKEN)]
    assert mine["conf"] == CONF
    row = only(database)
    assert row.status == "DISPATCHED"
    assert row.runs == [
        {
            "dag_id": dag_id,
            "dag_run_id": mine["dag_run_id"],
            "run_id": str(workflow_run_id(dag_id, mine["dag_run_id"])),
            "instead_of": TAKEN,
        }
    ]
    assert MALLORY in (row.last_error or "")
    assert TAKEN in (row.last_error or "")
    (alarm,) = alarms(database)
    assert (alarm.details["taken_by"], alarm.details["instead_of"], alarm.details["event_id"]) == (
        MALLORY,
        TAKEN,
        "event-1",
    )
    assert rows(database)[mine["dag_run_id"]].context == CONF
    with database.service() as session:
        (told,) = session.scalars(select(OutboxMessage)).all()
    assert told.payload["dag_run_id"] == mine["dag_run_id"]
    assert "instead_of" not in told.payload


def test_the_row_of_the_taken_id_tells_of_the_run_that_has_it(
    database: Database, dispatcher: Dispatcher, airflow: AirflowServer, publish: Publish, arrive: Arrive
) -> None:
    airflow.take(publish("all"), TAKEN, {"event": {"employee": "E9"}}, by=MALLORY)
    arrive(event(title="Controller"))
    drain(dispatcher)
    taken = rows(database)[TAKEN]
    assert (taken.context, taken.employee_id, taken.trigger_event, taken.correlation_id) == (
        {},
        None,
        "manual",
        str(taken.run_id),
    )


def test_a_row_that_the_other_run_has_written_itself_stays_its_own(
    database: Database,
    dispatcher: Dispatcher,
    airflow: AirflowServer,
    publish: Publish,
    arrive: Arrive,
    org: Organization,
) -> None:
    """Its nodes ran before the event came."""
    dag_id = publish("all")
    conf = other(employee="E9", correlation_id="theirs")
    airflow.take(dag_id, TAKEN, conf, by=MALLORY)
    with database.tenant(org.org_id) as session:
        ensure_run(
            session, org_id=org.org_id, dag_id=dag_id, dag_run_id=TAKEN, conf=conf, status=RunStatus.RUNNING
        )
    arrive(event(title="Controller"))
    drain(dispatcher)
    runs = rows(database)
    assert (runs[TAKEN].context, runs[TAKEN].correlation_id) == (conf, "theirs")
    (mine,) = [run for name, run in runs.items() if name != TAKEN]
    assert (mine.context, mine.status) == (CONF, "PENDING")


def test_crashes_and_replays_find_the_run_under_its_other_id(
    database: Database, dispatcher: Dispatcher, airflow: AirflowServer, publish: Publish, arrive: Arrive
) -> None:
    airflow.take(publish("all"), TAKEN, {}, by=MALLORY)
    arrive(event(title="Controller"))
    drain(dispatcher)
    found = only(database).runs
    with database.service() as session:
        session.execute(update(InboxEvent).values(status="RECEIVED", runs=[]))
    drain(dispatcher)
    again(database)
    drain(dispatcher)
    assert only(database).runs == found
    assert len(airflow.runs) == 2


def test_the_other_id_cannot_be_known_before_the_event_has_arrived(
    database: Database, dispatcher: Dispatcher, airflow: AirflowServer, publish: Publish, arrive: Arrive
) -> None:
    """It is another one for the same event in another inbox."""
    dag_id = publish("all")
    seen = set()
    for _ in range(2):
        airflow.runs.clear()
        airflow.take(dag_id, TAKEN, {}, by=MALLORY)
        with database.service() as session:
            session.execute(delete(InboxEvent))
        arrive(event(title="Controller"))
        drain(dispatcher)
        seen |= {run for _, run in airflow.runs} - {TAKEN}
    assert len(seen) == 2


def test_where_both_ids_are_taken_the_event_waits_and_says_so(
    database: Database, dispatcher: Dispatcher, airflow: AirflowServer, publish: Publish, arrive: Arrive
) -> None:
    dag_id = publish("all")
    airflow.take(dag_id, TAKEN, {}, by=MALLORY)
    arrive(event(title="Controller"))
    drain(dispatcher)
    (mine,) = [run for _, run in airflow.runs if run != TAKEN]
    airflow.runs[dag_id, mine]["triggering_user_name"] = MALLORY
    with database.service() as session:
        session.execute(update(InboxEvent).values(status="RECEIVED", runs=[]))
    drain(dispatcher)
    row = only(database)
    assert row.status == "RECEIVED"
    assert "both its run ids are taken" in (row.last_error or "")


def test_a_run_that_is_there_and_cannot_be_read_is_not_believed(
    database: Database, dispatcher: Dispatcher, airflow: AirflowServer, publish: Publish, arrive: Arrive
) -> None:
    airflow.take(publish("all"), TAKEN, {}, by=MALLORY)
    airflow.unreadable = True
    arrive(event(title="Controller"))
    with pytest.raises(Unavailable):
        dispatcher.dispatch_next()
    assert only(database).status == "RECEIVED"
    airflow.unreadable = False
    drain(dispatcher)
    assert only(database).status == "DISPATCHED"
    assert len(airflow.runs) == 2


def test_an_events_own_run_is_known_again_where_airflow_calls_the_login_otherwise(
    database: Database, dispatcher: Dispatcher, airflow: AirflowServer, publish: Publish, arrive: Arrive
) -> None:
    """Logins there may be e-mail addresses, or written in capitals."""
    airflow.account = "service-account-7"
    publish("all")
    arrive(event(title="Controller"))
    drain(dispatcher)
    with database.service() as session:
        session.execute(update(InboxEvent).values(status="RECEIVED", runs=[]))
    drain(dispatcher)
    assert len(airflow.runs) == 1
    assert alarms(database) == []


def test_an_events_own_run_is_known_again_where_the_account_has_another_name(
    database: Database, dispatcher: Dispatcher, airflow: AirflowServer, publish: Publish, arrive: Arrive
) -> None:
    """A replay: what an earlier dispatch noted is the event's."""
    dag_id = publish("all")
    arrive(event(title="Controller"))
    drain(dispatcher)
    airflow.runs[dag_id, TAKEN]["triggering_user_name"] = "officeflow-of-before"
    again(database)
    drain(dispatcher)
    assert len(airflow.runs) == 1
    assert alarms(database) == []
