"""Runs that call runs, and runs of one person that wait for each other, in a real Airflow, with what the
listeners and the steward do.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from listeners.inbound.calls import Calls
from listeners.inbound.dispatch import Dispatcher
from listeners.inbound.options import Options
from listeners.steward.run_watch import RunWatch
from listeners.steward.steering import Steering
from listeners.steward.waking import Waking
from officeflow.database.engine import Database
from officeflow.database.tables import Employee, Organization, Workflow, WorkflowRun
from officeflow.errors import OfficeFlowError
from officeflow.events import inbox
from officeflow.events.message import Message
from officeflow.ids import employee_id, event_dag_run_id, new_id, workflow_run_id
from officeflow.runs import control
from officeflow.statuses import RunControl
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.airflow.test_workflows import acts, chain, record, shows, start
from tests.dag_factory.conftest import Published, definition

pytestmark = pytest.mark.integration

ORG = "calls"
CALLED: dict[str, Any] = {"trigger": {"events": []}, "inputs": {"type": "object"}}
STOP = {"id": "stop", "type": "flow.fail", "params": {"message": "half way"}}
REST = {"id": "rest", "type": "flow.delay", "params": {"duration": "P3D"}}


def back(target: str) -> dict[str, Any]:
    return record(f"back_{target}", "took.back", compensatesFor=[target], compensationType="rollback")


def call(workflow: str, **params: Any) -> dict[str, Any]:
    return {"id": "call", "type": "flow.call", "params": {"workflow": workflow, **params}}


DEPTH = 6
DRAWN: dict[str, dict[str, Any]] = {
    "short": {**CALLED, "nodes": [record("did"), back("did")], "edges": []},
    "long": {**CALLED, "nodes": [record("did"), REST, back("did")], "edges": chain("did", "rest")},
    "calls-short": {"nodes": [call("short"), STOP], "edges": chain("call", "stop"), "onFailure": "undo"},
    "calls-long": {"nodes": [call("long"), record("after")], "edges": chain("call", "after")},
    "calls-version": {"nodes": [call("short", version=7)], "edges": []},
    "ping": {**CALLED, "nodes": [call("pong")], "edges": [], "trigger": {"events": ["employee.onboard"]}},
    "pong": {**CALLED, "nodes": [call("ping")], "edges": []},
    "line": {
        "trigger": {"events": ["employee.transfer"]},
        "concurrency": "queue",
        "nodes": [record("came"), REST, STOP, record("went")],
        "edges": [
            {"from": "came", "to": "rest", "condition": "event.payload.department == 'wait'"},
            {"from": "came", "to": "stop", "condition": "event.payload.department == 'fail'"},
            {"from": "came", "to": "went", "default": True},
        ],
    },
    **{
        f"level-{number}": {
            **CALLED,
            "nodes": [call(f"level-{number + 1}") if number <= DEPTH else record("deep")],
            "edges": [],
            **({"trigger": {"events": ["employee.onboard"]}} if number == 1 else {}),
        }
        for number in range(1, DEPTH + 2)
    },
}


class Office:
    """Workflows of an organization, with what the listeners and the steward do in a thread."""

    def __init__(self, airflow: EmbeddedAirflow, database: Database) -> None:
        self.airflow, self.database = airflow, database
        self.org = Organization(
            org_id=new_id(), slug=ORG, name="Calls", domain="calls.example", plan="standard"
        )
        people = [
            Employee(
                employee_id=employee_id(self.org.org_id, name),
                org_id=self.org.org_id,
                external_id=name,
                status="active",
            )
            for name in ("E-1", "E-2")
        ]
        with database.service() as session:
            session.add(self.org)
            session.flush()
            session.add_all(people)

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Until the block is left; another time it is another process that goes on."""
        stop, api, database = threading.Event(), self.airflow.api, self.database
        dispatcher = Dispatcher(database, api, options=Options(), stop=stop)
        duties = (
            Calls(database, api, patience=600, stop=stop).take_all,
            dispatcher.dispatch_next,
            dispatcher.turns.start_next,
            RunWatch(database, api, starts_every=dt.timedelta(0)).follow,
            Steering(database, api).act,
            Waking(database, api, stop=stop).wake_due,
        )

        def work() -> None:
            while not stop.wait(0.2):
                for act in duties:
                    with contextlib.suppress(OfficeFlowError):
                        act()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def run(self, slug: str, run: str) -> WorkflowRun | None:
        with self.database.service() as session:
            return session.get(WorkflowRun, workflow_run_id(f"{ORG}__{slug}", run))

    def called_by(self, slug: str, run: str) -> WorkflowRun | None:
        query = select(WorkflowRun).where(WorkflowRun.parent_run_id == workflow_run_id(f"{ORG}__{slug}", run))
        with self.database.service() as session:
            return session.scalars(query).one_or_none()

    def want(self, slug: str, run: str, wanted: RunControl) -> None:
        with self.database.service() as session:
            row = session.get_one(WorkflowRun, workflow_run_id(f"{ORG}__{slug}", run))
            control.ask(session, row, wanted, by="airflow:ana", why="an audit")

    def start(self, slug: str) -> str:
        return start(self.airflow.api, f"{ORG}__{slug}", org=ORG)

    def await_status(self, slug: str, run: str, status: str) -> None:
        def seen() -> str:
            found = self.run(slug, run)
            return found.status if found else "none"

        try:
            eventually(lambda: seen() == status)
        except AssertionError as error:
            raise AssertionError(f"{error}: {slug} is {seen()}") from error

    def error_of_call(self, slug: str, run: str) -> str:
        """Of the lowest run below this one that has called another."""
        dag_id = f"{ORG}__{slug}"
        while (child := self.called_by(dag_id.removeprefix(f"{ORG}__"), run)) is not None:
            dag_id, run = child.dag_id, child.dag_run_id
        act = acts(self.database, dag_id, run)["call"]
        return str((act.error_details or {}).get("message"))

    def tell(self, department: str, moment: dt.datetime) -> str:
        """A transfer of the other person arrives; gives the id of the run that it starts."""
        body = {
            "specversion": "1.0",
            "id": department,
            "source": "hr",
            "type": "employee.transfer",
            "subject": "E-2",
            "time": moment.isoformat(),
            "data": {"department": department},
        }
        message = Message(
            topic=f"employee.transfer.{ORG}",
            partition=0,
            offset=time.monotonic_ns(),
            value=json.dumps(body).encode(),
            timestamp=dt.datetime.now(dt.UTC),
        )
        with self.database.service() as session:
            assert len(inbox.store(session, [message], own_source="officeflow").new) == 1
        return event_dag_run_id("hr", department)


