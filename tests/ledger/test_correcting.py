"""A person's correction: asked of Airflow first, then in the ledger, then in Airflow.

`tests/airflow/test_ledger.py` has a real one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest
from sqlalchemy import select

from officeflow.airflow_api.errors import AirflowForbids
from officeflow.airflow_api.types import TaskInstance
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, NodeRun
from officeflow.errors import InvalidInput, OutcomeUnknown, Transient
from officeflow.runs import corrections
from officeflow.runs.acts import Attempt, Done
from officeflow.runs.correcting import ENDING_SECONDS, Correction, GoesOn
from officeflow.runs.corrections import Person, Place
from officeflow.runs.ledger import Ledger
from officeflow.sdk import Effect
from tests.ledger.conftest import DAG, RUN, Ask

pytestmark = pytest.mark.integration

NODE = "create_account"
PERSON = Person(login="ana", why="the account is there")


class ManualTime:
    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Tasks:
    """Airflow as one login sees it: what it was asked to clear.

    The node's task is in the first of `states` until it is asked for its state, then in the next one; the
    last one stays.
    """

    def __init__(self, *states: str, allows: bool = True) -> None:
        self.allows = allows
        self.states = list(states or ["failed"])
        self.cleared: list[tuple[list[str], bool]] = []
        self.ran_again: set[str] = set()

    def clear(
        self,
        dag_id: str,
        run_id: str,
        task_ids: Sequence[str | tuple[str, int]] | None = None,
        *,
        only_failed: bool = False,
        downstream: bool = False,
        dry_run: bool = False,
    ) -> Sequence[Mapping[str, Any]]:
        assert (dag_id, run_id) == (DAG, RUN)
        if not self.allows:
            raise AirflowForbids("Airflow answers 403")
        if dry_run:
            return []
        self.cleared.append((list(map(str, task_ids or ())), only_failed))
        failed = {"running": [], "failed": [NODE, "welcome_mail"], "upstream_failed": ["welcome_mail"]}
        names = failed.get(self.states[0], []) if downstream else [NODE]
        cleared = [{"task_id": name} for name in names if name not in self.ran_again]
        self.ran_again |= set(names)
        return cleared

    def task_instances(self, dag_id: str, run_id: str) -> Sequence[TaskInstance]:
        assert (dag_id, run_id) == (DAG, RUN)
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return [
            cast("TaskInstance", {"task_id": NODE, "map_index": -1, "state": state}),
            cast("TaskInstance", {"task_id": "welcome_mail", "map_index": -1, "state": "failed"}),
        ]


@pytest.fixture
def place(ledger: Ledger, database: Database, ask: Ask) -> Place:
    """Of an act of which nobody knows whether it was done."""

    def lost(attempt: Attempt) -> Done:
        raise Transient("no answer", maybe_done=True)

    with pytest.raises(OutcomeUnknown):
        ledger.once(ask(Effect.AT_MOST_ONCE), lost)
    return corrections.find_place(database, f"{DAG}/{RUN}", NODE)


def in_time(time: ManualTime, database: Database, tasks: Tasks, place: Place) -> Correction:
    return Correction(database, tasks, place, PERSON, task=NODE, sleep=time.sleep, monotonic=time.monotonic)


def states(database: Database) -> list[tuple[int, str]]:
    with database.service() as session:
        acts = session.scalars(select(NodeRun).order_by(NodeRun.generation))
        return [(act.generation, act.status) for act in acts]


def decisions(database: Database) -> list[tuple[str, str]]:
    with database.service() as session:
        records = session.scalars(select(AuditRecord).order_by(AuditRecord.position))
        return [(each.actor, each.action) for each in records if "why" in each.details]


def test_who_may_not_clear_the_task_corrects_nothing(database: Database, place: Place) -> None:
    before = states(database)
    with pytest.raises(AirflowForbids):
        Correction(database, Tasks(allows=False), place, Person(login="eve", why="x"), task=NODE)
    assert states(database) == before
    assert decisions(database) == []


def test_an_act_is_done_once_more_with_all_that_failed_behind_it(database: Database, place: Place) -> None:
    tasks = Tasks()
    correction = Correction(database, tasks, place, Person(login="ana", why="it was lost"), task=NODE)
    assert tasks.cleared == [], "asking for the right clears nothing"
    assert correction.redo() == 2
    assert states(database)[-1] == (2, "QUEUED")
    assert correction.act_again() == GoesOn([NODE, "welcome_mail"])
    assert tasks.cleared == [([NODE], False), ([NODE], True)]
    assert decisions(database) == [("airflow:ana", "act.redo_allowed")]


def test_what_was_found_out_is_recorded_and_the_task_goes_on(database: Database, place: Place) -> None:
    tasks = Tasks()
    correction = Correction(
        database, tasks, place, Person(login="ana", why="the account is there"), task=NODE
    )
    correction.resolve(SystemClock(), done=True)
    assert states(database) == [(1, "SUCCEEDED")]
    assert correction.go_on() == GoesOn([NODE, "welcome_mail"])
    assert tasks.cleared == [([NODE], True)]
    assert decisions(database) == [("airflow:ana", "act.resolved")]


@pytest.mark.parametrize(
    "states",
    [
        ("running", "running", "failed"),
        ("failed",),
        ("restarting", "failed"),
        ("running", "upstream_failed", "failed"),
    ],
)
def test_a_task_whose_failure_airflow_learns_of_later_goes_on_too(
    database: Database, place: Place, states: tuple[str, ...]
) -> None:
    tasks, time = Tasks(*states), ManualTime()
    assert in_time(time, database, tasks, place).go_on() == GoesOn([NODE, "welcome_mail"])
    assert len(tasks.cleared) == len(states)


@pytest.mark.parametrize("state", ["up_for_retry", "queued", "success", "awaiting_input"])
def test_a_task_that_has_not_failed_goes_on_by_itself(database: Database, place: Place, state: str) -> None:
    tasks, time = Tasks(state), ManualTime()
    assert in_time(time, database, tasks, place).go_on() == GoesOn([], state)
    assert time.now == 0.0


def test_a_task_that_keeps_running_is_not_waited_for_for_ever(database: Database, place: Place) -> None:
    tasks, time = Tasks("running"), ManualTime()
    assert in_time(time, database, tasks, place).go_on() == GoesOn([], "running")
    assert time.now >= ENDING_SECONDS


def test_a_correction_needs_its_reason() -> None:
    with pytest.raises(InvalidInput, match="the reason is empty"):
        Person(login="ana", why="  ")
