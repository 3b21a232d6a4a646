"""Runs: which failed lately, which nodes wait for something of the platform's own, and whether Airflow has
runs that are in no list.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.types import DagRun, DagRunState
from officeflow.counts import counted
from officeflow.database.engine import Database
from officeflow.doctor.finding import Check, Finding, Subject, ok, problem, warning
from officeflow.events.inbox import database_time
from officeflow.ids import workflow_run_id
from officeflow.program import typed
from officeflow.runs import store as runs
from officeflow.runs.overview import DAY, overview
from officeflow.runs.waits import long_waits
from officeflow.workflows import store as workflows

AREA = "runs"
NEWEST = 5
LONG = dt.timedelta(minutes=30)
LOOKED_AT = 50
"""How many of the runs that failed last in Airflow are looked for."""

UNSEEN_SECONDS = 60
"""After so long the steward must have written down that a run failed."""


def failed(subject: Subject) -> Iterator[Finding]:
    with Database.from_settings(subject.known) as database, database.service() as session:
        found = overview(session, newest=NEWEST)
    if not found.failed:
        yield ok("no run failed within a day")
        return
    yield warning(f"{counted(found.failed, 'run')} failed within a day", typed("run list --status failed"))
    for run in found.newest:
        name = f"{run.dag_id}/{run.dag_run_id}"
        yield warning(f"{name} failed{run.where}: {run.why}", typed(f"run show {name}"))


def waiting(subject: Subject) -> Iterator[Finding]:
    with Database.from_settings(subject.known) as database, database.service() as session:
        found = long_waits(session, longer_than=LONG, most=NEWEST)
    for wait in found:
        name, since = f"{wait.dag_id}/{wait.dag_run_id}", wait.since.isoformat(timespec="seconds")
        yield warning(f"{name} {wait.node} waits since {since}: {wait.why}", typed(f"run show {name}"))
    if not found:
        yield ok("no run waits unusually long")


def listed(subject: Subject) -> Iterator[Finding]:
    """Of the runs of generated DAGs that failed within a day, the newest: whether each is in our list, with
    its end.
    """
    since = (dt.datetime.now(dt.UTC) - DAY).isoformat()
    with AirflowApi.from_settings(subject.known, timeout=5.0) as api:
        seen = api.dag_runs(
            state=[DagRunState.FAILED], end_date_gte=since, order_by="-end_date", limit=LOOKED_AT
        )
    with Database.from_settings(subject.known) as database, database.service() as session:
        ours = workflows.dag_ids(session)
        by_id = {
            workflow_run_id(run["dag_id"], run["dag_run_id"]): run for run in seen if run["dag_id"] in ours
        }
        known = runs.ended(session, by_id)
        now = database_time(session)
    unseen = [run for run_id, run in by_id.items() if run_id not in known and _is_due(run, now)]
    for run in unseen[:NEWEST]:
        yield problem(
            f"{run['dag_id']}/{run['dag_run_id']} failed in Airflow and is not listed as failed: the steward"
            " has not seen it",
            typed("logs steward"),
        )
    if not unseen:
        lately = counted(len(by_id), "run")
        yield ok(
            f"{lately} of workflows failed in Airflow lately, all listed"
            if by_id
            else "no run of a workflow failed in Airflow lately"
        )


def _is_due(run: DagRun, now: dt.datetime) -> bool:
    ended = run["end_date"]
    return ended is not None and (now - dt.datetime.fromisoformat(ended)).total_seconds() > UNSEEN_SECONDS


READY = ("database.reachable", "database.revision")

CHECKS = (
    Check(area=AREA, name="failed", examine=failed, needs=READY),
    Check(area=AREA, name="waiting", examine=waiting, needs=READY),
    Check(area=AREA, name="listed", examine=listed, needs=(*READY, "airflow.answers", "airflow.login")),
)