@pytest.fixture(scope="module")
def office(airflow: EmbeddedAirflow) -> Iterator[Office]:
    with Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"]) as database:
        office = Office(airflow, database)
        made = {slug: definition(slug, **parts) for slug, parts in DRAWN.items()}
        publisher = Published(database, office.org)
        for slug, each in made.items():
            publisher.publish(slug, each)
        eventually(lambda: all(shows(airflow.api, f"{ORG}__{slug}", each) for slug, each in made.items()))
        yield office


@pytest.fixture
def work(office: Office) -> Iterator[None]:
    with office.working():
        yield


@pytest.mark.usefixtures("work")
def test_what_a_called_run_did_is_undone_with_the_run_that_called_it(office: Office) -> None:
    run = office.start("calls-short")
    office.await_status("calls-short", run, "COMPENSATED")
    child = office.called_by("calls-short", run)
    assert child is not None
    done = acts(office.database, child.dag_id, child.dag_run_id)
    assert (done["did"].status, done["undo__back_did"].status) == ("COMPENSATED", "SUCCEEDED")


@pytest.mark.usefixtures("work")
def test_pausing_resuming_and_cancelling_go_down(office: Office) -> None:
    run = office.start("calls-long")
    child = eventually(lambda: office.called_by("calls-long", run))
    assert child is not None
    office.await_status("long", child.dag_run_id, "RUNNING")
    eventually(lambda: acts(office.database, child.dag_id, child.dag_run_id).get("rest"))
    for wanted, status in ((RunControl.PAUSE, "PAUSED"), (RunControl.NONE, "RUNNING")):
        office.want("calls-long", run, wanted)
        office.await_status("calls-long", run, status)
        office.await_status("long", child.dag_run_id, status)
    office.want("calls-long", run, RunControl.CANCEL)
    eventually(lambda: (seen := office.run("calls-long", run)) is not None and seen.ended_at is not None)
    office.await_status("long", child.dag_run_id, "COMPENSATED")
    assert acts(office.database, child.dag_id, child.dag_run_id)["did"].status == "COMPENSATED"
    assert "after" not in acts(office.database, f"{ORG}__calls-long", run)


@pytest.mark.usefixtures("work")
def test_a_circle_of_calls_that_no_publish_saw_and_a_chain_that_is_too_long_end_with_the_way_named(
    office: Office,
) -> None:
    circle, chained, pinned = (office.start(slug) for slug in ("ping", "level-1", "calls-version"))
    for slug, run in (("ping", circle), ("level-1", chained), ("calls-version", pinned)):
        office.await_status(slug, run, "FAILED")
    assert "workflows call each other in a circle: ping → pong → ping" in office.error_of_call("ping", circle)
    way = " → ".join(f"level-{number}" for number in range(1, DEPTH + 2))
    assert f"calls are nested more than 5 deep: {way}" in office.error_of_call("level-1", chained)
    why = office.error_of_call("calls-version", pinned)
    assert "version 7 of 'short' is called, and version 1 is published" in why


def test_a_workflow_that_is_deactivated_between_publishing_and_calling_is_not_called(office: Office) -> None:
    mine = (Workflow.slug == "short", Workflow.org_id == office.org.org_id)
    with office.database.service() as session:
        session.execute(update(Workflow).where(*mine).values(is_active=False))
    try:
        with office.working():
            run = office.start("calls-short")
            office.await_status("calls-short", run, "FAILED")
    finally:
        with office.database.service() as session:
            session.execute(update(Workflow).where(*mine).values(is_active=True))
    assert "the workflow 'short' is deactivated: it cannot be called" in office.error_of_call(
        "calls-short", run
    )
    assert office.called_by("calls-short", run) is None


def test_three_runs_of_a_person_queue_however_each_ends_and_while_the_listener_is_another(
    office: Office,
) -> None:
    now = dt.datetime.now(dt.UTC)
    with office.working():
        first = office.tell("wait", now - dt.timedelta(minutes=3))
        eventually(lambda: acts(office.database, f"{ORG}__line", first).get("rest"))
        second = office.tell("fail", now - dt.timedelta(minutes=2))
        third = office.tell("Sales", now - dt.timedelta(minutes=1))
        for run in (second, third):
            office.await_status("line", run, "PENDING")
    office.want("line", first, RunControl.CANCEL)
    with office.working():
        office.await_status("line", first, "CANCELLED")
        office.await_status("line", second, "FAILED")
        office.await_status("line", third, "SUCCEEDED")
    begun = [acts(office.database, f"{ORG}__line", run)["came"].started_at for run in (first, second, third)]
    ended = [found.ended_at for run in (first, second) if (found := office.run("line", run))]
    assert all(end < begin for end, begin in zip(ended, begun[1:], strict=True) if end and begin)
    assert None not in (*begun, *ended)
