"""The dispatcher, on PostgreSQL and with Airflow's API played by a server that keeps its rules."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import select, update

from listeners.inbound.dispatch import Dispatcher
from listeners.inbound.options import Options
from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.errors import AirflowForbids
from officeflow.database.engine import Database
from officeflow.database.tables import (
    AuditRecord,
    InboxEvent,
    Organization,
    OutboxMessage,
    Workflow,
    WorkflowRun,
)
from officeflow.errors import Unavailable
from officeflow.events import inbox
from officeflow.ids import event_dag_run_id, workflow_run_id
from officeflow.tenants import employees
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import Arrive, Publish, event, eventually
from tests.listeners.inbound.conftest import Later, Rows, drain

pytestmark = pytest.mark.usefixtures("org")


def runs(database: Database) -> Sequence[WorkflowRun]:
    with database.service() as session:
        return session.scalars(select(WorkflowRun).order_by(WorkflowRun.dag_id)).all()


def test_a_hundred_deliveries_start_one_run_per_matching_workflow(
    database: Database,
    dispatcher: Dispatcher,
    airflow: AirflowServer,
    publish: Publish,
    arrive: Arrive,
    rows: Rows,
) -> None:
    publish("all")
    publish("engineers", filter='event.payload.department == "Engineering"')
    publish("sales", filter='event.payload.department == "Sales"')
    publish("leavers", events=["employee.exit"])
    for _ in range(100):
        arrive(event(department="Engineering"))
        drain(dispatcher)
    assert set(airflow.runs) == {
        (dag, event_dag_run_id("hr", "event-1")) for dag in ("acme__all", "acme__engineers")
    }
    assert airflow.posts == 2
    assert [(run.dag_id, run.status, run.trigger_event) for run in runs(database)] == [
        ("acme__all", "PENDING", "employee.onboard"),
        ("acme__engineers", "PENDING", "employee.onboard"),
    ]
    (row,) = rows()
    assert row.status == "DISPATCHED"
    assert [entry["run_id"] for entry in row.runs] == [
        str(workflow_run_id(entry["dag_id"], entry["dag_run_id"])) for entry in row.runs
    ]


def test_an_event_that_no_workflow_wants_is_ignored_and_kept(
    dispatcher: Dispatcher, arrive: Arrive, rows: Rows
) -> None:
    arrive(event())
    drain(dispatcher)
    assert rows()[0].status == "IGNORED"


def test_the_runs_conf_has_the_event_without_its_sensitive_fields(
    database: Database,
    dispatcher: Dispatcher,
    airflow: AirflowServer,
    publish: Publish,
    arrive: Arrive,
    org: Organization,
) -> None:
    publish("all", filter='employee.personal_email == "ana@home.example"')
    arrive({**event(title="Controller", personal_email="ana@home.example"), "correlationid": "hire-1"})
    drain(dispatcher)
    (run,) = airflow.runs.values()
    assert run["conf"] == {
        "event": {
            "id": "event-1",
            "source": "hr",
            "kind": "employee.onboard",
            "org": "acme",
            "employee": "E1",
            "time": "2026-01-05T09:00:00+00:00",
            "payload": {"title": "Controller"},
        },
        "correlation_id": "hire-1",
    }
    assert run["logical_date"] is None
    assert runs(database)[0].context == run["conf"]
    with database.tenant(org.org_id) as session:
        person = employees.find(session, org.org_id, "E1")
        assert person is not None
        assert (person.title, person.sensitive, person.employee_id) == (
            "Controller",
            {"personal_email": "ana@home.example"},
            runs(database)[0].employee_id,
        )


def test_what_was_started_is_audited_and_announced_in_one_transaction(
    database: Database, dispatcher: Dispatcher, publish: Publish, arrive: Arrive, org: Organization
) -> None:
    publish("all")
    arrive({**event(), "correlationid": "hire-1"})
    drain(dispatcher)
    with database.service() as session:
        record = session.scalars(select(AuditRecord).where(AuditRecord.action == "event.dispatched")).one()
        told = session.scalars(select(OutboxMessage)).one()
    assert (record.actor, record.subject, record.correlation_id) == (
        "service:dispatcher",
        "employee:E1",
        "hire-1",
    )
    assert (told.topic, told.key, told.type, told.correlation_id) == (
        "workflow.run.request",
        str(org.org_id),
        "officeflow.workflow.run.requested",
        "hire-1",
    )


def test_while_airflow_is_away_events_wait_in_order_and_nothing_is_doubled(
    dispatcher: Dispatcher, airflow: AirflowServer, publish: Publish, arrive: Arrive, rows: Rows
) -> None:
    publish("in", events=["employee.onboard"])
    publish("out", events=["employee.exit"])
    arrive(event(1), event(2, minute=5, kind="employee.exit"))
    airflow.stop()
    for _ in range(3):
        with pytest.raises(Unavailable):
            dispatcher.dispatch_next()
    assert [row.status for row in rows()] == ["RECEIVED", "RECEIVED"]
    assert rows()[0].last_error
    assert rows()[1].attempts == 0
    airflow.start()
    drain(dispatcher)
    assert [dag for dag, _ in airflow.runs] == ["acme__in", "acme__out"]
    assert [row.last_error for row in rows()] == [None, None]


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_answers_that_concern_every_run_let_the_event_wait(
    dispatcher: Dispatcher, airflow: AirflowServer, publish: Publish, arrive: Arrive, rows: Rows, status: int
) -> None:
    publish("all")
    arrive(event())
    airflow.status = status
    with pytest.raises((Unavailable, AirflowForbids)):
        dispatcher.dispatch_next()
    assert rows()[0].status == "RECEIVED"
    airflow.status = None
    drain(dispatcher)
    assert len(airflow.runs) == 1


def test_a_run_that_exists_already_is_done(
    database: Database,
    dispatcher: Dispatcher,
    airflow: AirflowServer,
    publish: Publish,
    arrive: Arrive,
    rows: Rows,
) -> None:
    """As after a crash between asking Airflow and noting it."""
    publish("all")
    arrive(event())
    drain(dispatcher)
    with database.service() as session:
        session.execute(update(InboxEvent).values(status="RECEIVED", runs=[]))
    drain(dispatcher)
    assert (len(airflow.runs), airflow.posts, len(runs(database))) == (1, 2, 1)
    assert len(rows()[0].runs) == 1


def test_a_dag_that_is_not_there_yet_is_waited_for(
    dispatcher: Dispatcher,
    airflow: AirflowServer,
    time_later: Later,
    publish: Publish,
    arrive: Arrive,
    rows: Rows,
) -> None:
    dag_id = publish("new", in_airflow=False)
    publish("old")
    arrive(event())
    drain(dispatcher)
    assert rows()[0].status == "RECEIVED"
    assert "acme__new" in (rows()[0].last_error or "")
    airflow.dags.add(dag_id)
    time_later.passes(minutes=1)
    drain(dispatcher)
    assert {dag for dag, _ in airflow.runs} == {"acme__new", "acme__old"}
    assert len(rows()[0].runs) == 2


def test_a_dag_that_never_comes_does_not_keep_the_persons_later_events_back_for_ever(
    database: Database,
    dispatcher: Dispatcher,
    airflow: AirflowServer,
    time_later: Later,
    publish: Publish,
    arrive: Arrive,
    rows: Rows,
) -> None:
    """The run's row says so, and dispatching the event again starts it once the DAG is there."""
    dag_id = publish("new", in_airflow=False)
    publish("out", events=["employee.exit"])
    arrive(event(1), event(2, minute=1, kind="employee.exit"))
    drain(dispatcher)
    assert not airflow.runs
    time_later.passes(minutes=11)
    drain(dispatcher)
    assert {dag for dag, _ in airflow.runs} == {"acme__out"}
    (given_up,) = [run for run in runs(database) if run.dag_id == dag_id]
    assert (given_up.status, (given_up.error_details or {})["code"]) == ("FAILED", "dag_missing")
    assert "new:" in (rows()[0].last_error or "")
    airflow.dags.add(dag_id)
    with database.service() as session:
        inbox.redispatch(session, session.get_one(InboxEvent, rows()[0].inbox_id))
    drain(dispatcher)
    assert (dag_id, given_up.dag_run_id) in airflow.runs
    (again,) = [run for run in runs(database) if run.dag_id == dag_id]
    assert (again.status, again.error_details, again.ended_at) == ("PENDING", None, None)


