"""A DAG that has nothing to do with OfficeFlow, with tasks on both queues of both executors."""

from __future__ import annotations

import os

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG

EXECUTORS = {"local": "LocalExecutor", "celery": "CeleryExecutor"}
QUEUES = {"stock": "default", "warm": "nodes"}


def say() -> None:
    print(f"a foreign task in process {os.getpid()}")  # noqa: T201 - shows in the task's log


with DAG("foreign", schedule=None) as foreign:
    for executor, class_name in EXECUTORS.items():
        for door, queue in QUEUES.items():
            PythonOperator(
                task_id=f"{door}-{executor}", python_callable=say, queue=queue, executor=class_name
            )
