"""Where Airflow's UI shows things."""

from __future__ import annotations

import os
from functools import lru_cache
from urllib.parse import quote

from officeflow.settings import load_settings


def run_address(dag_id: str, dag_run_id: str) -> str:
    airflow = _airflow(os.environ.get("OFFICEFLOW_AIRFLOW_URL"))
    return f"{airflow}/dags/{quote(dag_id)}/runs/{quote(dag_run_id)}"


@lru_cache
def _airflow(given: str | None) -> str:
    """Read once for each address that is `given`: a page of a list has hundreds of these."""
    del given
    return load_settings().airflow_url.rstrip("/")


def answers_address(dag_id: str, dag_run_id: str) -> str:
    """The run's *Required actions*, where what its tasks ask is answered."""
    return f"{run_address(dag_id, dag_run_id)}/required_actions"


def task_address(dag_id: str, dag_run_id: str, task: str, map_index: int = -1) -> str:
    """A task of a run, with its logs."""
    mapped = f"/mapped/{map_index}" if map_index >= 0 else ""
    return f"{run_address(dag_id, dag_run_id)}/tasks/{quote(task)}{mapped}"