def test_a_dag_with_import_errors_is_waited_for_and_a_refused_conf_is_not(
    database: Database,
    dispatcher: Dispatcher,
    airflow: AirflowServer,
    time_later: Later,
    publish: Publish,
    arrive: Arrive,
    rows: Rows,
) -> None:
    broken, refusing = publish("broken"), publish("refusing")
    airflow.broken.add(broken)
    airflow.refusing.add(refusing)
    arrive(event())
    drain(dispatcher)
    assert rows()[0].status == "RECEIVED"
    airflow.broken.clear()
    time_later.passes(minutes=1)
    drain(dispatcher)
    assert {dag for dag, _ in airflow.runs} == {broken}
    assert rows()[0].status == "DISPATCHED"
    (refused,) = [run for run in runs(database) if run.dag_id == refusing]
    assert (refused.status, (refused.error_details or {})["code"]) == ("FAILED", "refused_by_airflow")


def test_a_filter_that_fails_on_the_event_is_told_and_the_others_go_on(
    dispatcher: Dispatcher, airflow: AirflowServer, publish: Publish, arrive: Arrive, rows: Rows
) -> None:
    publish("all")
    publish("picky", filter="event.payload.level > 3")
    publish("wrong", filter="event.payload.department")
    arrive(event(department="Sales"))
    drain(dispatcher)
    assert {dag for dag, _ in airflow.runs} == {"acme__all"}
    (row,) = rows()
    assert row.status == "DISPATCHED"
    assert (row.last_error or "").startswith("picky: ")
    assert "wrong: " in (row.last_error or "")


