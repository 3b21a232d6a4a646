"""Where Airflow's UI shows things."""

from __future__ import annotations

from urllib.parse import quote

from officeflow.settings import load_settings


def run_address(dag_id: str, dag_run_id: str) -> str:
    return f"{load_settings().airflow_url.rstrip('/')}/dags/{quote(dag_id)}/runs/{quote(dag_run_id)}"


def answers_address(dag_id: str, dag_run_id: str) -> str:
    """The run's *Required actions*, where what its tasks ask is answered."""
    return f"{run_address(dag_id, dag_run_id)}/required_actions"


def task_address(dag_id: str, dag_run_id: str, task: str, map_index: int = -1) -> str:
    """A task of a run, with its logs."""
    mapped = f"/mapped/{map_index}" if map_index >= 0 else ""
    return f"{run_address(dag_id, dag_run_id)}/tasks/{quote(task)}{mapped}"
