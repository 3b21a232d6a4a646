"""`officeflow run start|pause|resume|cancel|retry|skip` against a real Airflow, as one of its logins."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from officeflow.audit import store as audit
from officeflow.database.engine import Database
from officeflow.database.tables import WorkflowRun
from officeflow.ids import workflow_run_id
from officeflow.runs.steering import OPTIONS
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.airflow.steered import ORG, Run, SlowSystem
from tests.command import Command, Outcome

pytestmark = pytest.mark.integration

Steer = Callable[..., Outcome]
OWN = ("Approve", "Reject")


@pytest.fixture
def steer(
    officeflow: Command, airflow: EmbeddedAirflow, steered: Database, monkeypatch: pytest.MonkeyPatch
) -> Steer:
    """`steer("pause", RUN, …)` as the administrator."""
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", airflow.setup.environment["OFFICEFLOW_DATABASE_URL"])
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", airflow.setup.url)
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_PASSWORD", airflow.setup.service_password)

    def call(*arguments: str, why: str = "so it is wanted", password: str = "") -> Outcome:
        signed = ("--why", why, "--login", "admin", "--password-stdin")
        return officeflow("run", *arguments, *signed, stdin=(password or airflow.setup.admin_password) + "\n")

    return call


@pytest.fixture
def system(airflow: EmbeddedAirflow) -> Iterator[SlowSystem]:
    """A customer's system that refuses what it is asked."""
    found = SlowSystem()
    found.status = 404
    found.may_answer.set()
    airflow.admin.put_connection(f"{ORG}.slow", "http", host=found.url, extra={"networks": "127.0.0.1"})
    yield found
    found.close()


def failed(airflow: EmbeddedAirflow, database: Database) -> Run:
    run = Run(airflow, database, "fails").start()
    run.await_status("FAILED")
    return run


def audited(database: Database, run: Run) -> list[tuple[str, str]]:
    with database.service() as session:
        row = session.get_one(WorkflowRun, run.run_id)
        found = audit.newest(session, row.org_id, subject=f"run:{run.run_id}")
    return [(each.actor, each.action) for each in found if each.actor.startswith("airflow:")]


def test_a_run_is_started_once_under_its_id_and_says_who_started_it(
    steer: Steer, airflow: EmbeddedAirflow, steered: Database, tmp_path: Path
) -> None:
    file = tmp_path / "payload.json"
    file.write_text(json.dumps({"employee": "E-1", "payload": {"department": "Sales"}}))
    order = ("start", "asks", "--org", ORG, "--payload", str(file), "--id", "hire-1", "--json")
    first = steer(*order)
    assert first.status == 0, first.err
    assert first.json["started"]
    dag_id, _, run_id = first.json["run"].partition("/")
    again = steer(*order)
    assert (again.status, again.json) == (0, {**first.json, "started": False})
    file.write_text(json.dumps({"employee": "E-1", "payload": {"department": "Legal"}}))
    other = steer(*order)
    assert other.status == 2
    assert "under this id another run was started" in other.err
    with steered.service() as session:
        row = session.get_one(WorkflowRun, workflow_run_id(dag_id, run_id))
        assert (row.started_by, row.trigger_event) == ("admin", "employee.onboard")
    run = Run(airflow, steered, "asks", run_id)
    assert audited(steered, run) == [("airflow:admin", "run.started")]
    run.await_question("ask", *OWN)
    assert steer("cancel", first.json["run_id"], "--wait", "--timeout", "300").status == 0
    assert run.row().status == "CANCELLED"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "not a JSON object"),
        ("{", "not JSON"),
        ("{}", "employee: is missing"),
        ('{"employee": "E-9"}', "knows nobody"),
        ('{"employee": "E-1", "payload": {"salary": 3}}', "is private"),
        ('{"employee": "E-1", "kind": "employee.exit"}', "starts on employee.onboard"),
        ('{"employee": "E-1", "when": "now"}', "is no field"),
    ],
)
def test_what_no_run_can_be_started_with_is_refused_with_its_place(
    steer: Steer, tmp_path: Path, content: str, words: str
) -> None:
    file = tmp_path / "payload.json"
    file.write_text(content)
    found = steer("start", "asks", "--org", ORG, "--payload", str(file))
    assert found.status == 2
    assert words in found.err


