"""Runs for the API's tests, and an Airflow that does as it is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Self

from officeflow.airflow_api.types import DagRunState, TaskInstanceState
from officeflow.errors import NotKnown
from tests.runs.conftest import NOW, act, add_run, refuse

__all__ = ["NOW", "AirflowTasks", "act", "add_run", "refuse"]


class AirflowTasks:
    """What the service account sees. `tasks` are the states of the run's tasks, `asked` what was asked for;
    `knows` is False where Airflow has no such run.
    """

    def __init__(self, **tasks: str) -> None:
        self.tasks = dict(tasks)
        self.asked: list[tuple[Any, ...]] = []
        self.knows = True
        self.triggered: dict[str, Mapping[str, Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def clear(
        self,
        dag_id: str,
        run_id: str,
        task_ids: Sequence[Any] | None = None,
        *,
        only_failed: bool = False,
        downstream: bool = False,
        dry_run: bool = False,
    ) -> list[dict[str, Any]]:
        if not self.knows:
            raise NotKnown("Airflow does not know this")
        if not dry_run:
            self.asked.append(("clear", tuple(task_ids or ()), only_failed))
        return [{"task_id": each, "map_index": -1, "state": self.tasks.get(each)} for each in task_ids or ()]

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        if not self.knows:
            raise NotKnown("Airflow does not know this")
        return [
            {"task_id": name, "map_index": -1, "state": state, "start_date": "2026-03-02", "try_number": 1}
            for name, state in self.tasks.items()
        ]

    def begin_again(self, dag_id: str, run_id: str, tasks: Sequence[tuple[str, int]]) -> None:
        self.asked.append(("begin_again", tuple(tasks)))

    def mark_task(
        self, dag_id: str, run_id: str, task_id: str, state: TaskInstanceState, *, map_index: int = -1
    ) -> None:
        self.asked.append(("mark", task_id, state))

    def dag_run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        return {"state": DagRunState.RUNNING}

    def change_run(self, dag_id: str, run_id: str, **change: Any) -> None:
        self.asked.append(("change_run", change))

    def trigger(self, dag_id: str, dag_run_id: str, conf: Mapping[str, Any], note: str = "") -> bool:
        is_new = dag_run_id not in self.triggered
        self.triggered[dag_run_id] = conf
        return is_new

    def questions(self, dag_id: str, run_id: str) -> list[Any]:
        return []


def ago(**time: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(**time)


def place(run: Any) -> SimpleNamespace:
    """The run's address in the API."""
    return SimpleNamespace(of=f"/organizations/{run.org}/runs/{run.run_id}")
