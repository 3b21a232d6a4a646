"""What the matrix looks at: two organizations, a DAG of a data team, and one more organization of which the
platform may use up everything. Each has one thing of every kind, marked with whose it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow.configuration import conf
from airflow.models import DagModel, DagRun, Log, Pool, TaskInstance
from airflow.models.asset import AssetAliasModel, AssetEvent, AssetModel
from airflow.models.asset_state_store import AssetStateStoreModel
from airflow.models.backfill import Backfill
from airflow.models.connection import Connection
from airflow.models.connection_test import ConnectionTestRequest
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagwarning import DagWarning
from airflow.models.errors import ParseImportError
from airflow.models.hitl import HITLDetail
from airflow.models.renderedtifields import RenderedTaskInstanceFields
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.task_state_store import TaskStateStoreModel
from airflow.models.variable import Variable
from airflow.models.xcom import XComModel
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset, TaskGroup
from airflow.serialization.definitions.dag import SerializedDAG
from airflow.serialization.serialized_objects import LazyDeserializedDAG
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from itsdangerous import URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.airflow.rights.marks import dag_id_of, mark

RUN, TASK, ASKS, KEY = "done", "act", "ask", "kept"
BUNDLE = "rights"
NAMESAKE = "north"
"""A data team's DAG that is called as an organization is."""

DAY = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


def seed(session: Session, owners: list[str], folder: Path) -> dict[str, dict[str, Any]]:
    """For each owner, what stands in the places of a route's path."""
    session.add(DagBundleModel(name=BUNDLE))
    session.flush()
    session.add(DagModel(dag_id=NAMESAKE, bundle_name=BUNDLE, fileloc="/namesake.py", is_stale=False))
    return {owner: _Seeds(session, owner, folder).all() for owner in owners}


