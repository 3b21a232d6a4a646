"""What is away, full or wrong costs no run that it need not cost, and says why, through each door and on each
executor.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from officeflow.database.tables import NodeRefusal
from officeflow.ids import workflow_run_id
from tests.airflow.embedded import eventually
from tests.counterparts.scim import ScimServer
from tests.doors.stage import Run, Stage, Variant

pytestmark = pytest.mark.integration


@contextmanager
def connections_away(stage: Stage) -> Iterator[None]:
    """Airflow's database gives no connection; its api-server then says that there is none, as it does while
    PostgreSQL restarts.
    """
    url = (
        make_url(stage.airflow.setup.database_url)
        .set(drivername="postgresql")
        .render_as_string(hide_password=False)
    )
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("ALTER TABLE connection RENAME TO connection_away")
        try:
            yield
        finally:
            database.execute("ALTER TABLE connection_away RENAME TO connection")


def refusals(stage: Stage, run: Run) -> list[NodeRefusal]:
    with stage.database.service() as session:
        return list(
            session.scalars(
                select(NodeRefusal).where(NodeRefusal.run_id == workflow_run_id(run.dag_id, run.run_id))
            )
        )


def test_an_outage_that_airflow_tells_as_an_absence_fails_no_run(
    stage: Stage, variant: Variant, directory: ScimServer
) -> None:
    stage.airflow.admin.put_connection("acme.fickle", "scim", host=directory.url, password=directory.token)
    with connections_away(stage):
        run = stage.start("connected", variant)
        [waiting] = eventually(lambda: refusals(stage, run))
        assert (waiting.waits, waiting.error_details["code"]) == (True, "not_known")
    assert run.await_end() == {"find": "success"}
    assert run.tasks()["find"]["try_number"] == 1
    assert refusals(stage, run) == []


def test_a_full_log_disk_stops_no_node(stage: Stage, variant: Variant) -> None:
    """The task's log is a device without room."""
    run_id = f"test__unlogged-{variant}"
    logs = (
        Path(stage.airflow.setup.home)
        / "logs"
        / f"dag_id=acme__unlogged-{variant}"
        / f"run_id={run_id}"
        / "task_id=act"
    )
    logs.mkdir(parents=True)
    (logs / "attempt=1.log").symlink_to("/dev/full")
    run = stage.start("unlogged", variant, run_id=run_id)
    assert run.await_end() == {"act": "success"}
    assert run.tasks()["act"]["try_number"] == 1
    assert (logs / "attempt=1.log").samefile("/dev/full")


def test_parameters_that_cannot_be_computed_are_told_with_node_field_and_reason(
    stage: Stage, variant: Variant
) -> None:
    run = stage.run("refused", variant)
    assert run.await_end() == {"note": "failed"}
    [refusal] = refusals(stage, run)
    assert (refusal.node_key, refusal.error_details["code"]) == ("note", "invalid_parameters")
    assert [problem["path"] for problem in refusal.error_details["problems"]] == ["params.subject"]


def test_a_time_out_is_told_with_the_run(stage: Stage, variant: Variant) -> None:
    run = stage.run("slow", variant)
    run.await_end()
    assert {refusal.node_key: refusal.error_details["code"] for refusal in refusals(stage, run)} == {
        "always": "timed_out"
    }
