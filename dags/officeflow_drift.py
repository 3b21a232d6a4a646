"""Once a night: where organizations' systems differ from their people and their access rules.

It is paused until somebody unpauses it. Each organization is a task of its own, which looks into the systems
in which active workflows or access rules reach accounts, changes nothing, and fails where it finds something.
Neither the log nor XCom says of whom: `officeflow drift ORG` does.
"""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, task
from airflow.timetables.trigger import CronTriggerTimetable

FROM_NEXT = dt.timedelta(0)
"""Nothing runs at once because its time was less than a tenth of a day ago, as Airflow takes False."""

with DAG(
    "officeflow_drift",
    description="Compares accounts in organizations' systems with their people and access rules.",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("41 3 * * *", timezone="UTC", run_immediately=FROM_NEXT),
    catchup=False,
    is_paused_upon_creation=True,
    max_active_runs=1,
    max_active_tasks=1,
    tags=["platform"],
) as dag:

    @task
    def organizations() -> list[str]:
        """The slugs of all of them."""
        from officeflow.database.engine import Database
        from officeflow.tenants import organizations as known

        with Database.from_settings() as database, database.service() as session:
            return known.slugs(session)

    @task(retries=0, map_index_template="{{ task.op_kwargs['slug'] }}")
    def compare(slug: str) -> dict[str, object]:
        """How many differences of which kind there are at which connection."""
        import structlog
        from airflow.sdk.exceptions import AirflowFailException

        from officeflow.runner.inquiring import drifting
        from operators.services import open_services

        with open_services(structlog.get_logger("task")) as services:
            counted = drifting.of_organization(services, slug)
        if counted["found"]:
            told = f"{counted['found']} differences: {counted['connections']}"
            raise AirflowFailException(f"{told}; `officeflow drift {slug}` shows them")
        return dict(counted)

    compare.expand(slug=organizations())
