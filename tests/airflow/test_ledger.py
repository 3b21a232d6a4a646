"""`officeflow ledger redo` and `resolve` with a real Airflow, which answers for who asks."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, NodeRun, Organization, OutboxMessage
from officeflow.errors import OutcomeUnknown, Transient
from officeflow.runs import store
from officeflow.runs.acts import ActRequest, Attempt, Done, RunRef
from officeflow.runs.ledger import Ledger
from officeflow.sdk import Effect
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.command import Command, Outcome

pytestmark = pytest.mark.integration

NODE = "wait"
"""The task of the DAG `probe`; its ledger rows are the tests' own."""


@pytest.fixture
def run(
    airflow: EmbeddedAirflow, database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunRef]:
    """A run of the probe that has ended in Airflow."""
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", airflow.setup.url)
    name = f"ledger__{secrets.token_hex(4)}"
    airflow.api.trigger("probe", name, {})
    assert airflow.await_run(name) == "success"
    with database.tenant(org.org_id) as session:
        row = store.ensure_run(session, org_id=org.org_id, dag_id="probe", dag_run_id=name, conf={})
    yield RunRef(
        run_id=row.run_id,
        org_id=org.org_id,
        org="acme",
        dag_id="probe",
        dag_run_id=name,
        correlation_id=row.correlation_id,
    )
    airflow.await_run(name)


def request(run: RunRef, effect: Effect = Effect.AT_MOST_ONCE) -> ActRequest:
    return ActRequest(run=run, node=NODE, type="email.send", effect=effect, params={})


def asked(database: Database, run: RunRef) -> None:
    def lost(attempt: Attempt) -> Done:
        raise Transient("no answer", maybe_done=True)

    with pytest.raises(OutcomeUnknown):
        Ledger(database, SystemClock()).once(request(run), lost)


def newest(database: Database, run: RunRef) -> NodeRun:
    with database.tenant(run.org_id) as session:
        return session.scalars(select(NodeRun).order_by(NodeRun.generation.desc()).limit(1)).one()


def audited(database: Database, run: RunRef) -> AuditRecord:
    with database.tenant(run.org_id) as session:
        return session.scalars(select(AuditRecord).order_by(AuditRecord.position.desc()).limit(1)).one()


def tries(airflow: EmbeddedAirflow, run: RunRef) -> int:
    return airflow.api.task_instances("probe", run.dag_run_id)[0]["try_number"]


def as_admin(officeflow: Command, airflow: EmbeddedAirflow, *arguments: str) -> Outcome:
    return officeflow(
        "ledger",
        *arguments,
        "--login",
        "admin",
        "--password-stdin",
        stdin=airflow.setup.admin_password + "\n",
    )


def test_what_a_person_found_done_is_recorded_in_their_name_and_never_called_again(
    officeflow: Command, airflow: EmbeddedAirflow, database: Database, run: RunRef
) -> None:
    asked(database, run)
    output = '{"message_id": "<1@acme>"}'
    ended = as_admin(
        officeflow,
        airflow,
        "resolve",
        run.dag_run_id,
        NODE,
        "--done",
        "--why",
        "it is in the inbox",
        "--output",
        output,
    )
    assert (ended.status, ended.err) == (0, "")
    recorded = Ledger(database, SystemClock()).once(request(run), lambda _: pytest.fail("called"))
    assert (recorded.replayed, recorded.output) == (True, {"changed": True, "message_id": "<1@acme>"})
    record = audited(database, run)
    assert (record.actor, record.action, record.details["why"]) == (
        "airflow:admin",
        "act.resolved",
        "it is in the inbox",
    )
    assert (record.details["was"], record.details["status"]) == ("ASKED", "SUCCEEDED")
    assert newest(database, run).story[-1]["text"] == "admin says that it was done: it is in the inbox"
    with database.tenant(run.org_id) as session:
        told = [
            (m.topic, m.payload.get("status"))
            for m in session.scalars(select(OutboxMessage).order_by(OutboxMessage.position))
        ][-2:]
    assert told == [("node.execute.result", "SUCCEEDED"), ("email.send.result", "SUCCEEDED")]


def test_what_a_person_found_not_done_is_done(
    officeflow: Command, airflow: EmbeddedAirflow, database: Database, run: RunRef
) -> None:
    asked(database, run)
    assert (
        as_admin(
            officeflow, airflow, "resolve", run.dag_run_id, NODE, "--not-done", "--why", "nothing there"
        ).status
        == 0
    )
    assert newest(database, run).status == "FAILED"
    recorded = Ledger(database, SystemClock()).once(request(run), lambda _: Done(output={"changed": True}))
    assert (recorded.replayed, recorded.attempt) == (False, 2)


def test_an_act_whose_outcome_is_known_cannot_be_resolved(
    officeflow: Command, airflow: EmbeddedAirflow, database: Database, run: RunRef
) -> None:
    Ledger(database, SystemClock()).once(request(run), lambda _: Done(output={}))
    ended = as_admin(officeflow, airflow, "resolve", run.dag_run_id, NODE, "--not-done", "--why", "x")
    assert ended.status == 2
    assert "wait is SUCCEEDED: there is nothing to find out about it" in ended.err


def test_a_redo_waits_for_its_task_or_clears_it_at_once(
    officeflow: Command, airflow: EmbeddedAirflow, database: Database, run: RunRef
) -> None:
    Ledger(database, SystemClock()).once(request(run), lambda _: Done(output={}))
    waiting = as_admin(
        officeflow, airflow, "redo", run.dag_run_id, NODE, "--why", "sent to the wrong address"
    )
    assert (waiting.status, tries(airflow, run)) == (0, 1)
    assert "clear its task in Airflow" in waiting.out
    record = audited(database, run)
    assert (record.actor, record.action, record.details["generation"]) == (
        "airflow:admin",
        "act.redo_allowed",
        2,
    )
    cleared = as_admin(
        officeflow, airflow, "redo", run.dag_run_id, NODE, "--why", "sent to the wrong address", "--clear"
    )
    assert cleared.status == 0
    assert "generation 2" in cleared.out
    eventually(lambda: tries(airflow, run) == 2)
    recorded = Ledger(database, SystemClock()).once(request(run), lambda _: Done(output={}))
    assert (recorded.generation, recorded.replayed) == (2, False)


@pytest.mark.parametrize("command", [("redo",), ("resolve", "--done")])
def test_who_airflow_does_not_know_changes_nothing(
    command: tuple[str, ...], officeflow: Command, airflow: EmbeddedAirflow, database: Database, run: RunRef
) -> None:
    asked(database, run)
    ended = officeflow(
        "ledger",
        command[0],
        run.dag_run_id,
        NODE,
        *command[1:],
        "--why",
        "x",
        "--login",
        "admin",
        "--password-stdin",
        stdin="wrong\n",
    )
    assert ended.status == 1
    assert "Airflow answers 401" in ended.err
    assert (newest(database, run).status, newest(database, run).generation) == ("ASKED", 1)
    assert audited(database, run).action == "act.asked"


def test_the_password_is_asked_for_and_a_reason_is_needed(
    officeflow: Command,
    airflow: EmbeddedAirflow,
    database: Database,
    run: RunRef,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked(database, run)
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: airflow.setup.admin_password)
    assert officeflow("ledger", "redo", run.dag_run_id, NODE, "--why", " ", "--login", "admin").status == 2
    assert officeflow("ledger", "redo", run.dag_run_id, NODE, "--why", "x", "--login", "admin").status == 0
