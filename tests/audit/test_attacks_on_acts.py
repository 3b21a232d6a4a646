"""Records of acts, events and ends of runs that somebody deletes, or that cannot be written."""

from __future__ import annotations

import datetime as dt

import pytest

from officeflow.airflow_api.types import DagRunState
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import InboxEvent, Organization, WorkflowRun
from officeflow.errors import InvalidInput
from officeflow.events import inbox
from officeflow.ids import new_id
from officeflow.runs import store as runs
from officeflow.runs.acts import ActRequest, Done, RunRef
from officeflow.runs.ledger import Ledger
from officeflow.sdk import Effect
from tests.audit.attacking import found, superuser
from tests.command import Command

pytestmark = pytest.mark.integration


@pytest.fixture
def run(database: Database, org: Organization) -> RunRef:
    conf = {
        "event": {"id": "e-1", "source": "hr", "kind": "employee.onboard", "employee": "E1"},
        "correlation_id": "c-1",
    }
    with database.tenant(org.org_id) as session:
        row = runs.ensure_run(
            session, org_id=org.org_id, dag_id="acme__joiner", dag_run_id="evt__1", conf=conf
        )
    return RunRef(
        run_id=row.run_id,
        org_id=org.org_id,
        org="acme",
        dag_id="acme__joiner",
        dag_run_id="evt__1",
        correlation_id="c-1",
        employee="E1",
    )


def act(
    database: Database, run: RunRef, fails: Exception | None = None, effect: Effect = Effect.IDEMPOTENT
) -> None:
    def perform(_: object) -> Done:
        if fails:
            raise fails
        return Done(output={"changed": True})

    request = ActRequest(
        run=run, node="suspend", type="identity.suspend_account", effect=effect, params={"user": "ana"}
    )
    ledger = Ledger(database, SystemClock())
    if fails is None:
        ledger.once(request, perform)
        return
    with pytest.raises(Exception, match=r"."):
        ledger.once(request, perform)


@pytest.mark.parametrize(
    ("fails", "effect", "says"),
    [
        (None, Effect.IDEMPOTENT, "the act is SUCCEEDED in attempt 1"),
        (InvalidInput("no"), Effect.IDEMPOTENT, "the act is FAILED in attempt 1"),
        (RuntimeError("?"), Effect.AT_MOST_ONCE, "the act is ASKED in attempt 1"),
    ],
    ids=["done", "failed", "asked"],
)
def test_the_record_of_an_act_that_was_deleted_before_it_was_chained_is_found(
    database: Database,
    database_url: str,
    run: RunRef,
    officeflow: Command,
    fails: Exception | None,
    effect: Effect,
    says: str,
) -> None:
    act(database, run, fails, effect)
    assert officeflow("audit", "verify", "acme").status == 0
    with superuser(database_url) as connection:
        assert connection.execute("DELETE FROM audit_records WHERE sequence IS NULL").rowcount == 1
    assert f"node_runs[acme__joiner/evt__1 suspend]: {says}, and no audit record tells of it" in found(
        officeflow
    )


def test_the_record_of_an_earlier_attempt_does_not_stand_for_the_last(
    database: Database, database_url: str, run: RunRef, officeflow: Command
) -> None:
    act(database, run, InvalidInput("no"))
    act(database, run, InvalidInput("no"))
    assert officeflow("audit", "verify", "acme").status == 0
    with superuser(database_url) as connection:
        connection.execute("DELETE FROM audit_records WHERE details->>'attempt' = '2'")
    assert "FAILED in attempt 2" in found(officeflow)


@pytest.mark.parametrize("gone", ["event.dispatched", "run.ended"])
def test_the_record_of_an_event_or_of_a_runs_end_that_was_deleted_is_found(
    database: Database, database_url: str, org: Organization, run: RunRef, officeflow: Command, gone: str
) -> None:
    from listeners import messages

    now = dt.datetime.now(dt.UTC)
    values = {
        "kind": "employee.onboard",
        "event_id": "e-1",
        "source": "hr",
        "employee_key": "E1",
        "correlation_id": "c-1",
    }
    place = {"topic": "t", "partition": 0, "offset": 0, "content_hash": "h"}
    event = InboxEvent(
        inbox_id=new_id(), org_id=org.org_id, event_time=now, payload={}, sensitive={}, **place, **values
    )
    with database.service() as session:
        session.add(event)
        session.flush()
        inbox.dispatched(
            session, event, [{"dag_id": run.dag_id, "dag_run_id": run.dag_run_id, "run_id": str(run.run_id)}]
        )
        messages.event_dispatched(session, event, [], [])
        row = session.get_one(WorkflowRun, run.run_id)
        runs.mark(row, DagRunState.SUCCESS, ended_at=now)
        messages.run_ended(session, row)
    assert officeflow("audit", "verify", "acme").status == 0
    with superuser(database_url) as connection:
        assert connection.execute("DELETE FROM audit_records WHERE action = %s", [gone]).rowcount == 1
    says = {
        "event.dispatched": "inbox_events[hr e-1]: the event is DISPATCHED",
        "run.ended": "workflow_runs[acme__joiner/evt__1]: the run is SUCCEEDED",
    }
    assert says[gone] in found(officeflow)


def test_where_the_end_cannot_be_recorded_the_act_is_not_begun(
    database: Database, run: RunRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_AUDIT_TAG_KEY", "")
    called: list[object] = []

    def perform(attempt: object) -> Done:
        called.append(attempt)
        return Done(output={})

    request = ActRequest(
        run=run, node="suspend", type="identity.suspend_account", effect=Effect.IDEMPOTENT, params={}
    )
    with pytest.raises(InvalidInput, match="OFFICEFLOW_AUDIT_TAG_KEY"):
        Ledger(database, SystemClock()).once(request, perform)
    assert called == []
