"""Compares the accounts in an organization's systems with its people and its access rules, where somebody
asks: `officeflow drift`. It changes nothing there.

A whole directory may take an hour. So it goes after everything else, and two go on at a time: the other slots
are left to workflows, whatever is asked. An organization has one that has not ended.

A run is one inquiry: its conf has the inquiry's id and the organization, and nothing else. What is asked and
what was found is encrypted in OfficeFlow's database, for some hours; neither the log nor XCom has any of it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk import DAG, task

with DAG(
    "officeflow_comparisons",
    description="Compares accounts in organizations' systems with their record where somebody asks.",
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=2,
    max_active_tasks=2,
    tags=["platform"],
) as dag:

    @task(
        retries=0,
        execution_timeout=dt.timedelta(hours=1),
        priority_weight=0,
        weight_rule="absolute",
        do_xcom_push=False,
    )
    def look(dag_run: Any = None) -> None:
        """In a process of its own: those that are kept for nodes are left to them."""
        import structlog

        from officeflow.runner.inquiring.answering import answer
        from operators.services import open_services

        conf = dag_run.conf or {}
        with open_services(structlog.get_logger("task")) as services:
            answer(services, org=str(conf.get("org")), inquiry=str(conf.get("inquiry")), slow=True)

    look()
