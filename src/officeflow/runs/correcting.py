"""A person's correction of one act as a whole: their rights, the ledger, and the task in Airflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.runs import corrections
from officeflow.runs.corrections import Person, Place


class AirflowTasks(Protocol):
    """What is asked of Airflow; `officeflow.airflow_api.client.AirflowApi` answers, signed in as the
    person.
    """

    def clear(
        self,
        dag_id: str,
        run_id: str,
        task_ids: Sequence[str] | None = None,
        *,
        only_failed: bool = False,
        downstream: bool = False,
        dry_run: bool = False,
    ) -> Sequence[Mapping[str, Any]]: ...


class Correction:
    """May be made by whoever may clear the act's task in Airflow, which answers for that.

    `task` is the id that the node has in Airflow, which may be a later one than the ledger's.
    """

    def __init__(
        self, database: Database, airflow: AirflowTasks, place: Place, person: Person, *, task: str
    ) -> None:
        """`AirflowForbids` where the login is refused or may not; nothing is changed by asking."""
        self._database = database
        self._airflow = airflow
        self._place = place
        self._person = person
        self._task = task
        self._clear(dry_run=True)

    def redo(self) -> int:
        """As `corrections.redo`: the act may be done once more, and is when its task runs."""
        return corrections.redo(self._database, self._place, self._person)

    def resolve(self, clock: Clock, *, done: bool, output: Mapping[str, Any] | None = None) -> None:
        """As `corrections.resolve`: what became of the act is known now; its task has yet to go on."""
        corrections.resolve(self._database, clock, self._place, self._person, done=done, output=output)

    def act_again(self) -> list[str]:
        """Let the task run again, whatever became of it, and then as `go_on`."""
        self._clear()
        return self.go_on()

    def go_on(self) -> list[str]:
        """Let the task and what failed behind it run again; the ids of the tasks that do."""
        cleared = self._clear(only_failed=True, downstream=True)
        return sorted({each["task_id"] for each in cleared} | {self._task})

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
