"""What administrators do, and what goes wrong around them, on the whole running stack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.database.tables import AuditRecord
from tests.e2e.conftest import MONDAY, Running, wait_for
from tests.e2e.test_restarts import joiner

pytestmark = pytest.mark.e2e


def definition(slug: str, department: str, node: dict[str, Any]) -> dict[str, Any]:
    """One node, started for joiners of one department."""
    return {
        "slug": slug,
        "name": slug.title(),
        "trigger": {"events": ["employee.onboard"], "filter": f'event.payload.department == "{department}"'},
        "nodes": [node],
    }


def publish(running: Running, folder: Path, content: dict[str, Any]) -> None:
    file = folder / f"{content['slug']}.json"
    file.write_text(json.dumps(content))
    done = running.cli("workflow", "publish", str(file), "--org", "acme")
    assert done.returncode == 0, done.stderr


def test_the_same_event_a_hundred_times_is_one_run(running: Running) -> None:
    event = {
        "specversion": "1.0",
        "id": "hundred",
        "source": "https://hr.acme.example/e2e",
        "type": "employee.onboard",
        "subject": "H-100",
        "time": MONDAY,
        "data": joiner("hundred"),
    }
    running.produce(event, times=100)
    (run,) = running.runs_of("hundred")
    assert running.ended(run) == "success"
    created = [
        w
        for w in running.writes("scim")
        if w["path"] == "/v2/Users" and w["method"] == "POST" and w.get("correlation_id") == "hundred"
    ]
    assert len(created) == 1


def test_a_parameter_that_turns_out_wrong_fails_at_once(running: Running, tmp_path: Path) -> None:
    """No retry, and the field is named."""
    node = {
        "id": "mail",
        "type": "email.send",
        "connection": "mail",
        "params": {"to": ["people@acme.example"], "subject": "${{ event.payload.groups }}", "text": "Hello"},
    }
    publish(running, tmp_path, definition("wrong-at-run-time", "Wrong", node))
    event_id = running.send(
        "employee.onboard", "H-wrong", {**joiner("wrong"), "department": "Wrong", "groups": ["a", "b"]}
    )
    run = next(run for run in running.runs_of(event_id) if run.dag_id == "acme__wrong-at-run-time")
    assert running.ended(run) == "failed"
    (task,) = running.api.task_instances(run.dag_id, run.dag_run_id)
    assert task["try_number"] == 1
    assert "params.subject" in running.api.task_log(run.dag_id, run.dag_run_id, "mail", 1)


def test_a_redo_is_a_second_act_under_the_administrators_name(running: Running) -> None:
    event_id = running.send("employee.onboard", "H-redo", joiner("redo"))
    (run,) = running.runs_of(event_id)
    assert running.ended(run) == "success"
    mails = [w for w in running.writes("inbox") if w.get("correlation_id") == event_id]
    password = running.stack.secrets["airflow_admin"]
    where = f"{run.dag_id}/{run.dag_run_id}"
    command = (
        "ledger",
        "redo",
        where,
        "welcome_mail",
        "--why",
        "it went into the spam folder",
        "--clear",
        "--login",
        "admin",
    )
    done = running.cli(*command, "--password-stdin", stdin=f"{password}\n")
    assert done.returncode == 0, done.stderr
    wait_for(
        lambda: (
            len([w for w in running.writes("inbox") if w.get("correlation_id") == event_id]) == len(mails) + 1
        ),
        what="a mail",
    )
    assert running.ended(run) == "success"
    with running.database.tenant(running.org.org_id) as session:
        actors = session.scalars(
            select(AuditRecord.actor).where(
                AuditRecord.details["why"].astext == "it went into the spam folder"
            )
        ).all()
    assert set(actors) == {"airflow:admin"}


def test_a_redo_by_nobody_known_is_refused(running: Running) -> None:
    (made,) = running.up_summary["runs"]
    command = (
        "ledger",
        "redo",
        made["run_id"],
        "record",
        "--why",
        "try",
        "--login",
        "admin",
        "--password-stdin",
    )
    done = running.cli(*command, stdin="not the password\n")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("org", "show", "nobody"),
        ("workflow", "list", "--org", "acmee"),
        ("workflow", "validate", "no-such-file.json", "--org", "acme"),
        ("ledger", "show", "no-such-run"),
        ("inbox", "show", "no-such-event"),
        ("connection", "list", "acmee"),
        ("event", "send", "no-such-file.json"),
        ("logs", "no-such-process"),
    ],
    ids=" ".join,
)
def test_what_does_not_exist_is_one_line_and_status_2(running: Running, arguments: tuple[str, ...]) -> None:
    done = running.cli(*arguments)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_a_definition_with_errors_is_refused_with_all_of_them(running: Running, tmp_path: Path) -> None:
    wrong = definition(
        "broken", "Any", {"id": "a", "type": "identity.create_acount", "connection": "directry", "params": {}}
    )
    wrong["edges"] = [{"from": "a", "to": "b"}]
    file = tmp_path / "broken.json"
    file.write_text(json.dumps(wrong))
    done = running.cli("workflow", "publish", str(file), "--org", "acme")
    assert done.returncode == 2
    told = done.stderr + done.stdout
    assert "identity.create_account" in told
    assert "nodes[0].type" in told
    assert "edges[0].to" in told
    assert "broken" not in json.dumps(running.cli_json("workflow", "list", "--org", "acme"))


def test_status_names_ports_and_stays_within_its_memory(running: Running) -> None:
    found = running.cli_json("status")
    states = {service["name"]: service["state"] for service in found["services"]}
    assert {"postgres", "kafka", "valkey", "airflow-api", "listener", "steward", "scim"} <= set(states)
    assert set(states.values()) == {"RUNNING"}
    assert found["memory_bytes"] < 4 * 2**30
