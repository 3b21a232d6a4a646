"""Many runs are steered by one command, with Airflow's API played by a server that keeps its rules."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, Employee, Organization
from officeflow.ids import employee_id
from officeflow.runs import store
from officeflow.statuses import RunStatus
from tests.command import Command, Outcome, officeflow
from tests.listeners.airflow_api import LOGIN, AirflowServer
from tests.listeners.conftest import Publish

__all__ = ["officeflow"]

MANY = 30


@pytest.fixture
def undone(database: Database, org: Organization, airflow: AirflowServer, publish: Publish) -> str:
    """There are many runs about E1; the one that is named is being undone."""
    dag = publish("hello")
    with database.service() as session:
        person = Employee(
            employee_id=employee_id(org.org_id, "E1"), org_id=org.org_id, external_id="E1", status="active"
        )
        session.add(person)
        session.flush()
        for number in range(MANY):
            airflow.take(dag, f"evt__{number}", {}, by="officeflow", state="running")
            run = store.ensure_run(
                session,
                org_id=org.org_id,
                dag_id=dag,
                dag_run_id=f"evt__{number}",
                conf={"event": {"employee": "E1"}},
                status=RunStatus.RUNNING,
            )
        run.status = RunStatus.COMPENSATING
    return f"{dag}/{run.dag_run_id}"


def test_one_that_is_not_to_be_cancelled_keeps_no_other_from_it_and_nothing_is_done_twice(
    officeflow: Command,
    database: Database,
    airflow: AirflowServer,
    monkeypatch: pytest.MonkeyPatch,
    undone: str,
) -> None:
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", airflow.url)

    def cancel(*more: str) -> Outcome:
        signed = ("--login", LOGIN["username"], "--password-stdin", "--why", "a test of ours")
        arguments = ("cancel", "--employee", "E1", "--org", "acme", "--yes", *signed, *more)
        return officeflow("run", *arguments, stdin=LOGIN["password"] + "\n")

    first = cancel()
    assert first.status == 1
    assert len([line for line in first.out.splitlines() if line.endswith("is cancelled")]) == MANY - 1
    assert f"{undone} is not cancelled: {undone} is being undone" in first.err.replace("\n", " ")
    assert [(one["run"], one["error"]) for one in cancel("--json").json] == [(undone, "not_steerable")]
    with database.service() as session:
        audited = select(func.count()).where(AuditRecord.action == "run.cancelled")
        assert session.scalar(audited) == MANY - 1
