"""What cannot be run or kept is a clear error in the task's log, through each door and on each executor."""

from __future__ import annotations

from typing import LiteralString

import psycopg
import pytest
from sqlalchemy.engine import make_url

from officeflow.errors import InvalidInput
from tests.doors.stage import Stage, Variant, params

pytestmark = pytest.mark.integration


def test_output_that_cannot_be_stored_is_refused_by_its_kind(stage: Stage, variant: Variant) -> None:
    run = stage.run("outputs", variant)
    assert run.await_end() == {"not_json": "failed", "too_large": "failed"}
    run.log_when("not_json", 1, "output_refused")
    assert "xxxxxxxxxx" not in run.log_when("too_large", 1, "output_refused", "larger than 1 MiB")


def test_a_node_type_that_the_worker_does_not_know_is_named_and_waited_for(
    stage: Stage, variant: Variant
) -> None:
    """In the stock door Airflow itself fails the task, which is not in the DAG that its worker could read."""
    run = stage.run("unknown", variant)
    if variant.door == "stock":
        assert run.await_end() == {"faded": "failed"}
        run.log_when("faded", 1, "there is no node type 'fading.act'")
    else:
        run.log_when(
            "faded", 1, "node_type_missing", "there is no node type 'fading.act'", "looking again at"
        )
        run.await_state("faded", "up_for_reschedule")


@pytest.mark.parametrize("variant", params("stock", "warm"))
def test_a_run_whose_event_names_no_organization_fails_at_its_node(stage: Stage, variant: Variant) -> None:
    """At its first one: none is taken over from that. Such a run is not started; here its conf is changed
    afterwards.
    """
    with pytest.raises(InvalidInput):
        stage.airflow.api.trigger(f"acme__homeless-{variant}", "test__bare", {"correlation_id": "c-1"})
    stage.airflow.api.set_paused(f"acme__homeless-{variant}", True)
    run = stage.start("homeless", variant)
    tamper(
        stage.airflow.setup.database_url,
        "UPDATE dag_run SET conf = conf::jsonb #- '{event,org}' WHERE run_id = %s",
        run.run_id,
    )
    stage.airflow.api.set_paused(run.dag_id, False)
    assert run.await_end() == {"act": "failed"}
    run.log_when("act", 1, "the run's conf is about organization None")


@pytest.mark.parametrize("variant", params("stock", "warm"))
def test_a_definition_that_was_changed_in_the_database_is_never_run(stage: Stage, variant: Variant) -> None:
    """The warm door sees it at the run's first node; the stock door has rendered what was published to
    files, and goes on with those.
    """
    change = (
        "UPDATE workflow_versions SET definition = replace(definition::text, 'did', 'forged')::jsonb WHERE"
        " definition->>'slug' = %s"
    )
    tamper(stage.airflow.setup.environment["OFFICEFLOW_DATABASE_URL"], change, f"changed-{variant}")
    run = stage.start("changed", variant)
    if variant.door == "stock":
        assert run.await_end() == {"act": "success"}
        run.log_when("act", 1, "puts on record: workflow, did,")
    else:
        assert run.await_end() == {"act": "failed"}
        run.log_when("act", 1, "invalid_definition", "its definition is not the one that was published")


@pytest.mark.parametrize("variant", params("warm"))
def test_a_version_that_is_gone_from_the_database_fails_the_task(stage: Stage, variant: Variant) -> None:
    """Of the stock door's files, `tests/dag_factory/test_bundle.py` tells."""
    url = stage.airflow.setup.environment["OFFICEFLOW_DATABASE_URL"]
    tamper(url, "DELETE FROM workflow_versions WHERE definition->>'slug' = %s", f"lost-{variant}")
    run = stage.start("lost", variant)
    assert run.await_end() == {"act": "failed"}
    run.log_when("act", 1, "not_known", f"shows no workflow 'lost-{variant}' of acme")


def tamper(url: str, statement: LiteralString, name: str) -> None:
    """Do to one row what no part of OfficeFlow can: a superuser past all triggers."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        connection.execute("SET session_replication_role = replica")
        assert connection.execute(statement, (name,)).rowcount == 1
