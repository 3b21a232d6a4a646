"""A run of `acme`, and acts in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from officeflow.catalog.spec import Effect
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.runs import store
from officeflow.runs.acts import ActRequest, RunRef
from officeflow.runs.ledger import Ledger

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

Ask = Callable[..., ActRequest]


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
        given = {"node": "create_account", "type": "identity.create_account", "params": {"login": "ana"}, "connection": "identity"}
        return ActRequest(run=run, effect=effect, **(given | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database, SystemClock(), lock_wait=0.1, sleep=lambda _: None)
