"""Airflow's cluster policy in these tests: a workflow's tags choose the door and the executor of its tasks.

Airflow imports this module by its name, from the folder that is on PYTHONPATH.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

EXECUTORS = {"executor-local": "LocalExecutor", "executor-celery": "CeleryExecutor"}
QUEUES = {"door-stock": "default", "door-warm": "nodes", "door-handed": "nodes"}


def task_policy(task: BaseOperator) -> None:
    for tag in task.dag.tags if task.has_dag() else ():
        if tag in EXECUTORS:
            task.executor = EXECUTORS[tag]
        if tag in QUEUES:
            task.queue = QUEUES[tag]
