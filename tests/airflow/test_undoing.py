"""Airflow undoes runs that failed, were cancelled or marked failed, and leaves others alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from listeners.steward.run_watch import RunWatch
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, WorkflowRun
from officeflow.ids import new_id, workflow_run_id
from officeflow.runs import steps
from officeflow.runs.corrections import Person
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.airflow.test_workflows import acts, chain, pause, record, shows, start, states
from tests.counterparts.scim import ScimServer
from tests.dag_factory.conftest import Published, definition

pytestmark = pytest.mark.integration

FAIL = {"id": "stop", "type": "flow.fail", "params": {"message": "half way"}}


def back(target: str) -> dict[str, Any]:
    return record(f"back_{target}", "took.back", compensatesFor=[target], compensationType="rollback")


@pytest.fixture(scope="module")
def undo_database(airflow: EmbeddedAirflow) -> Iterator[Database]:
    database = Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"])
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def undo_org(undo_database: Database) -> Organization:
    organization = Organization(
        org_id=new_id(), slug="undoing", name="Undoing", domain="undoing.example", plan="standard"
    )
    with undo_database.service() as session:
        session.add(organization)
    return organization


@pytest.fixture(scope="module")
def dags(airflow: EmbeddedAirflow, undo_database: Database, undo_org: Organization) -> dict[str, str]:
    """The id of each workflow's DAG, once Airflow has them."""
    published = Published(undo_database, undo_org)
    account = {
        "id": "account",
        "type": "identity.create_account",
        "connection": "directory",
        "params": {"login": "ana@acme.example", "external_id": "E-1"},
    }
    drawn = {
        "half-way": definition(
            "half-way",
            nodes=[record("a"), record("b"), FAIL, back("a"), back("b")],
            edges=chain("a", "b", "stop"),
        ),
        "waits": definition(
            "waits", nodes=[record("a"), pause("wait"), record("z"), back("a")], edges=chain("a", "wait", "z")
        ),
        "account": definition(
            "account", nodes=[account, FAIL], edges=chain("account", "stop"), onFailure="undo"
        ),
        "again": definition(
            "again",
            nodes=[pause("ask"), record("a"), pause("wait"), back("a")],
            edges=chain("ask", "a", "wait"),
            onFailure="undo",
        ),
        "leaves": definition(
            "leaves",
            nodes=[record("a"), record("b"), record("c"), back("a")],
            edges=[{"from": "a", "to": "b"}, {"from": "a", "to": "c", "condition": "false"}],
        ),
    }
    for slug, each in drawn.items():
        published.publish(slug, each)
    for slug, each in drawn.items():
        eventually(lambda slug=slug, each=each: shows(airflow.api, f"undoing__{slug}", each))  # type: ignore[misc]
    return {slug: f"undoing__{slug}" for slug in drawn}


def seen(airflow: EmbeddedAirflow, database: Database, dag: str, run: str) -> WorkflowRun:
    """The run as the steward writes it down now."""
    RunWatch(database, airflow.api).follow()
    with database.service() as session:
        return session.get_one(WorkflowRun, workflow_run_id(dag, run))


def begun(airflow: EmbeddedAirflow, dag: str) -> str:
    run = start(airflow.api, dag, org="undoing")
    eventually(lambda: states(airflow.api, dag, run)["wait"] == "awaiting_input")
    return run


def refused(airflow: EmbeddedAirflow, dag: str) -> str:
    """A run that has failed, and was undone, before it did anything."""
    run = start(airflow.api, dag, org="undoing")
    airflow.answer(dag, run, "ask", "Reject", reason="not yet")
    assert airflow.await_run(run, dag_id=dag) == "failed"
    found = states(airflow.api, dag, run)
    assert (found["a"], found["undo"]) == ("upstream_failed", "success")
    return run


def cancel(airflow: EmbeddedAirflow, dag: str, run: str) -> None:
    mark(airflow, f"{dag}/dagRuns/{run}/taskInstances/verdict", new_state="failed")
    mark(airflow, f"{dag}/dagRuns/{run}", state="failed")


def mark(airflow: EmbeddedAirflow, path: str, **body: Any) -> None:
    airflow.admin._call("PATCH", f"/api/v2/dags/{path}", json=body)


def test_a_run_that_failed_half_way_is_undone_in_reverse_order(
    airflow: EmbeddedAirflow, dags: dict[str, str], undo_database: Database
) -> None:
    dag = dags["half-way"]
    run = start(airflow.api, dag, org="undoing")
    assert airflow.await_run(run, dag_id=dag) == "failed"
    assert states(airflow.api, dag, run) == {
        "a": "success",
        "b": "success",
        "stop": "failed",
        "verdict": "upstream_failed",
        "undo": "success",
    }
    done = acts(undo_database, dag, run)
    assert {key: act.status for key, act in done.items()} == {
        "a": "COMPENSATED",
        "b": "COMPENSATED",
        "stop": "FAILED",
        "undo__back_a": "SUCCEEDED",
        "undo__back_b": "SUCCEEDED",
    }
    first, second = done["undo__back_b"].ended_at, done["undo__back_a"].ended_at
    assert first is not None
    assert second is not None
    assert first < second
    assert seen(airflow, undo_database, dag, run).status == "COMPENSATED"


