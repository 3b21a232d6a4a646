"""The main job: one event becomes an account, a mail and a meeting, recorded once."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.airflow_api.client import AirflowApi
from officeflow.audit import chain
from officeflow.database.tables import AuditRecord, NodeRun, OutboxMessage, WorkflowRun
from officeflow.demo import evidence
from officeflow.demo.run import systems
from officeflow.runs.follow import RunFound
from officeflow.workflows.undoing import UNDO
from tests.e2e.conftest import Running, wait_for

pytestmark = pytest.mark.e2e


def hired(running: Running) -> RunFound:
    """The run that `up` made."""
    (run,) = running.up_summary["runs"]
    return RunFound(run["dag_id"], run["dag_run_id"], uuid.UUID(run["run_id"]))


def tasks_that_act(running: Running, run: RunFound) -> list[dict[str, Any]]:
    return [
        dict(t)
        for t in running.api.task_instances(run.dag_id, run.dag_run_id)
        if t["operator"] != "EmptyOperator" and t["task_id"] != UNDO  # which has nothing to take back
    ]


def log_of(running: Running, run: RunFound, task: dict[str, Any]) -> str:
    return running.api.task_log(run.dag_id, run.dag_run_id, task["task_id"], task["try_number"])


def test_up_ends_with_all_the_evidence(running: Running) -> None:
    summary = running.up_summary
    assert summary["complete"], summary["missing"]
    (account,) = summary["evidence"]["accounts"]
    assert account["login"] == summary["person"]["work_email"]
    assert account["active"]
    assert {"Everyone", "Staff"} <= set(account["groups"])
    (mail,) = summary["evidence"]["mails"]
    assert summary["person"]["given_name"] in mail["subject"]
    (meeting,) = summary["evidence"]["meetings"]
    assert meeting["start"] == f"{summary['person']['start_date']} 09:30 {summary['person']['time_zone']}"
    assert {row["status"] for row in summary["evidence"]["ledger"]} == {"SUCCEEDED"}
    assert all(row["sequence"] for row in summary["evidence"]["audit"])


def is_creation(write: Mapping[str, Any]) -> bool:
    return (write["method"], write["path"]) == ("POST", "/v2/Users")


def test_up_again_hires_the_next_person_and_does_nothing_twice(running: Running) -> None:
    first = running.up_summary["person"]
    before = len([w for w in running.writes("scim") if is_creation(w)])
    second = running.cli_json("up")
    assert second["complete"], second["missing"]
    assert second["person"]["employee_id"] != first["employee_id"]
    assert len([w for w in running.writes("scim") if is_creation(w)]) == before + 1
    assert len(evidence.accounts_at(systems(running.stack), first["work_email"])) == 1


def test_an_administrator_finds_a_readable_dag(running: Running) -> None:
    run = hired(running)
    details = running.api.dag_details(run.dag_id)
    assert run.dag_id == "acme__preboarding"
    assert "first day" in (details["doc_md"] or "")
    assert {"org:acme", "trigger:employee.onboard"} <= {tag["name"] for tag in details["tags"]}
    names = {
        t["task_id"]: t["task_display_name"] for t in running.api.task_instances(run.dag_id, run.dag_run_id)
    }
    assert names["create_account"] == "Create the account"


def test_each_task_log_tells_the_story(running: Running) -> None:
    run = hired(running)
    keys = {row["node"]: row["key"] for row in running.up_summary["evidence"]["ledger"]}
    logs = {
        task["task_id"]: log_of(running, run, task)
        for task in tasks_that_act(running, run)
        if task["task_id"] in keys
    }
    assert set(logs) == set(keys)
    for node, log in logs.items():
        assert keys[node] in log, f"{node} does not name its key:\n{log}"
    create = logs["create_account"]
    assert f":{running.stack.ports['scim']}" in create
    for step in ("found:", "changed:", "read back:"):
        assert step in create, create


def test_no_secret_is_in_any_log(running: Running) -> None:
    run = hired(running)
    text = running.logs() + "".join(log_of(running, run, task) for task in tasks_that_act(running, run))
    secrets = json.loads(running.stack.secrets.path.read_text())
    assert len(secrets) > 5
    assert [name for name, value in secrets.items() if value in text] == []


def test_sensitive_fields_never_reach_airflow(running: Running) -> None:
    run = hired(running)
    conf = running.api.dag_run(run.dag_id, run.dag_run_id)["conf"] or {}
    assert conf["event"]["payload"]["work_email"] == running.up_summary["person"]["work_email"]
    assert "home.example" not in json.dumps(conf)


def test_the_correlation_id_is_everywhere(running: Running) -> None:
    run, correlation = hired(running), running.up_summary["event"]["id"]
    conf = running.api.dag_run(run.dag_id, run.dag_run_id)["conf"] or {}
    assert conf["correlation_id"] == correlation
    assert all(
        correlation in log_of(running, run, task)
        for task in tasks_that_act(running, run)
        if task["state"] == "success"
    )
    with running.database.tenant(running.org.org_id) as session:
        nodes = session.scalars(select(NodeRun).where(NodeRun.run_id == run.run_id)).all()
        messages = session.scalars(
            select(OutboxMessage).where(OutboxMessage.correlation_id == correlation)
        ).all()
        records = session.scalars(select(AuditRecord).where(AuditRecord.correlation_id == correlation)).all()
    assert len([m for m in messages if m.topic == "node.execute.result"]) == len(nodes)
    assert len(records) >= len(nodes)
    mine = [
        w
        for name in ("scim", "inbox", "caldav")
        for w in running.writes(name)
        if w.get("correlation_id") == correlation
    ]
    assert {w["method"] for w in mine} >= {"POST", "DATA", "PUT"}


def test_the_steward_sees_the_run_end(running: Running) -> None:
    run = hired(running)

    def status() -> str | None:
        with running.database.tenant(running.org.org_id) as session:
            row = session.get_one(WorkflowRun, run.run_id)
            return row.status if row.ended_at else None

    assert wait_for(status, what="the run's end in workflow_runs") == "SUCCEEDED"


def test_the_audit_chain_verifies(running: Running) -> None:
    key = running.stack.environment["OFFICEFLOW_AUDIT_KEY"].encode()
    with running.database.tenant(running.org.org_id) as session:
        assert chain.verify(session, running.org.org_id, key=key) == []


@pytest.mark.parametrize("only", [["create_account"], None], ids=["one task", "every task"])
def test_clearing_changes_nothing_at_the_counterparts(running: Running, only: list[str] | None) -> None:
    """The log says that the act is done already; the counterparts' own logs show no second call."""
    run = hired(running)
    before = running.all_writes()
    cleared = running.api.clear(run.dag_id, run.dag_run_id, only)
    assert cleared
    wait_for(
        lambda: running.api.dag_run(run.dag_id, run.dag_run_id)["state"] in {"queued", "running"},
        what="the cleared run to go on",
    )
    assert running.ended(run) == "success"
    assert running.all_writes() == before
    again = [t for t in tasks_that_act(running, run) if only is None or t["task_id"] in only]
    replayed = [t for t in again if t["state"] == "success"]
    assert replayed
    for task in replayed:
        log = log_of(running, run, task)
        assert re.search(r"already done at \S+ in try \d+; returned the recorded result", log), log


def test_the_administrators_login_works(running: Running) -> None:
    login = running.up_summary["airflow"]
    with AirflowApi(login["url"], login["login"], login["password"]) as api:
        assert api.dag("acme__preboarding")["is_paused"] is False
