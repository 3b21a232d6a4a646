"""What our nodes are measured against: the same graph of PythonOperators, each doing the same call, with
nothing recorded anywhere.
"""

from __future__ import annotations

import logging
from typing import Any

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG

log = logging.getLogger(__name__)


def look_up(dag_run: Any) -> None:
    """Ask the directory for the person's account, as `identity.find_account` does."""
    import httpx
    from airflow.sdk import Connection

    directory = Connection.get("acme.directory")
    query = {"filter": f'userName eq "{dag_run.conf["event"]["payload"]["work_email"]}"'}
    headers = {"Authorization": f"Bearer {directory.password}"}
    found = httpx.get(f"{directory.host}/Users", params=query, headers=headers).raise_for_status().json()
    log.info("%s accounts", found["totalResults"])


def note(dag_run: Any) -> None:
    """Say what is done, where `audit.record` writes it into the audit log."""
    log.info("seen: %s", dag_run.conf["event"]["employee"])


with DAG("bench_python", schedule=None, catchup=False, max_active_runs=1000, max_active_tasks=1000):
    previous = None
    for task_id, call in (
        ("note", note),
        ("look", look_up),
        ("seen", note),
        ("again", look_up),
        ("done", note),
    ):
        task = PythonOperator(task_id=task_id, python_callable=call)
        if previous is not None:
            previous >> task
        previous = task