def test_a_cancelled_run_is_undone_and_ends_failed(
    airflow: EmbeddedAirflow, dags: dict[str, str], undo_database: Database
) -> None:
    dag = dags["waits"]
    run = begun(airflow, dag)
    cancel(airflow, dag, run)
    eventually(lambda: states(airflow.api, dag, run)["undo"] == "success")
    assert airflow.await_run(run, dag_id=dag) == "failed"
    assert acts(undo_database, dag, run)["a"].status == "COMPENSATED"
    eventually(lambda: seen(airflow, undo_database, dag, run).status == "COMPENSATED")


def test_a_run_that_is_marked_failed_in_airflow_is_undone_and_stays_red(
    airflow: EmbeddedAirflow, dags: dict[str, str], undo_database: Database
) -> None:
    dag = dags["waits"]
    run = begun(airflow, dag)
    mark(airflow, f"{dag}/dagRuns/{run}", state="failed")
    eventually(lambda: states(airflow.api, dag, run)["undo"] == "failed")
    assert airflow.await_run(run, dag_id=dag) == "failed"
    assert states(airflow.api, dag, run)["verdict"] == "skipped"
    assert acts(undo_database, dag, run)["a"].status == "COMPENSATED"
    ended = seen(airflow, undo_database, dag, run)
    assert (ended.status, (ended.undone or {})["cause"]) == ("COMPENSATED", "marked_failed")
    assert (ended.error_details or {})["code"] == "marked_failed"
    assert "nodes" not in (ended.error_details or {})


def test_a_run_that_was_let_go_on_after_its_undo_is_undone_when_it_is_cancelled(
    airflow: EmbeddedAirflow, dags: dict[str, str], undo_database: Database
) -> None:
    dag = dags["again"]
    run = refused(airflow, dag)
    person = Person(login="admin", why="she was asked too early")
    steps.retry(undo_database, airflow.admin, f"{dag}/{run}", "ask", person)
    found = states(airflow.api, dag, run)
    assert found["verdict"] is None
    assert found["undo"] is None
    airflow.answer(dag, run, "ask")
    eventually(lambda: states(airflow.api, dag, run)["wait"] == "awaiting_input")
    assert acts(undo_database, dag, run)["a"].status == "SUCCEEDED"
    cancel(airflow, dag, run)
    eventually(lambda: acts(undo_database, dag, run)["a"].status == "COMPENSATED")
    assert airflow.await_run(run, dag_id=dag) == "failed"


def test_a_run_whose_failed_task_was_cleared_in_airflow_after_its_undo_is_undone_when_it_fails_again(
    airflow: EmbeddedAirflow, dags: dict[str, str], undo_database: Database
) -> None:
    dag = dags["again"]
    run = refused(airflow, dag)
    assert seen(airflow, undo_database, dag, run).status == "FAILED"
    airflow.admin.clear(dag, run, ["ask"], only_failed=True, downstream=True)
    airflow.answer(dag, run, "ask")
    airflow.answer(dag, run, "wait", "Reject", reason="not yet")
    assert airflow.await_run(run, dag_id=dag) == "failed"
    eventually(lambda: seen(airflow, undo_database, dag, run).status == "COMPENSATED")
    assert acts(undo_database, dag, run)["a"].status == "COMPENSATED"


def test_a_run_with_a_branch_not_taken_succeeds_and_nothing_is_undone(
    airflow: EmbeddedAirflow, dags: dict[str, str], undo_database: Database
) -> None:
    dag = dags["leaves"]
    run = start(airflow.api, dag, org="undoing")
    assert airflow.await_run(run, dag_id=dag) == "success"
    found = states(airflow.api, dag, run)
    assert (found["c"], found["verdict"], found["undo"]) == ("skipped", "success", "success")
    assert {key: act.status for key, act in acts(undo_database, dag, run).items()} == {
        "a": "SUCCEEDED",
        "b": "SUCCEEDED",
    }


def test_an_account_is_deleted_again_and_what_remains_is_named_where_that_fails(
    airflow: EmbeddedAirflow, dags: dict[str, str], undo_database: Database, scim_server: ScimServer
) -> None:
    dag = dags["account"]
    airflow.api.put_connection("undoing.directory", "scim", host=scim_server.url, password=scim_server.token)
    run = start(airflow.api, dag, org="undoing")
    assert airflow.await_run(run, dag_id=dag) == "failed"
    assert scim_server.users() == []
    assert seen(airflow, undo_database, dag, run).status == "COMPENSATED"
