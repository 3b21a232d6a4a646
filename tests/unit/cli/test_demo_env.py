"""`officeflow demo env`: the demonstration's addresses for a shell, and no secret on a screen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from officeflow.cli.main import run
from officeflow.stack.supervision import control

SERVICES = [
    {"name": "scim", "ports": {"http": 18881}},
    {"name": "inbox", "ports": {"smtp": 11026, "http": 11081}},
    {"name": "caldav", "ports": {"http": 15233}},
]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICEFLOW_HOME", str(tmp_path))
    (tmp_path / "stack.json").write_text(json.dumps({"services": SERVICES, "environment": {}, "given": []}))
    (tmp_path / "secrets.json").write_text(
        json.dumps({"scim_token": "it's a secret", "inbox": "mailsecret", "caldav": "calsecret"})
    )


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        run(["demo", "env", *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_a_shell_gets_addresses_with_scheme_and_path_and_secrets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "is_running", lambda _: True)
    status, out, _ = printed(capsys)
    assert status == 0
    script = f'{out}\nprintf "%s|%s|%s|%s" "$SCIM_URL" "$SCIM_TOKEN" "$SMTP_PORT" "$CALDAV_URL"'
    done = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=True)
    assert (
        done.stdout
        == "http://127.0.0.1:18881/v2|it's a secret|11026|http://127.0.0.1:15233/people/onboarding/"
    )


def test_a_screen_gets_no_secret(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "is_running", lambda _: True)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for arguments in ((), ("--json",)):
        status, out, _ = printed(capsys, *arguments)
        assert status == 0
        assert "http://127.0.0.1:18881/v2" in out
        assert "secret" not in out.replace("Secrets are hidden", "")


def test_where_nothing_runs_it_says_so_and_prints_no_variable(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = printed(capsys)
    assert (status, out) == (1, "")
    assert "does not run" in err
