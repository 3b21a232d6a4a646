"""What the hand-over takes from Airflow, by name: a new version of Airflow that has it no more, or has more
to see to, fails here.
"""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.api_fastapi.execution_api.datamodels.taskinstance import (
    TaskInstance as TaskInstanceModel,
)
from airflow.api_fastapi.execution_api.datamodels.taskinstance import (
    TIEnterRunningPayload,
    TIRunContext,
    TISuccessStatePayload,
)
from airflow.api_fastapi.execution_api.routes import task_instances
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.log import Log
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.taskinstance import TaskInstance
from airflow.models.taskinstancehistory import TaskInstanceHistory
from airflow.models.xcom import XComModel
from airflow.utils.state import State, TaskInstanceState
from sqlalchemy import select
from sqlalchemy.orm import Session

from handover import slot, statements
from tests.handover.stage import BEGAN, WORKER, Run, Stage

SIGNATURES = {
    "airflow._shared.secrets_masker.reset_secrets_masker": None,
    "airflow.api_fastapi.auth.tokens.JWTGenerator.generate": "(self, extras, headers, valid_for)",
    "airflow.api_fastapi.auth.tokens.JWTValidator.avalidated_claims": "(self, unvalidated, required_claims)",
    "airflow.api_fastapi.execution_api.app._jwt_generator": "()",
    "airflow.api_fastapi.execution_api.app._jwt_validator": "()",
    "airflow.api_fastapi.execution_api.routes.task_instances._emit_task_span": "(ti, state)",
    "airflow.executors.base_executor.BaseExecutor.change_state": "(self, key, state, info, remove_running)",
    "airflow.executors.base_executor.BaseExecutor.success": "(self, key, info)",
    "airflow.models.taskinstance.TaskInstance.is_task_schedulable": "(task)",
    "airflow.models.xcom.XComModel.deserialize_value": "(result)",
    "airflow.sdk.api.client.get_hostname": "()",
    "airflow.sdk.api.client.getuser": "()",
    "airflow.sdk.execution_time.supervisor._configure_logging": "(log_path, client)",
    "airflow.sdk.execution_time.supervisor._remote_logging_conn": "(client)",
    "airflow.sdk.log.upload_to_remote": "(logger, ti)",
    "airflow.ti_deps.dep_context.DepContext.ensure_finished_tis": "(self, dag_run, session)",
    "airflow.ti_deps.deps.base_ti_dep.BaseTIDep.get_dep_statuses": "(self, ti, dep_context, session)",
    "airflow.utils.helpers.log_filename_template_renderer": "()",
    "airflow.utils.session.create_session": "(scoped)",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_airflow_has_what_is_called(name: str) -> None:
    found = _found(name)
    expected = SIGNATURES[name]
    if expected is not None:
        names = ", ".join(inspect.signature(inspect.unwrap(found)).parameters)
        assert f"({names})" == expected
    assert callable(found)


def _found(name: str) -> Any:
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise AssertionError(f"there is no {name}")


OF_A_RUN = {"dag_id", "run_id", "id", "state", "logical_date", "run_after", "context_carrier"}
COLUMNS = {
    DagRun: {*OF_A_RUN, "bundle_version", "created_dag_version_id"},
    DagModel: {"dag_id", "bundle_name", "is_paused", "is_stale", "owners"},
    SerializedDagModel: {"dag_version_id", "dag_hash"},
    XComModel: {"dag_run_id", "dag_id", "run_id", "task_id", "map_index", "key", "value", "timestamp"},
    TaskInstanceHistory: {
        "dag_id",
        "task_id",
        "run_id",
        "try_number",
        "map_index",
        "hostname",
        "pid",
        "state",
    },
}


@pytest.mark.parametrize("model", COLUMNS, ids=lambda model: model.__tablename__)
def test_airflows_tables_have_the_columns(model: Any) -> None:
    assert set(model.__table__.columns.keys()) >= COLUMNS[model]


SET_WHEN_TAKEN = {
    "state",
    "try_number",
    "scheduled_dttm",
    "queued_dttm",
    "queued_by_job_id",
    "external_executor_id",
    "start_date",
    "end_date",
    "hostname",
    "unixname",
    "pid",
    "last_heartbeat_at",
    "retry_delay_override",
    "retry_reason",
    "updated_at",
}
LEFT_WHEN_TAKEN = {
    *("id", "dag_id", "run_id", "task_id", "map_index", "max_tries", "pool", "pool_slots", "queue"),
    *(
        "priority_weight",
        "operator",
        "custom_operator_name",
        "executor",
        "executor_config",
        "context_carrier",
    ),
    *("rendered_map_index", "span_status", "trigger_id", "trigger_timeout", "next_method", "next_kwargs"),
    *("task_display_name", "dag_version_id", "duration"),
}


def test_every_column_of_a_task_instance_is_thought_of() -> None:
    assert set(TaskInstance.__table__.columns.keys()) == SET_WHEN_TAKEN | LEFT_WHEN_TAKEN
    taken: Any = statements.take()
    assert {column.name for column in taken._values} == SET_WHEN_TAKEN


def test_every_column_of_the_event_log_is_thought_of() -> None:
    not_written = {"id", "owner_display_name"}
    assert set(Log.__table__.columns.keys()) == {*statements._entry("success", "ended"), *not_written}


def test_what_a_worker_is_given_is_thought_of() -> None:
    """The rest of a context is the run's, or is for tasks that go on with something."""
    given = {"dag_run", "max_tries", "should_retry", "xcom_keys_to_clear"}
    never = {"task_reschedule_count", "variables", "connections", "next_method", "next_kwargs", "start_date"}
    assert set(TIRunContext.model_fields) == given | never
    assert set(TaskInstanceModel.model_fields) <= set(statements.TASK_FIELDS)


def test_the_states_are_airflows() -> None:
    assert {slot.RUNNING, slot.SUCCESS, slot.SKIPPED, *statements.NOT_SKIPPED} <= {
        str(state) for state in TaskInstanceState
    }
    assert {"success", "failed", "skipped"} <= {str(state) for state in State.finished}


@pytest.mark.integration
class TestAsAirflowDoes:
    """The same through Airflow's own routes leaves the same rows."""

    def compared(self, run: Run, task_id: str) -> dict[str, Any]:
        own = {
            "id",
            "dag_id",
            "run_id",
            "updated_at",
            "last_heartbeat_at",
            "dag_version_id",
            "context_carrier",
        }
        return {name: value for name, value in run.task(task_id)._mapping.items() if name not in own}

    def log(self, run: Run) -> list[Any]:
        kept = (Log.event, Log.task_id, Log.map_index, Log.try_number, Log.owner, Log.logical_date)
        with run.stage.engine.connect() as connection:
            return list(connection.execute(select(*kept).where(Log.run_id == run.run_id).order_by(Log.id)))

    def test_the_rows_and_the_event_log_are_the_same(self, stage: Stage) -> None:
        at = BEGAN + dt.timedelta(seconds=2)
        ordinary, handed = stage.run("ab"), stage.run("ab")
        for run in (ordinary, handed):
            run.acts("a")
            run.set("b", retry_reason="as before", retry_delay_override=3.0, end_date=BEGAN, max_tries=2)
        handed.ask("a", at=at)
        queued = {"queued_by_job_id": 7, "external_executor_id": "celery-1"}
        with Session(stage.engine) as session:
            task_instances.ti_update_state(
                ordinary.task("a").id, TISuccessStatePayload(state="success", end_date=at), session, None
            )
        ordinary.set("b", state="queued", try_number=1, scheduled_dttm=at, queued_dttm=at, **queued)
        with Session(stage.engine) as session:
            context = task_instances.ti_run(
                ordinary.task("b").id,
                TIEnterRunningPayload(state="running", start_date=at, **WORKER),
                None,
                session,
                None,
                token=SimpleNamespace(claims=SimpleNamespace(scope="execution")),
            )
            session.commit()
        assert self.compared(handed, "a") == self.compared(ordinary, "a")
        assert self.compared(handed, "b") == self.compared(ordinary, "b")
        assert self.log(handed) == self.log(ordinary)
        answer = handed.ask("a", at=at).successor
        assert answer is not None
        assert (answer.max_tries, answer.should_retry) == (context.max_tries, context.should_retry)
        assert list(answer.xcom_keys_to_clear) == context.xcom_keys_to_clear
