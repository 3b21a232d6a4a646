"""Looks into an organization's systems where somebody asks: `officeflow connection test`, `workflow plan`,
`run plan`. It changes nothing there. What takes long is the DAG `officeflow_comparisons`'.

A run is one inquiry: its conf has the inquiry's id and the organization, and nothing else. What is asked and
what was found is encrypted in OfficeFlow's database, for some hours; neither the log nor XCom has any of it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk import DAG, task

with DAG(
    "officeflow_inquiries",
    description="Looks into organizations' systems where somebody asks; changes nothing there.",
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=64,
    tags=["platform"],
) as dag:

    @task(
        retries=0,
        execution_timeout=dt.timedelta(seconds=180),
        priority_weight=1000,
        weight_rule="absolute",
        do_xcom_push=False,
        queue="nodes",
    )
    def look(dag_run: Any = None) -> None:
        """Somebody waits for it: it goes before what nobody waits for, and where the warm door is open, that
        does the same without calling this.
        """
        import structlog

        from officeflow.runner.inquiring.answering import answer
        from operators.services import open_services

        conf = dag_run.conf or {}
        with open_services(structlog.get_logger("task")) as services:
            answer(services, org=str(conf.get("org")), inquiry=str(conf.get("inquiry")))

    look()
