"""`officeflow demo env`: the demonstration's addresses for a shell, and no secret on a screen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from officeflow.cli.main import run
from officeflow.stack.supervision import control
from officeflow.stack.supervision.control import ServiceStatus, Status
from officeflow.stack.supervision.states import ProcessState

PORTS = {
    "scim": {"http": 18881},
    "inbox": {"smtp": 11026, "http": 11081},
    "caldav": {"http": 15233},
    "okta": {"http": 18890},
    "google": {"http": 18895},
    "ldap": {"ldap": 13389, "ldaps": 13637},
    "keycloak": {"http": 18480},
}
STARTED_BY_UP = ("scim", "inbox", "caldav")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICEFLOW_HOME", str(tmp_path))
    secrets = {"scim_token": "it's a secret", "inbox": "mailsecret", "caldav": "calsecret"}
    further = {"okta_token": "oktasecret", "ldap": "ldapsecret"}
    (tmp_path / "secrets.json").write_text(json.dumps(secrets | further))
    key = tmp_path / "data" / "google" / "service-account.json"
    key.parent.mkdir(parents=True)
    key.write_text('{"private_key": "keysecret"}')


def runs(monkeypatch: pytest.MonkeyPatch, *names: str, stopped: tuple[str, ...] = ()) -> None:
    """What is started, of which some has stopped since."""
    services = tuple(
        ServiceStatus(
            name, ProcessState.FATAL if name in stopped else ProcessState.RUNNING, ports=PORTS[name]
        )
        for name in names
    )
    monkeypatch.setattr(control, "status", lambda *_, **__: Status(True, "home", services))


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        run(["demo", "env", *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_a_shell_gets_addresses_with_scheme_and_path_and_secrets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs(monkeypatch, *STARTED_BY_UP)
    status, out, _ = printed(capsys)
    assert status == 0
    script = f'{out}\nprintf "%s|%s|%s|%s" "$SCIM_URL" "$SCIM_TOKEN" "$SMTP_PORT" "$CALDAV_URL"'
    done = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=True)
    assert (
        done.stdout
        == "http://127.0.0.1:18881/v2|it's a secret|11026|http://127.0.0.1:15233/people/onboarding/"
    )


def test_a_screen_gets_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    runs(monkeypatch, *PORTS)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for arguments in ((), ("--json",)):
        status, out, _ = printed(capsys, *arguments)
        assert status == 0
        assert "http://127.0.0.1:18881/v2" in out
        assert "secret" not in out.replace(str(tmp_path), "").replace("Secrets are hidden", "")


def test_systems_that_demo_identity_has_started_are_told_and_no_word_of_those_that_do_not_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs(monkeypatch, *PORTS, stopped=("keycloak",))
    told = json.loads(printed(capsys, "--json")[1])
    assert (told["OKTA_URL"], told["OKTA_TOKEN"]) == ("http://127.0.0.1:18890", "oktasecret")
    assert (told["LDAP_HOST"], told["LDAP_PORT"], told["LDAP_PASSWORD"]) == (
        "127.0.0.1",
        "13637",
        "ldapsecret",
    )
    assert told["LDAP_LOGIN"] == "uid=officeflow,ou=Services,dc=acme,dc=example"
    assert told["GOOGLE_KEY"] == '{"private_key": "keysecret"}'
    assert "SCIM_URL" in told
    assert not {name.partition("_")[0] for name in told} & {"KEYCLOAK", "ENTRA", "ACTIVE"}
    runs(monkeypatch, *STARTED_BY_UP)
    without = json.loads(printed(capsys, "--json")[1])
    assert {name.partition("_")[0] for name in without} == {"SCIM", "SMTP", "CALDAV"}


def test_where_nothing_runs_it_says_so_and_prints_no_variable(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = printed(capsys)
    assert (status, out) == (1, "")
    assert "does not run" in err
