"""A run that goes on after its end is to end anew: its tasks `verdict` and `undo` run again then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from officeflow.airflow_api.types import TaskInstance, TaskInstanceState
from officeflow.ids import UNDO, VERDICT

OVER = frozenset(
    {
        TaskInstanceState.SUCCESS,
        TaskInstanceState.FAILED,
        TaskInstanceState.UPSTREAM_FAILED,
        TaskInstanceState.SKIPPED,
    }
)


class AirflowTasks(Protocol):
    """What is asked of Airflow, signed in as whoever lets the run go on."""

    def clear(
        self, dag_id: str, run_id: str, task_ids: Sequence[str | tuple[str, int]] | None = None
    ) -> Sequence[Mapping[str, Any]]: ...
    def task_instances(self, dag_id: str, run_id: str) -> Sequence[TaskInstance]: ...


def clear_ending(airflow: AirflowTasks, dag_id: str, run_id: str) -> None:
    """Clear the two where they are over. To be called once the tasks that go on are cleared: before, what
    the run did would be taken back at once.
    """
    over = [
        task["task_id"]
        for task in airflow.task_instances(dag_id, run_id)
        if task["task_id"] in {VERDICT, UNDO} and task["state"] in OVER
    ]
    if over:
        airflow.clear(dag_id, run_id, sorted(over))
