"""Runs that the commands show: one of a hire, one of an exit, one of another organization."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import update

from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, WorkflowRun
from officeflow.errors import Rejected
from officeflow.runs import refusals, store
from officeflow.runs.acts import ActRequest, Attempt, Done, RunRef
from officeflow.runs.ledger import Ledger
from officeflow.sdk import Effect
from officeflow.tenants import organizations
from officeflow.waiting.wakes import CHANNEL

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
STARTED = {"preboarding": NOW - dt.timedelta(hours=1), "exit": NOW - dt.timedelta(days=2)}


def add_run(database: Database, org: Organization, workflow: str, employee: str, **values: object) -> RunRef:
    dag_id, dag_run_id = f"{org.slug}__{workflow}", f"evt__{workflow}-{employee}"
    event = {
        "id": f"e-{employee}",
        "source": "hr",
        "kind": "employee.onboard",
        "employee": employee,
        "time": "2026-03-02T08:00:00Z",
    }
    with database.tenant(org.org_id) as session:
        conf = {"event": event, "correlation_id": f"c-{employee}"}
        row = store.ensure_run(session, org_id=org.org_id, dag_id=dag_id, dag_run_id=dag_run_id, conf=conf)
        session.execute(update(WorkflowRun).where(WorkflowRun.run_id == row.run_id).values(**values))
    return RunRef(
        run_id=row.run_id,
        org_id=org.org_id,
        org=org.slug,
        dag_id=dag_id,
        dag_run_id=dag_run_id,
        correlation_id=row.correlation_id,
        employee=employee,
    )


def act(
    database: Database,
    run: RunRef,
    node: str,
    *,
    fails: Exception | None = None,
    effect: Effect = Effect.IDEMPOTENT,
) -> None:
    def perform(attempt: Attempt) -> Done:
        attempt.story.append({"step": "changed", "text": f"{node} for {run.employee}"})
        if fails:
            raise fails
        return Done(output={"changed": True})

    request = ActRequest(
        run=run, node=node, type="identity.create_account", effect=effect, params={"login": "ana"}
    )
    if fails:
        with pytest.raises(Exception, match=r"."):
            Ledger(database, SystemClock()).once(request, perform)
    else:
        Ledger(database, SystemClock()).once(request, perform)


@pytest.fixture
def hired(database: Database, org: Organization) -> RunRef:
    """A run of `acme__preboarding` for E-1 that failed at its second node."""
    error = {"code": "run_failed", "nodes": ["add_groups"]}
    ended = STARTED["preboarding"] + dt.timedelta(seconds=90)
    run = add_run(
        database,
        org,
        "preboarding",
        "E-1",
        started_at=STARTED["preboarding"],
        ended_at=ended,
        status="FAILED",
        error_details=error,
    )
    act(database, run, "create_account")
    act(database, run, "add_groups", fails=Rejected("no such group"))
    return run


@pytest.fixture
def left(database: Database, org: Organization) -> RunRef:
    """A run of `acme__exit` for E-2 that still runs."""
    return add_run(database, org, "exit", "E-2", started_at=STARTED["exit"], status="RUNNING")


@pytest.fixture
def elsewhere(database: Database) -> RunRef:
    """A run of another organization."""
    with database.service() as session:
        other = organizations.create(session, slug="globex", name="Globex", domain="globex.example")
    return add_run(database, other, "preboarding", "E-1", started_at=NOW, status="RUNNING")


def refuse(database: Database, run: RunRef, node: str, **changes: Any) -> None:
    problem = {"path": "params.to", "reason": "there is no field 'manager_email'", "suggestion": ""}
    error = {
        "code": "invalid_parameters",
        "message": "the parameters cannot be computed",
        "problems": [problem],
    }
    refused = refusals.Refused(run=run, node=node, type="email.send", error=error)
    with database.tenant(run.org_id) as session:
        refusals.note(session, dataclasses.replace(refused, **changes), now=NOW)


@pytest.fixture
def listening(database: Database) -> Iterator[Callable[[], list[str]]]:
    """Gives the runs that were told to whoever wakes runs, since the test began."""
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        yield lambda: [note.payload for note in connection.notifies(timeout=1.0)]
