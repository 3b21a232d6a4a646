"""`officeflow run watch` with a real Airflow."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from officeflow.cli.common import tell
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.runs import store
from officeflow.runs.acts import ActRequest, Attempt, Done, RunRef
from officeflow.runs.ledger import Ledger
from officeflow.sdk import Effect
from tests.airflow.embedded import EmbeddedAirflow
from tests.command import Command

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def _address(airflow: EmbeddedAirflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", airflow.setup.url)
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_PASSWORD", airflow.setup.service_password)


def known(database: Database, org: Organization, **values: str) -> RunRef:
    """A run of the probe as the dispatcher leaves it: PENDING, whether or not Airflow has it."""
    name = f"watched__{secrets.token_hex(4)}"
    with database.tenant(org.org_id) as session:
        row = store.ensure_run(session, org_id=org.org_id, dag_id="probe", dag_run_id=name, conf={}, **values)
    return RunRef(
        run_id=row.run_id,
        org_id=org.org_id,
        org="acme",
        dag_id="probe",
        dag_run_id=name,
        correlation_id=row.correlation_id,
    )


def test_a_run_is_followed_to_its_end_with_what_its_nodes_did(
    officeflow: Command,
    airflow: EmbeddedAirflow,
    database: Database,
    org: Organization,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, may_end = known(database, org), tmp_path / "may end"

    def told(text: str, **how: Any) -> None:
        tell(text, **how)
        if "[running]" in text:
            may_end.touch()

    def perform(attempt: Attempt) -> Done:
        attempt.story.append({"step": "changed", "text": "account ana made"})
        return Done(output={})

    Ledger(database, SystemClock()).once(
        ActRequest(run=run, node="wait", type="x.y", effect=Effect.IDEMPOTENT, params={}), perform
    )
    airflow.api.trigger("probe", run.dag_run_id, {"until": str(may_end)})
    monkeypatch.setattr("officeflow.cli.runs.tell", told)
    watched = officeflow("run", "watch", run.dag_run_id)
    assert (watched.status, watched.err) == (0, "")
    lines = [line.strip() for line in watched.out.splitlines()]
    assert lines[0] == f"probe/{run.dag_run_id}"
    assert any(line.startswith("▸ wait") and line.endswith("[running]") for line in lines)
    assert any(line.startswith("✓ wait") and "account ana made" in line for line in lines)
    assert lines[-1].endswith("success")


def test_a_failed_run_shows_its_retries_and_is_the_exit_status(
    officeflow: Command, airflow: EmbeddedAirflow, database: Database, org: Organization, tmp_path: Path
) -> None:
    run = known(database, org)
    airflow.api.trigger("probe", run.dag_run_id, {"file": str(tmp_path / "no such folder" / "file")})
    watched = officeflow("run", "watch", str(run.run_id))
    assert watched.status == 1
    assert "↻ wait" in watched.out
    assert "✗ wait" in watched.out
    assert watched.out.splitlines()[-1].endswith("failed")


def test_a_run_that_airflow_does_not_have_yet_is_waited_for_as_long_as_asked(
    officeflow: Command, airflow: EmbeddedAirflow, database: Database, org: Organization
) -> None:
    run = known(database, org)
    watched = officeflow("run", "watch", run.dag_run_id, "--timeout", "1")
    assert watched.status == 3
    assert "did not end within 1 s" in watched.err


def test_a_run_that_never_came_about_has_failed(
    officeflow: Command, airflow: EmbeddedAirflow, database: Database, org: Organization
) -> None:
    run = known(database, org, status="FAILED")
    assert officeflow("run", "watch", run.dag_run_id).status == 1
