"""A DAG that asks and goes on; `tests/airflow/test_answering.py` writes down of whom, as a node would."""

from __future__ import annotations

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import DAG

with DAG("acme__asks", schedule=None, is_paused_upon_creation=False):
    decide = HITLOperator(task_id="decide", subject="May she?", options=["Approve", "Reject"])
    decide >> EmptyOperator(task_id="after")
