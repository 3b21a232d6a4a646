"""Which runs are parked, until when, and what puts them back; in Airflow's own tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from listeners.parking.parking import LEAST, LONGEST, Parking
from officeflow.airflow_api.client import AirflowApi
from tests.listeners.parking.tables import Tables, ago, ahead

SOON = dt.timedelta(seconds=30)


def up_for_reschedule(wakes: dt.datetime) -> dict[str, Any]:
    return {"state": "up_for_reschedule", "wakes": wakes}


def test_a_run_that_waits_for_an_answer_is_parked_for_an_hour_at_most(
    parking: Parking, tables: Tables
) -> None:
    run = tables.run()
    assert parking.park() == 1
    assert LONGEST * 0.74 < tables.until(run) <= LONGEST
    assert parking.park() == 0


def test_it_is_parked_until_the_first_of_its_tasks_has_something_to_do(
    parking: Parking, tables: Tables
) -> None:
    soonest = ahead(minutes=7)
    run = tables.run(
        tasks={
            "days": up_for_reschedule(ahead(days=3)),
            "minutes": up_for_reschedule(soonest),
            "ask": {"state": "awaiting_input", "trigger_timeout": ahead(minutes=9)},
            "again": {"state": "up_for_retry", "end_date": ago(minutes=10), "retry_delay_override": 3000.0},
        }
    )
    parking.park()
    assert tables.column(run, "run_after") == soonest


@pytest.mark.parametrize(
    "task",
    [
        lambda: {"state": "awaiting_input", "trigger_timeout": ahead(minutes=4)},
        lambda: {"state": "up_for_retry", "end_date": ago(minutes=10), "retry_delay_override": 840.0},
        lambda: up_for_reschedule(ahead(minutes=4)),
    ],
    ids=["awaiting_input", "up_for_retry", "up_for_reschedule"],
)
def test_each_kind_of_wait_ends_the_parking_by_itself(
    parking: Parking, tables: Tables, task: Callable[[], dict[str, Any]]
) -> None:
    """Its times count from the test's own beginning: a session may have begun long before."""
    run = tables.run(tasks={"wait": task()})
    parking.park()
    assert dt.timedelta() < tables.until(run) <= dt.timedelta(minutes=4)


@pytest.mark.parametrize("state", ["scheduled", "queued", "running", "restarting", "deferred"])
def test_a_run_with_a_task_in_work_is_not_parked(parking: Parking, tables: Tables, state: str) -> None:
    tables.run(tasks={"ask": "awaiting_input", "works": state})
    assert parking.park() == 0


@pytest.mark.parametrize(
    "tasks",
    [
        {"done": "success", "next": None},
        {"wait": up_for_reschedule(ahead(seconds=LEAST.total_seconds() - 2))},
        {"wait": up_for_reschedule(ago(seconds=1))},
        {"wait": "up_for_reschedule"},
        {"again": {"state": "up_for_retry", "end_date": ago(minutes=1)}},
        {"ask": {"state": "awaiting_input", "trigger_timeout": ago(seconds=1)}},
    ],
    ids=[
        "nothing waits",
        "short",
        "due",
        "no date",
        "a retry of Airflow's own delay",
        "question has run out",
    ],
)
def test_what_is_due_or_soon_or_not_known_is_not_parked(
    parking: Parking, tables: Tables, tasks: dict[str, Any]
) -> None:
    tables.run(tasks=tasks)
    assert parking.park() == 0


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "queued", "start_date": None},
        {"state": "success"},
        {"state": "failed"},
        {"last_scheduling_decision": None},
        {"last_scheduling_decision": ago(minutes=11)},
        {"dag_id": "own"},
    ],
    ids=["queued", "success", "failed", "never looked at", "not looked at since", "a DAG of one's own"],
)
def test_only_running_runs_of_workflows_that_the_scheduler_has_looked_at_are_parked(
    parking: Parking, tables: Tables, columns: dict[str, Any]
) -> None:
    tables.run(**columns)
    assert parking.park() == 0


def test_a_run_that_the_scheduler_has_at_hand_is_left_alone(
    parking: Parking, tables: Tables, metadata: Engine
) -> None:
    run = tables.run()
    with metadata.begin() as scheduler:
        scheduler.execute(text("SELECT FROM dag_run WHERE id = :run FOR UPDATE"), {"run": run})
        assert parking.park() == 0
    assert parking.park() == 1


