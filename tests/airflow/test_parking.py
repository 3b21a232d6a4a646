"""Parked runs in a real Airflow: they stand still at no cost, and every door takes them on."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.engine import make_url

from listeners.parking.hearing import Hearing
from listeners.parking.parking import Parking
from officeflow.database import parking_login
from officeflow.database.engine import Database
from officeflow.database.listening import Listening
from officeflow.database.tables import EventWait, HumanRequest, Organization, WorkflowRun
from officeflow.ids import new_id, workflow_run_id
from officeflow.runs import control
from officeflow.statuses import RequestState, RunControl
from officeflow.waiting import wakes
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.airflow.steered import stewarding
from tests.airflow.test_workflows import acts, chain, pause, record, shows, start, states
from tests.dag_factory.conftest import Published, definition

pytestmark = pytest.mark.integration

ASKS, DELAYS = "parked__asks", "parked__delays"


WAITING = {
    "person": pause("wait"),
    "date": {"id": "wait", "type": "flow.delay", "params": {"duration": "P30D"}},
    "event": {
        "id": "wait",
        "type": "flow.wait_for_event",
        "params": {"kinds": ["employee.update"], "timeout": "P30D"},
    },
}
"""What a run may wait for."""


def _undone(slug: str, waiting: dict[str, Any]) -> dict[str, Any]:
    """A workflow that takes back what was done before."""
    back = record("back", "took.back", compensatesFor=["before"], compensationType="rollback")
    nodes = [record("before"), waiting, record("after"), back]
    return definition(slug, nodes=nodes, edges=chain("before", "wait", "after"))


@pytest.fixture(scope="module")
def workflows_database(airflow: EmbeddedAirflow) -> Iterator[Database]:
    """The database that Airflow's bundle reads."""
    with Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"]) as database:
        yield database


@pytest.fixture(scope="module")
def _workflows(airflow: EmbeddedAirflow, workflows_database: Database) -> None:
    """One that asks before it goes on, and one that waits for some seconds."""
    organization = Organization(
        org_id=new_id(), slug="parked", name="Parked", domain="parked.example", plan="standard"
    )
    with workflows_database.service() as session:
        session.add(organization)
    publisher = Published(workflows_database, organization)
    delay = {"id": "wait", "type": "flow.delay", "params": {"duration": "PT20S"}}
    ask = {**pause("ask"), "retryPolicy": {"maxRetries": 0}}
    drawn = {
        "asks": definition("asks", nodes=[ask, record("after")], edges=chain("ask", "after")),
        "delays": definition("delays", nodes=[delay, record("after")], edges=chain("wait", "after")),
        **{slug: _undone(slug, waiting) for slug, waiting in WAITING.items()},
    }
    for slug, each in drawn.items():
        publisher.publish(slug, each)
    eventually(lambda: all(shows(airflow.api, f"parked__{slug}", each) for slug, each in drawn.items()))


@pytest.fixture(scope="module")
def login(airflow: EmbeddedAirflow, postgres_url: str) -> Iterator[str]:
    """Parking's login at this Airflow's database."""
    name = f"officeflow_parking_{secrets.token_hex(4)}"
    database = make_url(airflow.setup.database_url)
    url = database.set(drivername="postgresql", username=name, password=secrets.token_hex(16))
    address = url.render_as_string(hide_password=False)
    parking_login.ensure(address, maker_url=postgres_url, owner_url=airflow.setup.database_url)
    yield address
    with psycopg.connect(_libpq(airflow), autocommit=True) as admin:
        admin.execute(f'DROP OWNED BY "{name}"')
        admin.execute(f'DROP ROLE "{name}"')


def _libpq(airflow: EmbeddedAirflow) -> str:
    url = make_url(airflow.setup.database_url).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


@pytest.fixture
def parking(airflow: EmbeddedAirflow, login: str, _workflows: None) -> Iterator[Parking]:
    """Not at work yet: `at_work` and tests see to that."""
    made = Parking(login, airflow.api)
    yield made
    made.close()


