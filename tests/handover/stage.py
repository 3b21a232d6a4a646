"""Runs in Airflow's metadata database, as the scheduler and workers leave them."""

from __future__ import annotations

import datetime as dt
import itertools
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagrun import DagRun
from airflow.models.log import Log
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from airflow.sdk import DAG, BaseOperator
from airflow.serialization.definitions.dag import SerializedDAG
from airflow.serialization.serialized_objects import LazyDeserializedDAG
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from handover.app import in_transactions
from handover.dags import KnownDags
from handover.messages import Answer, Ending
from handover.slot import Kit

BEGAN = dt.datetime(2026, 1, 5, 8, 0, tzinfo=dt.UTC)
WORKER = {"hostname": "worker-1", "unixname": "airflow", "pid": 4711}


class Work(BaseOperator):
    """Something that a worker does."""

    def __init__(self, *, skips: bool = False, **airflow: Any) -> None:
        super().__init__(**{"queue": "nodes", **airflow})
        self.skips = skips

    @property
    def inherits_from_skipmixin(self) -> bool:
        return self.skips


@dataclass
class Stage:
    engine: Engine
    dags: KnownDags = field(default_factory=KnownDags)
    pool: str = field(default_factory=lambda: f"pool_{secrets.token_hex(4)}")

    def run(
        self,
        tasks: Iterable[BaseOperator | str],
        edges: Iterable[tuple[str, str]] = (),
        *,
        bundle: str = "officeflow",
        and_then: Callable[[], Any] | None = None,
    ) -> Run:
        """A running run of a new DAG; a task that is only named is `Work`.

        Without edges the tasks follow each other; what `and_then` makes follows the last of them.
        """
        made = [Work(task_id=task) if isinstance(task, str) else task for task in tasks]
        for task in made:
            task.pool = self.pool
        with DAG(f"acme__{secrets.token_hex(4)}", schedule=None, is_paused_upon_creation=False) as dag:
            for task in made:
                dag.add_task(task)
        names = [task.task_id for task in made]
        for source, target in edges or itertools.pairwise(names):
            dag.get_task(source).set_downstream(dag.get_task(target))
        if and_then is not None:
            with dag:
                dag.get_task(names[-1]).set_downstream(and_then())
        with Session(self.engine) as session:
            self._write(session, dag, bundle)
            run_id = f"test__{secrets.token_hex(4)}"
            self._start(session, dag.dag_id, run_id)
            session.commit()
        return Run(self, dag.dag_id, run_id)

    def _write(self, session: Session, dag: DAG, bundle: str) -> None:
        if session.get(DagBundleModel, bundle) is None:
            session.add(DagBundleModel(name=bundle))
        session.flush()
        SerializedDAG.bulk_write_to_db(bundle, "r1", [dag], session=session)
        SerializedDagModel.write_dag(LazyDeserializedDAG.from_dag(dag), bundle, "r1", session=session)
        session.flush()

    def _start(self, session: Session, dag_id: str, run_id: str) -> None:
        model = SerializedDagModel.get(dag_id, session=session)
        assert model is not None
        model.dag.create_dagrun(
            run_id=run_id,
            run_after=BEGAN,
            run_type=DagRunType.MANUAL,
            triggered_by=DagRunTriggeredByType.TEST,
            state=DagRunState.RUNNING,
            conf={"event": {"id": "e-1"}},
            session=session,
        )
        session.flush()


@dataclass(frozen=True)
class Run:
    stage: Stage
    dag_id: str
    run_id: str

    def task(self, task_id: str) -> Any:
        """The row of the task instance, all its columns."""
        table = TaskInstance.__table__
        query = select(table).where(
            table.c.dag_id == self.dag_id, table.c.run_id == self.run_id, table.c.task_id == task_id
        )
        with self.stage.engine.connect() as connection:
            return connection.execute(query).one()

    def states(self) -> dict[str, str | None]:
        query = select(TaskInstance.task_id, TaskInstance.state).where(
            TaskInstance.dag_id == self.dag_id, TaskInstance.run_id == self.run_id
        )
        with self.stage.engine.connect() as connection:
            return {one.task_id: one.state for one in connection.execute(query)}

    def set(self, task_id: str, **values: Any) -> None:
        with self.stage.engine.begin() as connection:
            connection.execute(
                update(TaskInstance)
                .where(
                    TaskInstance.dag_id == self.dag_id,
                    TaskInstance.run_id == self.run_id,
                    TaskInstance.task_id == task_id,
                )
                .values(**values)
            )

    def set_run(self, **values: Any) -> None:
        with self.stage.engine.begin() as connection:
            connection.execute(
                update(DagRun)
                .where(DagRun.dag_id == self.dag_id, DagRun.run_id == self.run_id)
                .values(**values)
            )

    def set_dag(self, **values: Any) -> None:
        with self.stage.engine.begin() as connection:
            connection.execute(update(DagModel).where(DagModel.dag_id == self.dag_id).values(**values))

    def acts(self, task_id: str, **changes: Any) -> None:
        """The task is running on the worker, as Airflow's executor and its own route have it then."""
        values = {
            "state": "running",
            "try_number": 1,
            "start_date": BEGAN,
            "queued_dttm": BEGAN,
            "queued_by_job_id": 7,
            "external_executor_id": "celery-1",
            "last_heartbeat_at": BEGAN,
        }
        self.set(task_id, **{**values, **WORKER, **changes})

    def clear(self, task_id: str) -> None:
        """As a person does, after the task has ended."""
        with Session(self.stage.engine) as session:
            one = session.get(TaskInstance, self.task(task_id).id)
            assert one is not None
            one.prepare_db_for_next_try(session)
            one.state = None
            session.commit()

    def ask(self, task_id: str, *skip: str, **changes: Any) -> Answer:
        """What the worker is answered when the task has succeeded; `Refused` as it is raised."""
        return self.handed(self.task(task_id).id, *skip, **changes)

    def handed(self, task_instance: UUID, *skip: str, **changes: Any) -> Answer:
        said = {"at": BEGAN + dt.timedelta(seconds=2), "weight": 1, **WORKER, "skip": skip}
        kit = Kit(self.stage.dags, token=lambda asked: f"token of {asked}")
        ending = Ending.model_validate({**said, **changes})
        return in_transactions(self.stage.engine, kit, task_instance, ending).answer

    def push(self, task_id: str, key: str, value: Any) -> None:
        with Session(self.stage.engine) as session:
            XComModel.set(
                key=key,
                value=value,
                dag_id=self.dag_id,
                task_id=task_id,
                run_id=self.run_id,
                session=session,
            )
            session.commit()

    def xcom(self, task_id: str, key: str) -> Any:
        query = select(XComModel.value).where(
            XComModel.run_id == self.run_id, XComModel.task_id == task_id, XComModel.key == key
        )
        with self.stage.engine.connect() as connection:
            return connection.scalar(query)

    def everything(self) -> list[Any]:
        """Whatever a hand-over might change."""
        with self.stage.engine.connect() as connection:
            return [
                connection.execute(select(table).where(table.c.run_id == self.run_id)).all()
                for table in (TaskInstance.__table__, XComModel.__table__, Log.__table__, DagRun.__table__)
            ]

    def events(self) -> list[tuple[str, str | None, int | None]]:
        query = select(Log.event, Log.task_id, Log.try_number).where(Log.run_id == self.run_id)
        with self.stage.engine.connect() as connection:
            found = connection.execute(query.order_by(Log.id))
            return [(event, task_id, try_number) for event, task_id, try_number in found]