class _Seeds:
    def __init__(self, session: Session, owner: str, folder: Path) -> None:
        self.session = session
        self.owner = owner
        self.mark = mark(owner)
        self.dag_id = dag_id_of(owner)
        self.file = folder / f"{self.dag_id}.py"

    def all(self) -> dict[str, Any]:
        run = self._run(self._dag())
        self._tasks(run)
        return {
            "dag_id": self.dag_id,
            "dag_run_id": RUN,
            "run_id": RUN,
            "task_id": TASK,
            "group_id": "group",
            "map_index": -1,
            "try_number": 1,
            "task_try_number": 1,
            "version_number": 1,
            "xcom_key": "return_value",
            "key": KEY,
            "file_token": self._file_token(),
            "section": "core",
            "option": "dags_folder",
            "name": "Op",
            "username": f"unused-{self.owner}",
            **self._by_id(),
            **self._named(),
        }

    def _dag(self) -> SerializedDAG:
        self.file.write_text(f"# {self.mark}\n")
        made = Asset(name=f"{self.owner}.made", uri=f"x-made://{self.mark}")
        with DAG(self.dag_id, schedule=None, start_date=DAY, tags=[self.mark]) as dag:
            EmptyOperator(task_id=TASK, doc_md=self.mark, outlets=[made])
            EmptyOperator(task_id=ASKS)
            with TaskGroup("group"):
                EmptyOperator(task_id="inner")
        dag.fileloc, dag.relative_fileloc = str(self.file), self.file.name
        dag.doc_md = self.mark
        SerializedDAG.bulk_write_to_db(BUNDLE, None, [dag], session=self.session)
        lazy = LazyDeserializedDAG.from_dag(dag)
        SerializedDagModel.write_dag(lazy, bundle_name=BUNDLE, session=self.session)
        self.session.flush()
        found = SerializedDagModel.get_dag(self.dag_id, session=self.session)
        assert found is not None
        return found

    def _run(self, dag: SerializedDAG) -> DagRun:
        run = dag.create_dagrun(
            run_id=RUN,
            logical_date=DAY,
            data_interval=(DAY, DAY),
            run_after=DAY,
            conf={"who": self.mark},
            run_type=DagRunType.MANUAL,
            triggered_by=DagRunTriggeredByType.TEST,
            state=DagRunState.SUCCESS,
            start_date=DAY,
            note=self.mark,
            session=self.session,
        )
        run.end_date = DAY
        return run

    def _tasks(self, run: DagRun) -> None:
        tasks = self.session.scalars(select(TaskInstance).where(TaskInstance.dag_id == self.dag_id)).all()
        for each in tasks:
            each.state, each.start_date, each.end_date, each.try_number = "success", DAY, DAY, 1
            each.note = self.mark
        asks = next(each for each in tasks if each.task_id == ASKS)
        asks.state = "awaiting_input"
        self.session.flush()
        task = next(each for each in tasks if each.task_id == TASK)
        place = {"dag_id": self.dag_id, "run_id": RUN, "task_id": TASK}
        kept = {"dag_run_id": run.id, "value": f'"{self.mark}"', **place}
        self.session.add_all(
            [
                HITLDetail(
                    ti_id=asks.id, options=["Yes", "No"], subject=self.mark, body=self.mark, params={}
                ),
                XComModel(**kept | {"value": self.mark}, key="return_value", map_index=-1),
                TaskStateStoreModel(**kept, key=KEY, map_index=-1),
                DagWarning(self.dag_id, "non-existent pool", self.mark),
                Log(event="seen", extra=self.mark, owner=self.mark, dag_id=self.dag_id),
            ]
        )
        fields = RenderedTaskInstanceFields.__table__.insert()
        self.session.execute(fields.values(**place, map_index=-1, rendered_fields={"text": self.mark}))
        log = Path(conf.get("logging", "base_log_folder"), f"dag_id={self.dag_id}", f"run_id={RUN}")
        log = log / f"task_id={task.task_id}" / "attempt=1.log"
        log.parent.mkdir(parents=True)
        log.write_text(f'{{"timestamp": "{DAY.isoformat()}", "level": "info", "event": "{self.mark}"}}\n')

    def _file_token(self) -> str:
        payload = {"bundle_name": BUNDLE, "relative_fileloc": self.file.name}
        return str(URLSafeSerializer(conf.get_mandatory_value("api", "secret_key")).dumps(payload))

    def _by_id(self) -> dict[str, int]:
        asset = self.session.scalars(select(AssetModel).where(AssetModel.name == f"{self.owner}.made")).one()
        rows: Mapping[str, Any] = {
            "backfill_id": Backfill(
                dag_id=self.dag_id, from_date=DAY, to_date=DAY, dag_run_conf={"a": self.mark}
            ),
            "import_error_id": ParseImportError(
                filename=f"broken-{self.owner}.py", bundle_name=BUNDLE, stacktrace=self.mark, timestamp=DAY
            ),
            "event_log_id": Log(event="seen", extra=self.mark, dag_id=self.dag_id),
            "asset_alias_id": AssetAliasModel(name=f"{self.owner}.alias", group=self.mark),
        }
        event = AssetEvent(
            asset_id=asset.id, source_dag_id=self.dag_id, source_task_id=TASK, source_run_id=RUN,
            source_map_index=-1, extra={"a": self.mark},
        )  # fmt: skip
        kept = AssetStateStoreModel(asset_id=asset.id, key=KEY, value=f'"{self.mark}"')
        self.session.add_all([*rows.values(), event, kept])
        self.session.flush()
        return {name: row.id for name, row in rows.items()} | {"asset_id": asset.id}

    def _named(self) -> dict[str, str]:
        connection, variable, pool = f"{self.owner}.mail", f"{self.owner}.secret", f"{self.owner}.pool"
        test = ConnectionTestRequest(connection_id=connection, conn_type="http", host=self.mark)
        self.session.add_all(
            [
                Connection(conn_id=connection, conn_type="http", host=self.mark, description=self.mark),
                Variable(key=variable, val=self.mark),
                Pool(pool=pool, slots=1, description=self.mark, include_deferred=False),
                test,
            ]
        )
        self.session.flush()
        return {
            "connection_id": connection,
            "variable_key": variable,
            "pool_name": pool,
            "connection_test_token": test.token,
        }
