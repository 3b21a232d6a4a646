"""What waits for a time is woken, once, whatever it is at when that is asked."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from listeners.steward.duties import wake_duties
from listeners.steward.waking import Waking
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.listening import Listening
from officeflow.database.tables import Organization, Wake, WorkflowRun
from officeflow.errors import Unavailable
from officeflow.runs.store import ensure_run
from officeflow.waiting import wakes
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import eventually

DAG = "acme__waits"


@pytest.fixture
def waking(database: Database, api: AirflowApi) -> Waking:
    return Waking(database, api, stop=threading.Event())


class Runs:
    """Runs of one task `wait`, in our tables and in Airflow."""

    def __init__(self, database: Database, airflow: AirflowServer, org: Organization) -> None:
        self._database, self._airflow, self._org = database, airflow, org

    def add(self, state: str | None = "up_for_reschedule", *, map_index: int = -1) -> WorkflowRun:
        name = f"run__{secrets.token_hex(4)}"
        with self._database.tenant(self._org.org_id) as session:
            run = ensure_run(session, org_id=self._org.org_id, dag_id=DAG, dag_run_id=name, conf={})
        self._airflow.tasks.append(
            {
                "dag_id": DAG,
                "dag_run_id": name,
                "task_id": "wait",
                "map_index": map_index,
                "state": state,
            }
        )
        return run

    def wake(self, run: WorkflowRun, *, map_index: int = -1) -> None:
        with self._database.tenant(self._org.org_id) as session:
            wakes.wake(session, self._org.org_id, run.run_id, "wait", map_index=map_index, cause="a test")

    def due(self) -> None:
        """The time of every wake has come."""
        with self._database.service() as session:
            session.execute(update(Wake).values(due_at=Wake.created_at))

    def state(self, run: WorkflowRun, state: str | None) -> None:
        task = next(task for task in self._airflow.tasks if task["dag_run_id"] == run.dag_run_id)
        task["state"] = state

    def wakes(self) -> list[Wake]:
        with self._database.service() as session:
            return list(session.scalars(select(Wake).order_by(Wake.created_at)))


@pytest.fixture
def runs(database: Database, airflow: AirflowServer, org: Organization) -> Runs:
    return Runs(database, airflow, org)


def asked(airflow: AirflowServer) -> list[dict[str, Any]]:
    names = ("dag_id", "dag_run_id", "task_ids", "only_failed", "reset_dag_runs", "include_downstream")
    return [{name: call[name] for name in names} for call in airflow.cleared]


def test_a_task_that_waits_for_a_time_is_cleared_alone_and_its_run_stays_as_it_is(
    waking: Waking, runs: Runs, airflow: AirflowServer
) -> None:
    run = runs.add()
    runs.wake(run)
    assert waking.wake_due() == 1
    assert asked(airflow) == [
        {
            "dag_id": DAG,
            "dag_run_id": run.dag_run_id,
            "task_ids": ["wait"],
            "only_failed": False,
            "reset_dag_runs": False,
            "include_downstream": False,
        }
    ]
    (wake,) = runs.wakes()
    assert (wake.outcome, wake.done_at is not None) == ("", True)
    assert waking.wake_due() == 0


def test_of_a_mapped_task_only_the_one_that_is_meant_is_cleared(
    waking: Waking, runs: Runs, airflow: AirflowServer
) -> None:
    run = runs.add(map_index=3)
    runs.wake(run, map_index=3)
    waking.wake_due()
    assert [call["task_ids"] for call in airflow.cleared] == [[["wait", 3]]]


def test_several_wakes_of_one_task_clear_it_once(waking: Waking, runs: Runs, airflow: AirflowServer) -> None:
    run = runs.add()
    for _ in range(3):
        runs.wake(run)
    assert waking.wake_due() == 3
    assert len(airflow.cleared) == 1
    assert all(wake.done_at for wake in runs.wakes())


@pytest.mark.parametrize("state", ["running", "queued", "scheduled", "restarting", None])
def test_a_task_that_is_in_a_worker_is_asked_for_again_until_it_waits(
    waking: Waking, runs: Runs, airflow: AirflowServer, state: str | None
) -> None:
    run = runs.add(state)
    runs.wake(run)
    assert waking.wake_due() == 1
    assert waking.wake_due() == 0, "its turn comes again a second later"
    assert (airflow.cleared, runs.wakes()[0].done_at) == ([], None)
    runs.state(run, "up_for_reschedule")
    runs.due()
    assert waking.wake_due() == 1
    assert len(airflow.cleared) == 1


@pytest.mark.parametrize("state", ["success", "failed", "removed", "awaiting_input", "up_for_retry"])
def test_a_task_that_waits_for_no_time_is_left_as_it_is(
    waking: Waking, runs: Runs, airflow: AirflowServer, state: str
) -> None:
    run = runs.add(state)
    runs.wake(run)
    waking.wake_due()
    (wake,) = runs.wakes()
    assert (airflow.cleared, wake.outcome) == ([], f"it does not wait for a time: it is {state}")
    assert wake.done_at is not None


def test_a_wake_for_a_run_that_airflow_does_not_have_is_done(
    waking: Waking, runs: Runs, airflow: AirflowServer
) -> None:
    run = runs.add()
    airflow.tasks.clear()
    runs.wake(run)
    waking.wake_due()
    assert runs.wakes()[0].outcome == "there is no such task or run any more"


def test_nothing_is_lost_while_airflow_is_away(waking: Waking, runs: Runs, airflow: AirflowServer) -> None:
    run = runs.add()
    runs.wake(run)
    airflow.status = 503
    with pytest.raises(Unavailable):
        waking.wake_due()
    airflow.status = None
    assert waking.wake_due() == 1
    assert len(airflow.cleared) == 1


@pytest.mark.parametrize("status", [500, 403])
def test_one_that_cannot_be_cleared_just_now_keeps_no_other_from_it(
    waking: Waking, runs: Runs, airflow: AirflowServer, status: int
) -> None:
    broken, gone, *others = (runs.add() for _ in range(5))
    for run in (broken, gone, *others):
        runs.wake(run)
    airflow.unclearable[broken.dag_run_id] = status
    airflow.tasks = [task for task in airflow.tasks if task["dag_run_id"] != gone.dag_run_id]
    assert waking.wake_due() == 5
    assert {call["dag_run_id"] for call in airflow.cleared} == {run.dag_run_id for run in others}
    assert [wake.run_id for wake in runs.wakes() if wake.done_at is None] == [broken.run_id]
    airflow.unclearable.clear()
    runs.due()
    assert waking.wake_due() == 1
    assert airflow.cleared[-1]["dag_run_id"] == broken.dag_run_id


def test_many_wakes_are_shared_by_two_stewards_and_each_task_is_cleared_once(
    database: Database, api: AirflowApi, runs: Runs, airflow: AirflowServer
) -> None:
    for _ in range(300):
        runs.wake(runs.add())
    stewards = [Waking(database, api, stop=threading.Event()) for _ in range(2)]
    threads = [threading.Thread(target=steward.wake_due) for steward in stewards]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cleared = [call["dag_run_id"] for call in airflow.cleared]
    assert (len(cleared), len(set(cleared))) == (300, 300)


@pytest.fixture
def heard(database: Database) -> Iterator[list[str | None]]:
    stop, told = threading.Event(), list[str | None]()
    listening = Listening(database.service_url, {wakes.CHANNEL: told.append}, stop=stop)
    listening.start()
    eventually(lambda: told == [None])
    yield told
    stop.set()
    listening.join()


def test_who_listens_hears_of_the_run_when_it_is_woken_and_when_its_task_was_cleared(
    waking: Waking, runs: Runs, heard: list[str | None]
) -> None:
    run = runs.add()
    runs.wake(run)
    eventually(lambda: heard == [None, str(run.run_id)])
    waking.wake_due()
    eventually(lambda: heard == [None, str(run.run_id), str(run.run_id)])


def test_who_listens_hears_nothing_of_what_was_not_committed(
    database: Database, org: Organization, runs: Runs, heard: list[str | None]
) -> None:
    run = runs.add()

    def given_up() -> None:
        with database.tenant(org.org_id) as session:
            wakes.wake(session, org.org_id, run.run_id, "wait", cause="a test")
            raise InterruptedError

    with pytest.raises(InterruptedError):
        given_up()
    runs.wake(run)
    eventually(lambda: len(heard) == 2)
    assert len(runs.wakes()) == 1


def test_who_listens_goes_on_when_the_server_has_ended_its_connection(
    database: Database, runs: Runs, heard: list[str | None]
) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query ~ '^LISTEN' AND datname = current_database()"
        )
    eventually(lambda: heard == [None, None])
    run = runs.add()
    runs.wake(run)
    eventually(lambda: heard[-1] == str(run.run_id))


def test_the_duty_acts_when_it_is_told_and_ends_when_it_is_to_stop(
    database: Database, api: AirflowApi, runs: Runs, airflow: AirflowServer
) -> None:
    stop = threading.Event()
    waking = Waking(database, api, stop=stop)
    duty, _ = wake_duties(database, waking)
    runs.wake(runs.add())
    waking.bell.ring()
    assert duty.act() == 1
    assert len(airflow.cleared) == 1
    stop.set()
    assert duty.act() == 0


def test_wakes_of_last_week_are_forgotten_and_open_ones_never(
    database: Database, waking: Waking, runs: Runs
) -> None:
    old, new = runs.add(), runs.add()
    for run in (old, new):
        runs.wake(run)
    waking.wake_due()
    runs.wake(runs.add("running"))
    long_ago = Wake.created_at - 2 * wakes.KEEP
    with database.service() as session:
        session.execute(update(Wake).where(Wake.run_id == old.run_id).values(done_at=long_ago))
        session.execute(update(Wake).where(Wake.done_at.is_(None)).values(created_at=long_ago))
    _, duty = wake_duties(database, waking)
    assert duty.act() == 1
    assert {wake.run_id for wake in runs.wakes()} - {new.run_id} != set()
    assert old.run_id not in {wake.run_id for wake in runs.wakes()}


def test_a_wake_is_its_organizations_own(database: Database, other: Organization, runs: Runs) -> None:
    runs.wake(runs.add())
    with database.tenant(other.org_id) as session:
        assert session.scalars(select(Wake)).all() == []