@pytest.fixture
def at_work(parking: Parking) -> Iterator[Parking]:
    """As the steward's duty: it looks every second."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(1.0):
            parking.act()

    thread = threading.Thread(target=work)
    thread.start()
    yield parking
    stop.set()
    thread.join()


def run_after(airflow: EmbeddedAirflow, dag_id: str, run: str) -> dt.datetime:
    return dt.datetime.fromisoformat(airflow.api.dag_run(dag_id, run)["run_after"])


def is_parked(airflow: EmbeddedAirflow, dag_id: str, run: str) -> bool:
    seen = airflow.api.dag_run(dag_id, run)
    return seen["state"] == "running" and run_after(airflow, dag_id, run) > dt.datetime.now(dt.UTC)


def parked(airflow: EmbeddedAirflow, dag_id: str, *, org: str = "parked") -> str:
    """A run that waits, and is parked by whoever is at work."""
    run = start(airflow.api, dag_id, org=org)
    eventually(lambda: is_parked(airflow, dag_id, run))
    return run


def decisions(airflow: EmbeddedAirflow, dag_id: str, run: str) -> str:
    """When the scheduler looked at it last."""
    with psycopg.connect(_libpq(airflow)) as connection:
        query = "SELECT last_scheduling_decision::text FROM dag_run WHERE dag_id = %s AND run_id = %s"
        row = connection.execute(query, (dag_id, run)).fetchone()
    assert row is not None
    return str(row[0])


def tell(airflow: EmbeddedAirflow, method: str, path: str, **body: Any) -> None:
    airflow.admin._call(method, f"/api/v2/dags/{path}", **({"json": body} if body else {}))


def test_the_scheduler_does_not_look_at_a_parked_run_and_an_answer_takes_it_on(
    airflow: EmbeddedAirflow, at_work: Parking
) -> None:
    run = parked(airflow, ASKS)
    looked = decisions(airflow, ASKS, run)
    time.sleep(3)  # in which it looks at any other running run some thirty times
    assert decisions(airflow, ASKS, run) == looked
    airflow.answer(ASKS, run, "ask")
    assert airflow.await_run(run, dag_id=ASKS) == "success"
    assert states(airflow.api, ASKS, run) == {"ask": "success", "after": "success"}
    began = dt.datetime.fromisoformat(airflow.api.dag_run(ASKS, run)["start_date"] or "")
    assert run_after(airflow, ASKS, run) == began, "what it may well have been before"


def test_a_delay_ends_by_itself_whoever_is_at_work_by_then(
    airflow: EmbeddedAirflow, parking: Parking
) -> None:
    """The steward parks it and is gone."""
    run = start(airflow.api, DELAYS, org="parked")
    eventually(lambda: parking.park() and is_parked(airflow, DELAYS, run))
    assert airflow.await_run(run, dag_id=DELAYS) == "success"


def test_a_delay_ends_while_parking_is_at_work(airflow: EmbeddedAirflow, at_work: Parking) -> None:
    run = parked(airflow, DELAYS)
    assert airflow.await_run(run, dag_id=DELAYS) == "success"


def mark_task(airflow: EmbeddedAirflow, run: str) -> None:
    tell(airflow, "PATCH", f"{ASKS}/dagRuns/{run}/taskInstances/ask", new_state="success")


def mark_task_failed(airflow: EmbeddedAirflow, run: str) -> None:
    tell(airflow, "PATCH", f"{ASKS}/dagRuns/{run}/taskInstances/ask", new_state="failed")


@pytest.mark.parametrize(
    ("mark", "state", "after"),
    [(mark_task, "success", "success"), (mark_task_failed, "failed", "upstream_failed")],
)
def test_a_task_that_is_marked_takes_the_parked_run_on(
    airflow: EmbeddedAirflow, at_work: Parking, mark: Callable[..., None], state: str, after: str
) -> None:
    run = parked(airflow, ASKS)
    mark(airflow, run)
    assert airflow.await_run(run, dag_id=ASKS) == state
    assert states(airflow.api, ASKS, run)["after"] == after


@pytest.mark.parametrize("state", ["success", "failed"])
def test_a_parked_run_that_is_marked_has_ended_and_begins_anew_when_it_is_cleared(
    airflow: EmbeddedAirflow, at_work: Parking, state: str
) -> None:
    run = parked(airflow, ASKS)
    tell(airflow, "PATCH", f"{ASKS}/dagRuns/{run}", state=state)
    assert airflow.await_run(run, dag_id=ASKS) == state
    tell(airflow, "POST", f"{ASKS}/dagRuns/{run}/clear", dry_run=False)
    eventually(lambda: states(airflow.api, ASKS, run)["ask"] == "awaiting_input")
    airflow.answer(ASKS, run, "ask")
    assert airflow.await_run(run, dag_id=ASKS) == "success"


def test_a_task_that_is_cleared_asks_anew_and_the_run_is_parked_again(
    airflow: EmbeddedAirflow, at_work: Parking
) -> None:
    run = parked(airflow, ASKS)
    (before,) = (t["try_number"] for t in airflow.api.task_instances(ASKS, run) if t["task_id"] == "ask")
    tell(
        airflow,
        "POST",
        f"{ASKS}/clearTaskInstances",
        dry_run=False,
        dag_run_id=run,
        task_ids=["ask"],
        only_failed=False,
        reset_dag_runs=False,
    )

    def asks_anew() -> bool:
        (ask,) = (t for t in airflow.api.task_instances(ASKS, run) if t["task_id"] == "ask")
        return ask["try_number"] > before and ask["state"] == "awaiting_input"

    eventually(asks_anew)
    eventually(lambda: is_parked(airflow, ASKS, run))
    airflow.answer(ASKS, run, "ask")
    assert airflow.await_run(run, dag_id=ASKS) == "success"


def test_a_parked_run_can_be_deleted_once_it_is_marked_as_airflow_wants_it(
    airflow: EmbeddedAirflow, at_work: Parking
) -> None:
    run = parked(airflow, ASKS)
    tell(airflow, "PATCH", f"{ASKS}/dagRuns/{run}", state="failed")
    tell(airflow, "DELETE", f"{ASKS}/dagRuns/{run}")
    assert run not in {each["dag_run_id"] for each in airflow.api.dag_runs(dag_id=ASKS)}


def test_a_question_whose_time_is_over_takes_the_run_on_by_airflows_own_timer(
    airflow: EmbeddedAirflow, at_work: Parking, workflows_database: Database
) -> None:
    """The scheduler's timer for questions does not ask for `run_after`. Its moment is moved here, and that of
    the question.
    """
    run = parked(airflow, ASKS)
    with workflows_database.service() as session:
        asked = HumanRequest.run_id == workflow_run_id(ASKS, run)
        over = func.now() - dt.timedelta(seconds=1)
        session.execute(update(HumanRequest).where(asked).values(deadline=over))
    with psycopg.connect(_libpq(airflow)) as connection:
        connection.execute(
            "UPDATE task_instance SET trigger_timeout = now() - interval '1 s'"
            " WHERE dag_id = %s AND run_id = %s AND task_id = 'ask'",
            (ASKS, run),
        )
    assert airflow.await_run(run, dag_id=ASKS) == "failed"


def test_a_steward_that_is_down_for_an_hour_forgets_nobody(
    airflow: EmbeddedAirflow, parking: Parking
) -> None:
    """Answered while nobody looked, the run goes on when its parking ends. An hour passes by moving its
    moment.
    """
    run = start(airflow.api, ASKS, org="parked")
    eventually(lambda: parking.park() and is_parked(airflow, ASKS, run))
    airflow.answer(ASKS, run, "ask")
    eventually(lambda: states(airflow.api, ASKS, run)["ask"] == "success")
    assert states(airflow.api, ASKS, run)["after"] is None
    with psycopg.connect(_libpq(airflow)) as connection:
        connection.execute(
            "UPDATE dag_run SET run_after = run_after - interval '1 hour' WHERE dag_id = %s AND run_id = %s",
            (ASKS, run),
        )
    assert airflow.await_run(run, dag_id=ASKS) == "success"


@contextmanager
def listening(parking: Parking, database: Database) -> Iterator[Hearing]:
    """Whoever is told of by a notification can be put back, from now on."""
    stop, begun = threading.Event(), threading.Event()
    hearing = Hearing(database, parking, stop=stop)

    def heard(payload: str | None) -> None:
        begun.set()
        hearing.heard(payload)

    thread = Listening(database.service_url, {wakes.CHANNEL: heard}, stop=stop)
    thread.start()
    try:
        assert begun.wait(60)
        yield hearing
    finally:
        stop.set()
        thread.join()


def test_a_notification_puts_a_run_back_at_once(
    airflow: EmbeddedAirflow, parking: Parking, workflows_database: Database
) -> None:
    """Nobody looks here but who listens."""
    run = start(airflow.api, ASKS, org="parked")
    eventually(lambda: parking.park() and is_parked(airflow, ASKS, run))
    with listening(parking, workflows_database) as hearing:
        with workflows_database.service() as session:
            run_id = workflow_run_id(ASKS, run)
            assert session.get(WorkflowRun, run_id) is not None
            wakes.notify(session, run_id)
        eventually(lambda: hearing.act() == 1)
        assert not is_parked(airflow, ASKS, run)
    airflow.answer(ASKS, run, "ask")
    assert airflow.await_run(run, dag_id=ASKS) == "success"


def want(database: Database, dag_id: str, run: str, wanted: RunControl) -> None:
    with database.service() as session:
        row = session.get_one(WorkflowRun, workflow_run_id(dag_id, run))
        control.ask(session, row, wanted, by="airflow:ana", why="she does not come")


def ended(database: Database, dag_id: str, run: str) -> tuple[str, dict[str, str]] | None:
    """What the run is, and its acts, once it is over and left nothing open."""
    with database.service() as session:
        row = session.get_one(WorkflowRun, workflow_run_id(dag_id, run))
        its = {"run_id": row.run_id}
        asks = session.scalars(select(HumanRequest).filter_by(**its, state=RequestState.OPEN)).all()
        waits = session.scalars(select(EventWait).filter_by(**its, ended_at=None)).all()
        if row.ended_at is None:
            return None
        assert not [*asks, *waits]
        return row.status, {key: act.status for key, act in acts(database, dag_id, run).items()}


def test_parked_runs_are_cancelled_at_once_and_what_they_did_is_taken_back(
    airflow: EmbeddedAirflow, parking: Parking, workflows_database: Database
) -> None:
    """Whatever they wait for; one of them is paused. Nobody puts them back but who listens."""
    database = workflows_database
    runs = {f"parked__{slug}": start(airflow.api, f"parked__{slug}", org="parked") for slug in WAITING}

    def are_parked() -> bool:
        parking.park()
        return all(is_parked(airflow, *run) for run in runs.items())

    eventually(are_parked)
    want(database, "parked__date", runs["parked__date"], RunControl.PAUSE)
    with listening(parking, database) as hearing, stewarding(database, airflow):
        for dag_id, run in runs.items():
            want(database, dag_id, run, RunControl.CANCEL)

        def have_ended() -> list[tuple[str, dict[str, str]]]:
            hearing.act()
            found = [ended(database, *run) for run in runs.items()]
            return [] if None in found else [each for each in found if each is not None]

        for status, done in eventually(have_ended):
            assert (status, done["before"]) == ("COMPENSATED", "COMPENSATED")
            assert done["undo__back"] == "SUCCEEDED"
            assert "after" not in done
        for dag_id, run in runs.items():
            assert airflow.await_run(run, dag_id=dag_id) == "failed"
            assert not is_parked(airflow, dag_id, run)
