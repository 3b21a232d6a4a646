"""What another user of this machine gets to see of the whole running stack."""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx
import pytest

from officeflow.runtime import processes
from tests.e2e.conftest import Running, wait_for
from tests.e2e.test_restarts import joiner
from tests.strangers import impostor, open_to_others, seen_by_another_user

pytestmark = pytest.mark.e2e

LISTENING = "0A"
"""As /proc/net/tcp has it."""


def test_no_file_of_a_running_stack_is_readable_by_another_user(running: Running) -> None:
    """Task logs, journals and data of people among them."""
    home = running.stack.layout.home
    assert list((running.stack.layout.airflow_logs).rglob("*.log"))
    if os.geteuid() == 0:
        assert seen_by_another_user(home) == set()
    else:
        assert open_to_others(home) == set()


def test_no_secret_is_on_a_command_line(running: Running) -> None:
    secrets = [value.encode() for value in running.stack.secrets.all().values()]
    family = processes.tree(running.supervisor.pid())
    lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in family if processes.is_alive(pid)]
    assert len(lines) > 10
    assert not [line for line in lines if any(secret in line for secret in secrets)]


def test_the_stack_listens_on_loopback_and_on_its_own_ports_alone(running: Running) -> None:
    found = {address for pid in processes.tree(running.supervisor.pid()) for address in listening(pid)}
    assert len(found) >= 8
    assert {address for address, _ in found} <= {"0100007F", "0000000000000000FFFF00000100007F"}
    assert {port for _, port in found} <= set(running.stack.ports.values())


def listening(pid: int) -> set[tuple[str, int]]:
    """Address and port of each TCP socket on which the process takes connections."""
    try:
        sockets = {str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()}
    except OSError:
        return set()
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            address, _, port = fields[1].partition(":")
            if fields[3] == LISTENING and f"socket:[{fields[9]}]" in sockets:
                found.add((address, int(port, 16)))
    return found


def test_airflow_tells_nothing_to_whoever_has_not_signed_in(running: Running) -> None:
    with httpx.Client(base_url=running.stack.airflow_url, trust_env=False, timeout=30) as client:
        paths = (
            "/api/v2/dags",
            "/api/v2/connections",
            "/api/v2/dags/~/dagRuns",
            "/api/v2/eventLogs",
            "/execution/connections/acme.mail",
        )
        assert {
            path: client.get(path).status_code
            for path in paths
            if client.get(path).status_code not in {401, 403}
        } == {}


def test_the_doctor_finds_everything_closed(running: Running) -> None:
    findings = json.loads(running.cli("doctor", "--json").stdout)["findings"]
    asked = {
        "machine.access",
        "machine.permissions",
        "database.roles",
        "database.logins",
        "brokers.kafka",
        "brokers.redis",
    }
    told = [(each["check"], each["outcome"], each["says"]) for each in findings if each["check"] in asked]
    assert {check for check, _, _ in told} == asked
    assert [each for each in told if each[1] != "ok"] == []


def problem_of(running: Running, employee: str) -> str:
    """Why the person's event waits; "" where it does not, or nobody has tried yet."""
    rows = running.cli_json("inbox", "list", "--org", "acme")
    return next((row["problem"] or "" for row in rows if row["employee"] == employee), "")


def test_while_airflows_api_is_away_events_wait_and_who_has_its_port_is_sent_nothing_and_is_named(
    running: Running, tmp_path: Path
) -> None:
    """By the commands, by the dispatcher and by Airflow's other processes; what waited goes on when Airflow
    is back.
    """
    running.supervisor.stop(["airflow-api"])
    try:
        early = running.send("employee.onboard", "S-early", joiner("early"))
        told = wait_for(lambda: problem_of(running, "S-early"), what="the inbox to say why the event waits")
        assert "no answer from Airflow" in told
        with impostor(running.stack.ports["airflow"], tmp_path) as stranger:
            event_id = running.send("employee.onboard", "S-stranger", joiner("stranger"))
            listener = running.stack.layout.log_file("listener")
            held = f"port {running.stack.ports['airflow']} of airflow-api is held by "
            wait_for(lambda: held in listener.read_text(), what="the dispatcher to refuse the stranger")
            asked = running.cli("connection", "list", "acme")
            assert (asked.returncode, f"(pid {stranger.pid}," in asked.stderr) == (1, True), asked.stderr
            findings = json.loads(running.cli("doctor", "--json").stdout)["findings"]
            (ports,) = [each for each in findings if each["check"] == "processes.ports"]
            assert ports["outcome"] == "problem"
            assert f"(pid {stranger.pid}," in ports["says"]
            assert {
                each["outcome"] for each in findings if each["check"] in {"airflow.answers", "airflow.login"}
            } <= {"problem", "warning"}
            shown = running.cli("status")
            assert (shown.returncode, f"(pid {stranger.pid}," in shown.stdout) == (1, True), shown.stdout
            assert stranger.heard() == b""
    finally:
        running.supervisor.start(["airflow-api"])
    wait_for(running.api_answers, what="Airflow to be back")
    for waited in (early, event_id):
        (run,) = running.runs_of(waited)
        assert running.ended(run) == "success"
