"""A run of `acme`, and acts in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.runs import store
from officeflow.runs.acts import ActRequest, RunRef
from officeflow.runs.ledger import Ledger
from officeflow.sdk import Effect
from officeflow.tenants import employees

DAG, RUN = "acme__preboarding", "evt__0123456789abcdef0123456789abcdef"
CONF = {
    "event": {
        "id": "e-1",
        "source": "hr",
        "kind": "employee.onboard",
        "org": "acme",
        "employee": "E-1001",
        "time": "2026-01-05T08:00:00Z",
        "payload": {"department": "Engineering"},
    },
    "correlation_id": "c-1",
}

NOW = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)

Ask = Callable[..., ActRequest]


def employ(
    database: Database, org: Organization, *, payload: Mapping[str, Any], sensitive: Mapping[str, Any]
) -> None:
    """The record of the person that `CONF` is about, as an event left it."""
    about = {"kind": "employee.onboard", "external_id": "E-1001", "event_id": "e", "event_time": NOW}
    with database.tenant(org.org_id) as session:
        employees.apply_event(session, org.org_id, payload=payload, sensitive=sensitive, **about)


@pytest.fixture
def run(database: Database, org: Organization) -> RunRef:
    with database.tenant(org.org_id) as session:
        row = store.ensure_run(session, org_id=org.org_id, dag_id=DAG, dag_run_id=RUN, conf=CONF)
    return RunRef(
        run_id=row.run_id,
        org_id=org.org_id,
        org=org.slug,
        dag_id=DAG,
        dag_run_id=RUN,
        correlation_id="c-1",
        employee="E-1001",
        version=None,
    )


@pytest.fixture
def ask(run: RunRef) -> Ask:
    """Makes a request for the act `create_account` of the run."""

    def make(effect: Effect = Effect.IDEMPOTENT, **changes: object) -> ActRequest:
        given = {
            "node": "create_account",
            "type": "identity.create_account",
            "params": {"login": "ana"},
            "connection": "identity",
        }
        return ActRequest(run=run, effect=effect, **(given | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database, SystemClock(), lock_wait=0.1, sleep=lambda _: None)