def test_what_comes_while_it_is_decided_is_seen_before_it_is_committed(
    parking: Parking, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, ids = tables.run(), parking._restless

    def answered_first(*arguments: Any) -> list[int]:
        tables.set_task(run, "ask", state="scheduled")
        return ids(*arguments)

    monkeypatch.setattr(parking, "_restless", answered_first)
    parking.park()
    assert not tables.is_parked(run)


def answer(tables: Tables, run: int) -> None:
    tables.set_task(run, "ask", state="scheduled")


def clear(tables: Tables, run: int) -> None:
    tables.tell_log("post_clear_task_instances", run=run)
    tables.set_task(run, "done", state=None)


def mark(tables: Tables, run: int) -> None:
    tables.tell_log("patch_task_instance", run=run)
    tables.set_task(run, "ask", state="success")


def mark_many(tables: Tables, run: int) -> None:
    tables.tell_log("bulk_task_instances")
    tables.set_task(run, "ask", state="success")


def unlogged(tables: Tables, run: int) -> None:
    """By a statement in the database, which nobody tells of."""
    tables.set_task(run, "ask", state="success")


def end(tables: Tables, run: int) -> None:
    tables.tell_log("patch_dag_run", run=run)
    tables.set_run(run, state="failed", end_date=ago())


def begin_anew(tables: Tables, run: int) -> None:
    """Marked and cleared before anybody looked."""
    tables.tell_log("clear_dag_run", run=run)
    tables.set_run(run, state="queued", start_date=None, clear_number=1, last_scheduling_decision=None)
    tables.set_task(run, "ask", state=None)


@pytest.mark.parametrize("change", [answer, clear, mark, mark_many, unlogged, end, begin_anew])
def test_the_next_look_puts_a_run_back_to_which_something_has_happened(
    parking: Parking, tables: Tables, change: Any
) -> None:
    run, other = tables.run(), tables.run()
    started = tables.column(run, "start_date")
    parking.park()
    assert parking.look() == 0
    change(tables, run)
    assert parking.look() == 1
    assert not tables.is_parked(run)
    assert tables.is_parked(other)
    assert tables.column(run, "run_after") == started, "what it may well have been before"


def test_a_run_that_was_put_back_is_parked_again_once_the_scheduler_has_looked_and_nothing_could_start(
    parking: Parking, tables: Tables
) -> None:
    run = tables.run()
    parking.park()
    tables.tell_log("patch_task_instance", run=run)
    tables.set_task(run, "done", state="success", updated_at=ago(seconds=30))
    parking.look()
    assert parking.park() == 0
    tables.set_run(run, last_scheduling_decision=ago())
    assert parking.park() == 1


def test_runs_that_are_named_are_put_back_and_spared_for_a_moment(
    login: str, api: AirflowApi, tables: Tables
) -> None:
    now = [0.0]
    parking, run, other = Parking(login, api, seconds=lambda: now[0]), tables.run(), tables.run()
    parking.park()
    name = tables.column(run, "run_id")
    assert parking.wake([("acme__wait", name), ("acme__wait", "no such run")]) == 1
    assert (tables.is_parked(run), tables.is_parked(other)) == (False, True)
    assert parking.park() == 0
    now[0] += 6
    assert parking.park() == 1
    parking.close()


def test_a_run_that_is_to_start_later_is_left_alone(parking: Parking, tables: Tables) -> None:
    columns: dict[str, Any] = {"state": "queued", "start_date": None, "last_scheduling_decision": None}
    run = tables.run(run_after=ahead(hours=2), tasks={"first": {"state": None, "try_number": 0}}, **columns)
    tables.tell_log("patch_dag_run", run=run)
    parking.look()
    parking.wake([("acme__wait", tables.column(run, "run_id"))])
    parking.wake_all()
    assert tables.until(run) > dt.timedelta(hours=1)


def test_runs_that_are_due_go_on_without_a_steward(
    parking: Parking, tables: Tables, metadata: Engine
) -> None:
    """Airflow's own query finds those whose time has come, and only those."""
    run, other = tables.run(), tables.run()
    parking.park()
    asked = text("SELECT id FROM dag_run WHERE state = 'running' AND run_after <= now()")
    with metadata.begin() as connection:
        assert connection.scalars(asked).all() == []
        an_hour = {"run": run, "hour": LONGEST}
        connection.execute(text("UPDATE dag_run SET run_after = run_after - :hour WHERE id = :run"), an_hour)
        assert connection.scalars(asked).all() == [run]
    assert tables.is_parked(other)


def test_many_that_are_parked_at_once_do_not_come_back_at_once(parking: Parking, tables: Tables) -> None:
    runs = [tables.run() for _ in range(12)]
    parking.park()
    times = sorted(tables.until(run) for run in runs)
    assert times[-1] - times[0] > SOON


def test_a_parking_that_ends_soon_for_nothing_is_renewed(parking: Parking, tables: Tables) -> None:
    run, later = (tables.run(run_after=ahead(minutes=minutes)) for minutes in (5, 40))
    assert parking.renew() == 1
    assert LONGEST * 0.74 < tables.until(run) <= LONGEST
    assert tables.until(later) < dt.timedelta(minutes=40)
    assert parking.renew() == 0


def test_it_is_renewed_until_something_is_to_be_done_and_not_where_it_ends_for_that(
    parking: Parking, tables: Tables
) -> None:
    soonest, due = ahead(minutes=20), ahead(minutes=4)
    run = tables.run(run_after=ahead(minutes=5), tasks={"wait": up_for_reschedule(soonest)})
    ends = tables.run(run_after=due, tasks={"wait": up_for_reschedule(due)})
    assert parking.renew() == 1
    assert tables.column(run, "run_after") == soonest
    assert tables.column(ends, "run_after") == due


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"last_scheduling_decision": ago(hours=13)}, "awaiting_input"),
        ({}, "scheduled"),
        ({"state": "failed"}, "awaiting_input"),
        ({"dag_id": "own"}, "awaiting_input"),
    ],
    ids=["not looked at for long", "in work", "ended", "somebody's own"],
)
def test_only_what_may_be_parked_is_renewed(
    parking: Parking, tables: Tables, changes: dict[str, Any], state: str
) -> None:
    tables.run(
        run_after=ahead(minutes=5), tasks={"ask": {"state": state, "updated_at": ago(hours=14)}}, **changes
    )
    assert parking.renew() == 0


def test_a_steward_renews_by_itself(parking: Parking, tables: Tables) -> None:
    run = tables.run(run_after=ahead(minutes=5))
    parking.act()
    assert tables.until(run) > LONGEST * 0.7


def test_it_says_how_many_are_parked(parking: Parking, tables: Tables) -> None:
    for _ in range(3):
        tables.run()
    parking.park()
    parking.look()
    assert parking.figures()["parking"] == {"on": True, "parked": 3, "woken": 0, "problem": None}


def test_switched_off_all_are_put_back(parking: Parking, tables: Tables) -> None:
    runs = [tables.run() for _ in range(3)]
    parking.park()
    assert parking.wake_all() == 3
    assert not any(tables.is_parked(run) for run in runs)