def test_a_deactivated_workflow_starts_nothing(
    database: Database, dispatcher: Dispatcher, airflow: AirflowServer, publish: Publish, arrive: Arrive
) -> None:
    publish("all")
    with database.service() as session:
        session.execute(update(Workflow).values(is_active=False))
    arrive(event())
    drain(dispatcher)
    assert not airflow.runs


def test_an_event_that_cannot_be_dispatched_stops_no_other_person(
    database: Database,
    dispatcher: Dispatcher,
    airflow: AirflowServer,
    publish: Publish,
    arrive: Arrive,
    rows: Rows,
) -> None:
    publish("all")
    arrive(event(1, employee="E1"), event(2, employee="E2"))
    with database.service() as session:
        session.execute(
            update(InboxEvent)
            .where(InboxEvent.event_id == "event-1")
            .values(payload={"given_name": "x" * 300})
        )
    drain(dispatcher)
    assert [run["conf"]["event"]["employee"] for run in airflow.runs.values()] == ["E2"]
    assert rows()[0].status == "RECEIVED"
    assert "given_name" in (rows()[0].last_error or "")


def test_the_record_follows_the_order_of_times_and_a_late_update_undoes_no_exit(
    database: Database, dispatcher: Dispatcher, arrive: Arrive, org: Organization
) -> None:
    arrive(event(1, title="a", minute=0), event(3, kind="employee.exit", minute=9, end_date="2026-03-01"))
    drain(dispatcher)
    arrive(event(2, kind="employee.update", minute=5, title="b"))
    drain(dispatcher)
    with database.tenant(org.org_id) as session:
        person = employees.find(session, org.org_id, "E1")
        assert person is not None
        assert (person.title, person.status) == ("b", "exited")


def test_threads_of_two_dispatchers_start_every_run_once(
    database: Database, api: AirflowApi, airflow: AirflowServer, publish: Publish, arrive: Arrive, rows: Rows
) -> None:
    publish("all")
    publish("engineers", filter='event.payload.department == "Engineering"')
    arrive(*(event(n, employee=f"E{n % 7}", minute=n, department="Engineering") for n in range(60)))
    stop = threading.Event()
    both = [Dispatcher(database, api, options=Options(dispatchers=3), stop=stop) for _ in range(2)]
    for dispatcher in both:
        dispatcher.start()
    try:
        eventually(lambda: all(row.status == "DISPATCHED" for row in rows()))
    finally:
        stop.set()
        for dispatcher in both:
            dispatcher.join()
    assert airflow.posts == len(airflow.runs) == 120
    for employee in range(7):
        order = [
            int(run["conf"]["event"]["id"].removeprefix("event-"))
            for (dag, _), run in airflow.runs.items()
            if dag == "acme__all" and run["conf"]["event"]["employee"] == f"E{employee}"
        ]
        assert order == sorted(order), "the runs of one person are created in the order of the events"


def test_airflow_is_told_whom_a_run_is_about(
    dispatcher: Dispatcher, airflow: AirflowServer, publish: Publish, arrive: Arrive
) -> None:
    publish("all")
    arrive(event(given_name="Ana", family_name="García"))
    drain(dispatcher)
    (run,) = airflow.runs.values()
    about = run["conf"]["event"]
    assert run["note"] == f"Ana García ({about['employee']}): {about['kind']}, event {about['id']}"


def test_conf_fits_the_schema_that_it_is_documented_by(
    dispatcher: Dispatcher, airflow: AirflowServer, publish: Publish, arrive: Arrive
) -> None:
    import jsonschema

    from officeflow.events.schemas import conf_schema

    publish("all")
    arrive(event(department="Sales", groups=["a"], salary=1))
    drain(dispatcher)
    (run,) = airflow.runs.values()
    jsonschema.Draft202012Validator(conf_schema()).validate(run["conf"])
    assert "salary" not in json.dumps(run["conf"])
