"""What `status`, `doctor` and `run` tell of a whole stack at work."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Running, wait_for
from tests.e2e.test_restarts import joiner

pytestmark = pytest.mark.e2e


def test_a_stack_at_work_is_in_order_from_end_to_end(running: Running) -> None:
    def in_order() -> bool:
        done = running.cli("doctor", "--json")
        wrong = [
            finding for finding in json.loads(done.stdout)["findings"] if finding["outcome"] == "problem"
        ]
        assert (done.returncode == 0) is (not wrong)
        print(*wrong, sep="\n")  # shown where the test fails
        return not wrong

    wait_for(in_order, what="nothing to be wrong (`officeflow doctor`)")
    told = json.loads(running.cli("doctor", "--json").stdout)["findings"]
    says = {finding["check"]: finding["says"] for finding in told}
    assert says["airflow.coordinator"].startswith("the queue 'nodes' is run by ")
    assert "PostgreSQL" in says["clocks.postgres"]
    assert re.match(r"\d+ connections? of active workflows: there and complete", says["connections.named"])
    assert not [finding for finding in told if "not examined" in finding["says"]]


def test_a_hire_can_be_listed_watched_and_shown(running: Running) -> None:
    event_id = running.send("employee.onboard", "W-1", joiner("watched"))
    (run,) = running.runs_of(event_id)
    watched = running.cli("run", "watch", str(run.run_id))
    assert watched.returncode == 0, watched.stderr
    assert "✓" in watched.stdout
    assert watched.stdout.splitlines()[-1].endswith("success")
    (line,) = running.cli_json("run", "list", "--employee", "W-1", "--since", "1h")
    assert line["run_id"] == str(run.run_id)
    shown = running.cli_json("run", "show", str(run.run_id))
    assert shown["event"]["id"] == event_id
    assert {node["status"] for node in shown["nodes"]} == {"SUCCEEDED"}
    assert run.dag_run_id in shown["airflow"]


def test_status_tells_what_waits_where(running: Running) -> None:
    def settled() -> bool:
        at = running.cli_json("status")["activity"]
        unknown = {name: facts for name, facts in at.items() if "unknown" in facts}
        assert not unknown
        return (
            at["inbox"]["waiting"],
            at["outbox"]["waiting"],
            at["listener"]["messages"],
            at["ledger"]["open"],
        ) == (0, 0, 0, 0)

    wait_for(settled, what="everything to be dispatched, sent and done")
    text = running.cli("status").stdout
    for title in ("Inbox", "Outbox", "Listener", "Tasks", "Acts", "Quarantine", "Duties"):
        assert f"\n{title} " in text, title


def test_status_looks_again_until_it_is_told_to_stop(running: Running) -> None:
    command = [sys.executable, "-m", "officeflow.cli.main", "status", "--watch", "--every", "0.5", "--json"]
    interruptible = partial(
        signal.signal, signal.SIGINT, signal.SIG_DFL
    )  # where the tests run in the background, nobody is
    with subprocess.Popen(
        command,
        env=running.environment,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=interruptible,  # noqa: PLW1509 - the tests' process has no threads then
    ) as process:
        assert process.stdout is not None
        looks = [json.loads(process.stdout.readline()) for _ in range(3)]
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 130
    assert all(look["healthy"] and look["activity"] for look in looks)
    assert looks[0]["at"] < looks[1]["at"] < looks[2]["at"]


ASKS_THEN_FAILS = {
    "slug": "asks-then-fails",
    "name": "Asks, then fails",
    "trigger": {"events": ["employee.onboard"], "filter": "event.source == 'nobody'"},
    "nodes": [
        {"id": "approve", "type": "human.approval", "params": {"subject": "May it?", "timeout": "P2D"}},
        {
            "id": "note",
            "type": "audit.record",
            "params": {"action": "seen", "subject": "${{ employee.manager }}"},
        },
    ],
    "edges": [{"from": "approve", "to": "note"}],
}


def test_a_run_started_by_hand_is_listed_while_it_waits_and_says_why_it_failed_before_its_act(
    running: Running, tmp_path: Path
) -> None:
    (tmp_path / "workflow.json").write_text(json.dumps(ASKS_THEN_FAILS))
    published = running.cli("workflow", "publish", "--org", "acme", str(tmp_path / "workflow.json"))
    assert published.returncode == 0, published.stderr
    dag_id, run = "acme__asks-then-fails", "acme__asks-then-fails/by-hand"
    person = running.up_summary["person"]["employee_id"]
    event = {
        "id": "hand",
        "source": "hand",
        "kind": "employee.onboard",
        "org": "acme",
        "employee": person,
        "time": "2026-01-05T09:00:00Z",
    }
    assert running.api.trigger(dag_id, "by-hand", {"event": {**event, "payload": {}}})

    def waiting() -> list[dict[str, Any]]:
        lines = running.cli_json("run", "list", "--status", "waiting", "--employee", person)
        return [line for line in lines if line["dag_id"] == dag_id]

    (line,) = wait_for(waiting, what="the run to be shown as waiting", seconds=60)
    assert [wait["node"] for wait in line["waits"]] == ["approve"]
    (wait,) = running.cli_json("run", "show", run)["waits"]
    assert wait["of"] == "whoever may change the run in Airflow"
    assert wait["at"].endswith(f"/dags/{dag_id}/runs/by-hand/required_actions")
    assert running.cli_json("status")["activity"]["waits"]["questions"] == 1
    answer_approval(running, dag_id, "by-hand")
    watched = running.cli("run", "watch", run)
    assert watched.returncode == 1
    assert "invalid_parameters" in watched.stdout
    wait_for(
        lambda: running.cli_json("run", "show", run)["status"] == "FAILED",
        what="the end to be written down",
        seconds=30,
    )
    findings = json.loads(running.cli("doctor", "--json").stdout)["findings"]
    assert any(finding["check"] == "runs.failed" and run in finding["says"] for finding in findings)


def answer_approval(running: Running, dag_id: str, run_id: str) -> None:
    """As the administrator does in Airflow's UI."""
    url, login = (
        running.stack.airflow_url,
        {"username": "admin", "password": running.stack.secrets["airflow_admin"]},
    )
    token = httpx.post(f"{url}/auth/token", json=login, timeout=30).json()["access_token"]
    answered = httpx.patch(
        f"{url}/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/approve/-1/hitlDetails",
        json={"chosen_options": ["Approve"], "params_input": {}},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert answered.status_code == 200, answered.text
