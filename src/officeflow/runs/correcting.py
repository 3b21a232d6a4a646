"""A person's correction of one act as a whole: their rights, the ledger, and the task in Airflow."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from officeflow.airflow_api.types import TaskInstance, TaskInstanceState
from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.runs import corrections, end_anew
from officeflow.runs.corrections import Person, Place

ENDING_SECONDS = 10.0
"""How long a task is waited for whose act has ended, and whose worker has still to tell Airflow so."""

LOOK_SECONDS = 0.2
MAY_FAIL_YET = frozenset(
    {
        TaskInstanceState.RUNNING,
        TaskInstanceState.RESTARTING,
        TaskInstanceState.FAILED,
        TaskInstanceState.UPSTREAM_FAILED,
    }
)
"""States of a task that was not cleared because it had not failed when that was asked."""


class AirflowTasks(Protocol):
    """What is asked of Airflow; `officeflow.airflow_api.client.AirflowApi` answers, signed in as the
    person.
    """

    def clear(
        self,
        dag_id: str,
        run_id: str,
        task_ids: Sequence[str | tuple[str, int]] | None = None,
        *,
        only_failed: bool = False,
        downstream: bool = False,
        dry_run: bool = False,
    ) -> Sequence[Mapping[str, Any]]: ...
    def task_instances(self, dag_id: str, run_id: str) -> Sequence[TaskInstance]: ...


@dataclass(frozen=True, slots=True)
class GoesOn:
    """`cleared` are the ids of the tasks that run again. Where the act's own is none of them, it was in
    `left_in`, a state of Airflow's; "" where the run has no such task or the scheduler has not come to it.
    """

    cleared: Sequence[str]
    left_in: str | None = None


class Correction:
    """May be made by whoever may clear the act's task in Airflow, which answers for that.

    `task` is the id that the node has in Airflow, which may be a later one than the ledger's.
    """

    def __init__(
        self,
        database: Database,
        airflow: AirflowTasks,
        place: Place,
        person: Person,
        *,
        task: str,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`AirflowForbids` where the login is refused or may not; nothing is changed by asking.

        `sleep` and `monotonic` are time, for tests to own.
        """
        self._database = database
        self._airflow = airflow
        self._place = place
        self._person = person
        self._task = task
        self._sleep = sleep
        self._monotonic = monotonic
        self._clear(dry_run=True)

    def redo(self) -> int:
        """As `corrections.redo`: the act may be done once more, and is when its task runs."""
        return corrections.redo(self._database, self._place, self._person)

    def resolve(self, clock: Clock, *, done: bool, output: Mapping[str, Any] | None = None) -> None:
        """As `corrections.resolve`: what became of the act is known now; its task has yet to go on."""
        corrections.resolve(self._database, clock, self._place, self._person, done=done, output=output)

    def act_again(self) -> GoesOn:
        """Let the task run again, whatever became of it, and what failed behind it."""
        self._clear()
        cleared = sorted({*self._clear_failed(), self._task})
        self._end_anew()
        return GoesOn(cleared)

    def go_on(self) -> GoesOn:
        """Let the task run again where it has failed, and what failed behind it.

        The ledger knows that an act has ended before Airflow knows it of the task, which is waited for: one
        that failed after it was asked to go on would stand still.
        """
        until, cleared = self._monotonic() + ENDING_SECONDS, set[str]()
        while True:
            cleared |= self._clear_failed()
            if self._task in cleared:
                self._end_anew()
                return GoesOn(sorted(cleared))
            state = self._state()
            if state not in MAY_FAIL_YET or self._monotonic() >= until:
                return GoesOn(sorted(cleared), state or "")
            self._sleep(LOOK_SECONDS)

    def _clear_failed(self) -> set[str]:
        return {each["task_id"] for each in self._clear(only_failed=True, downstream=True)}

    def _end_anew(self) -> None:
        end_anew.clear_ending(self._airflow, self._place.run.dag_id, self._place.run.dag_run_id)

    def _state(self) -> str | None:
        """None also where the run has no such task any more."""
        run = self._place.run
        of_task = (
            each["state"]
            for each in self._airflow.task_instances(run.dag_id, run.dag_run_id)
            if each["task_id"] == self._task and each.get("map_index", -1) == self._place.map_index
        )
        return next(of_task, None)

    def _clear(
        self, *, only_failed: bool = False, downstream: bool = False, dry_run: bool = False
    ) -> Sequence[Mapping[str, Any]]:
        return self._airflow.clear(
            self._place.run.dag_id,
            self._place.run.dag_run_id,
            [self._task],
            only_failed=only_failed,
            downstream=downstream,
            dry_run=dry_run,
        )
