"""Once a day: what organizations keep no longer than they have settled is emptied or removed.

`officeflow org retention SLUG` shows and changes how long what is kept. Each organization is a task of its
own; what one does not finish in its batches, the next day goes on with.
"""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, task
from airflow.timetables.trigger import CronTriggerTimetable

FROM_NEXT = dt.timedelta(0)
"""Nothing runs at once because its time was less than a tenth of a day ago, as Airflow takes False."""

with DAG(
    "officeflow_retention",
    description="Empties or removes what organizations keep no longer than they have settled.",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("17 2 * * *", timezone="UTC", run_immediately=FROM_NEXT),
    catchup=False,
    is_paused_upon_creation=False,
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

    @task(retries=2, retry_delay=dt.timedelta(minutes=5), map_index_template="{{ task.op_kwargs['slug'] }}")
    def apply(slug: str) -> dict[str, object]:
        """What was done, of what there is more to do, and who could not be erased."""
        from officeflow.database.engine import Database
        from officeflow.privacy import retention

        with Database.from_settings() as database:
            done = retention.apply(database, slug)
        return {"done": done.done, "unfinished": done.unfinished, "refused": len(done.refused)}

    apply.expand(slug=organizations())