def test_runs_are_paused_resumed_and_cancelled_by_workflow_and_by_person(
    steer: Steer, airflow: EmbeddedAirflow, steered: Database
) -> None:
    runs = [Run(airflow, steered, "gate").start() for _ in range(2)]
    for run in runs:
        run.await_question("ask", *OWN)
    of_workflow = ("--workflow", "gate", "--org", ORG, "--yes", "--json")
    others = steer("pause", "--workflow", "gate", "--org", ORG, "--expect", "1000")
    assert (others.status, "1000 were expected: nothing is changed" in others.err) == (1, True)
    assert {run.row().control for run in runs} == {""}
    paused = steer("pause", *of_workflow, "--wait")
    assert paused.status == 0, paused.err
    ids = {str(run.run_id) for run in runs}
    assert ids <= {each["run_id"] for each in paused.json if each["changed"]}
    assert steer("pause", *of_workflow).json == []
    runs[0].answer("ask", "Approve")
    runs[0].await_question("note", *OPTIONS)
    resumed = steer("resume", "--employee", "E-1", "--org", ORG, "--yes", "--json", "--wait")
    assert ids <= {each["run_id"] for each in resumed.json}
    runs[0].await_status("SUCCEEDED")
    again = steer("resume", str(runs[1].run_id))
    assert (again.status, "it is not paused" in again.out) == (0, True)
    cancelled = steer("cancel", *of_workflow, "--wait", "--timeout", "300")
    assert cancelled.status == 0, cancelled.err
    assert runs[1].row().status == "CANCELLED"
    ended = steer("cancel", str(runs[1].run_id))
    assert ended.status == 1
    assert "has ended, it is CANCELLED" in ended.err


def test_a_wrong_password_steers_nothing(steer: Steer, airflow: EmbeddedAirflow, steered: Database) -> None:
    run = Run(airflow, steered, "asks").start()
    run.await_question("ask", *OWN)
    eventually(lambda: run.row_or_none() is not None)
    refused = steer("pause", str(run.run_id), password="wrong")
    assert refused.status == 1
    assert "401" in refused.err
    assert run.row().control == ""
    steer("cancel", str(run.run_id))


def test_which_runs_has_to_be_said(steer: Steer) -> None:
    for arguments in (
        ("pause",),
        ("cancel", "x", "--workflow", "gate"),
        ("resume", "--workflow", "gate"),
        ("pause", "x", "--expect", "1"),
    ):
        assert steer(*arguments).status == 2
    unknown = steer("pause", "--workflow", "gat", "--org", ORG)
    assert unknown.status == 2
    assert "did you mean gate?" in unknown.err


def test_a_node_that_failed_is_tried_again(
    steer: Steer, airflow: EmbeddedAirflow, steered: Database, system: SlowSystem
) -> None:
    run = failed(airflow, steered)
    system.status = 204
    done = steer("retry", str(run.run_id), "call")
    assert done.status == 0, done.err
    run.await_status("SUCCEEDED")
    assert audited(steered, run) == [("airflow:admin", "node.retried")]
    succeeded = steer("retry", str(run.run_id), "call")
    assert succeeded.status == 2
    assert "call cannot be tried again: it has succeeded" in succeeded.err


@pytest.mark.usefixtures("system")
def test_a_node_that_is_given_up_lets_the_run_go_on_and_has_no_output(
    steer: Steer, airflow: EmbeddedAirflow, steered: Database
) -> None:
    run = failed(airflow, steered)
    unknown = steer("skip", str(run.run_id), "cal")
    assert (unknown.status, "did you mean call?" in unknown.err) == (2, True)
    early = steer("skip", str(run.run_id), "note")
    assert (early.status, "did not begin" in early.err) == (2, True)
    told = "reads, params.subject reads call: it fails: nodes.call has no output\n"
    assert steer("skip", str(run.run_id), "call", "--plan").out == told
    assert run.states()["call"] == "failed"
    done = steer("skip", str(run.run_id), "call", why="told by phone")
    assert (done.status, done.out.startswith(told)) == (0, True), done.err
    eventually(lambda: run.states() == {"call": "success", "note": "success", "reads": "failed"})
    log = airflow.api.task_log(run.dag_id, run.dag_run_id, "reads")
    assert "nodes.call: has no output: admin gave it up at" in log
    assert "told by phone" in log
    assert audited(steered, run) == [("airflow:admin", "node.skipped")]
    assert steer("skip", str(run.run_id), "reads").status == 0
    run.await_status("SUCCEEDED")


def test_an_approval_is_given_by_nobody_who_only_may_change_the_run(
    steer: Steer, airflow: EmbeddedAirflow, steered: Database
) -> None:
    """Not by giving it up, and not by writing its output."""
    run = Run(airflow, steered, "gate").start()
    run.await_question("ask", "Approve", "Reject")
    skipped = steer("skip", str(run.run_id), "ask")
    assert (skipped.status, "ask is an approval" in skipped.err) == (2, True), skipped.err
    task = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.dag_run_id}/taskInstances/ask"
    forged = {"key": "return_value", "value": {"approved": True, "by": "boss"}}
    airflow.admin._call("POST", f"{task}/xcomEntries", json=forged)
    assert run.states() == {"first": "success", "ask": "awaiting_input", "note": None, "last": None}
