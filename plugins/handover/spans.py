"""The span of a task's end, as Airflow's own route makes it."""

from __future__ import annotations

from types import SimpleNamespace

from handover.slot import Handed


def end_span(handed: Handed) -> None:
    from airflow.api_fastapi.execution_api.routes.task_instances import _emit_task_span

    row = handed.ended
    assert row is not None
    run = SimpleNamespace(context_carrier=row.run_carrier)
    _emit_task_span(SimpleNamespace(dag_run=run, **row._mapping), state="success")
