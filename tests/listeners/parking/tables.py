"""Rows in Airflow's own tables, as its scheduler and api-server leave them."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session

from officeflow.ids import BUNDLE

LONG_AGO = dt.timedelta(minutes=10)
AHEAD = dt.timedelta(days=3)


def ago(**units: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(**units)


def ahead(**units: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(**units)


class Tables:
    """`run` makes a run that has waited for minutes and that the scheduler has looked at since."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._numbers = itertools.count(1)

    def dag(self, dag_id: str, bundle: str = BUNDLE) -> None:
        from airflow.models.dag import DagModel

        with Session(self.engine) as session, session.begin():
            session.add(DagModel(dag_id=dag_id, bundle_name=bundle))

    def run(
        self, *, dag_id: str = "acme__wait", tasks: Mapping[str, Any] | None = None, **columns: Any
    ) -> int:
        """Its id. `tasks` are states by task, or all columns; one question waits where none are given."""
        from airflow.models.dagrun import DagRun

        began = ago(minutes=20)
        values = {
            "dag_id": dag_id,
            "run_id": f"run_{next(self._numbers)}_{uuid.uuid4().hex[:6]}",
            "run_type": "manual",
            "state": "running",
            "run_after": began,
            "created_at": began,
            "queued_at": began,
            "start_date": began,
            "last_scheduling_decision": ago(minutes=5),
            **columns,
        }
        with self.engine.begin() as connection:
            found = connection.execute(
                insert(DagRun.__table__).values(values).returning(DagRun.__table__.c.id)
            )
            run: int = found.scalar_one()
        waiting = {"done": "success", "ask": "awaiting_input", "after": None}
        for task, state in (tasks or waiting).items():
            known = state if isinstance(state, dict) else {"state": state}
            self.task(values["dag_id"], values["run_id"], task, **known)
        return run

    def task(
        self, dag_id: str, run_id: str, task: str, *, wakes: dt.datetime | None = None, **columns: Any
    ) -> None:
        """`wakes` is when it looks again, where it is `up_for_reschedule`."""
        from airflow.models.taskinstance import TaskInstance
        from airflow.models.taskreschedule import TaskReschedule

        values = {
            "id": uuid.uuid4(),
            "dag_id": dag_id,
            "run_id": run_id,
            "task_id": task,
            "map_index": -1,
            "pool": "default_pool",
            "pool_slots": 1,
            "try_number": 1,
            "max_tries": 3,
            "updated_at": ago(minutes=10),
            **columns,
        }
        with self.engine.begin() as connection:
            connection.execute(insert(TaskInstance.__table__).values(values))
            for date in [wakes - dt.timedelta(hours=1), wakes] if wakes else ():
                row = {"ti_id": values["id"], "start_date": ago(minutes=10), "end_date": ago(minutes=10)}
                connection.execute(
                    insert(TaskReschedule.__table__).values(**row, duration=0, reschedule_date=date)
                )

    def set_run(self, run: int, **columns: Any) -> None:
        from airflow.models.dagrun import DagRun

        table = DagRun.__table__
        with self.engine.begin() as connection:
            connection.execute(update(table).where(table.c.id == run).values(columns))

    def set_task(self, run: int, task: str, **columns: Any) -> None:
        """As Airflow does: it dates each change."""
        from airflow.models.taskinstance import TaskInstance

        table = TaskInstance.__table__
        values = {"updated_at": dt.datetime.now(dt.UTC), **columns}
        where = table.c.task_id == task, table.c.run_id == self.column(run, "run_id")
        with self.engine.begin() as connection:
            assert connection.execute(update(table).where(*where).values(values)).rowcount == 1

    def tell_log(self, event: str, *, run: int | None = None, dag_id: str = "acme__wait") -> None:
        """What Airflow's audit log has of what somebody does."""
        from airflow.models.log import Log

        run_id = self.column(run, "run_id") if run is not None else None
        values = {"dttm": dt.datetime.now(dt.UTC), "event": event, "dag_id": dag_id, "run_id": run_id}
        with self.engine.begin() as connection:
            connection.execute(insert(Log.__table__).values(values))

    def column(self, run: int, name: str) -> Any:
        from airflow.models.dagrun import DagRun

        table = DagRun.__table__
        with self.engine.begin() as connection:
            return connection.execute(select(table.c[name]).where(table.c.id == run)).scalar_one()

    def until(self, run: int) -> dt.timedelta:
        """How far its `run_after` lies ahead."""
        found: dt.timedelta = self.column(run, "run_after") - dt.datetime.now(dt.UTC)
        return found

    def is_parked(self, run: int) -> bool:
        return self.until(run) > dt.timedelta()
