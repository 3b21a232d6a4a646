"""`./officeflow` on machines that lack something."""

from __future__ import annotations

import ast
import fcntl
import importlib.util
import json
import os
import platform
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import tomllib
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from officeflow import downloads
from officeflow.cli.commands import COMMANDS
from officeflow.cli.main import run
from officeflow.installing import packages, steps
from officeflow.installing.environments import Environment
from officeflow.installing.steps import Failure
from officeflow.layout import ROOT
from officeflow.program import CALLED_AS, set_by_caller

LAUNCHER = ROOT / "officeflow"


@pytest.fixture
def launcher() -> ModuleType:
    loader = SourceFileLoader("launcher", str(LAUNCHER))
    spec = importlib.util.spec_from_loader("launcher", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def call(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": "/usr/bin:/bin", "OFFICEFLOW_HOME": str(home), **environment}
    return subprocess.run(
        [sys.executable, LAUNCHER, *arguments], env=variables, capture_output=True, text=True, check=False
    )


def test_an_older_python_reads_the_file_and_says_that_it_is_too_old() -> None:
    ast.parse(LAUNCHER.read_text(), feature_version=(3, 7))
    program = f"import sys; sys.version_info = (3, 8, 1); exec(open({str(LAUNCHER)!r}).read())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("officeflow: Python 3.11 or newer is needed, this is 3.8")


def test_before_the_first_start_help_says_what_there_is(tmp_path: Path) -> None:
    done = call(home=tmp_path / "none")
    assert done.returncode == 0
    assert f"`{LAUNCHER} up`" in done.stdout
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", ["status", "logs", "down", "reset", "doctor"])
def test_before_the_first_start_there_is_nothing_to_steer(tmp_path: Path, command: str) -> None:
    done = call(command, home=tmp_path / "none")
    assert done.returncode == 2
    assert "Nothing is installed yet" in done.stderr


@pytest.mark.parametrize(
    ("typed", "hint"),
    [("stats", "did you mean `{}/officeflow status`?"), ("foo", "`{}/officeflow --help` lists them")],
)
def test_an_unknown_command_is_said_and_installs_nothing(tmp_path: Path, typed: str, hint: str) -> None:
    done = call(typed, home=tmp_path / "none")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"officeflow: there is no command {typed!r} ({hint.format(ROOT)})\n"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("arguments", [("up", "--help"), ("test", "-h"), ("org", "list", "--help")])
def test_asking_for_help_installs_nothing(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = call(*arguments, home=tmp_path / "none")
    assert done.returncode == 0
    assert "Nothing is installed yet" in done.stdout
    assert not (tmp_path / "none").exists()


def test_help_lists_the_same_before_and_after_the_installation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = call("--help", home=tmp_path / "none", **{CALLED_AS: "x"}).stdout
    with pytest.raises(SystemExit) as ended:
        run(["--help"])
    after = capsys.readouterr().out
    assert ended.value.code == 0
    commands = [line.split()[0] for line in after.splitlines() if line.startswith("  ")]
    assert commands == [*COMMANDS, "--help", "--version"]
    assert {"up", "test", "bench"} <= set(commands)
    assert before.partition("\n")[2].startswith(after.partition("\n")[2].rstrip())
    assert max(map(len, before.splitlines()[:-1])) < 80


def test_the_version_is_told_without_an_installation_and_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    done = call("--version", home=tmp_path / "none")
    with pytest.raises(SystemExit) as ended:
        run(["--version"])
    assert (done.returncode, done.stdout, ended.value.code) == (0, f"officeflow {version}\n", 0)
    assert capsys.readouterr().out == done.stdout
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("called", "named"),
    [
        ("./officeflow", "./officeflow"),
        ("officeflow", "./officeflow"),
        ("../a b/officeflow", "'../a b/officeflow'"),
        ("{}/officeflow", "officeflow"),
    ],
)
def test_hints_name_the_launcher_as_it_was_called(
    launcher: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: str, named: str
) -> None:
    (tmp_path / "officeflow").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", [called.format(tmp_path)])
    assert launcher.called_as() == named


def test_ctrl_c_while_it_installs_says_what_goes_on_and_ends_with_130(tmp_path: Path) -> None:
    program = (
        f"import runpy, sys; sys.argv = ['', 'up']; runpy.run_path({str(LAUNCHER)!r}, run_name='__main__')"
    )
    (tmp_path / "home").mkdir()
    with (tmp_path / "home" / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        variables = {"PATH": "/usr/bin:/bin", "OFFICEFLOW_HOME": str(tmp_path / "home")}
        with subprocess.Popen(
            [sys.executable, "-c", program], env=variables, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            assert "waiting for another" in process.stderr.readline()
            process.send_signal(signal.SIGINT)
            said = process.stderr.read()
    assert process.returncode == 130
    assert (
        said
        == f"officeflow: stopped; nothing of it runs on. `{LAUNCHER} up` goes on with what is installed\n"
    )


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = call("up", home=tmp_path / "file")
    assert done.returncode == 1
    assert f"officeflow: {tmp_path / 'file'}" in done.stderr
    assert "Traceback" not in done.stderr


def test_too_little_room_is_said_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "NEEDED_BYTES", 2**60)
    with pytest.raises(Failure, match="Make room"):
        packages.install(tmp_path, [Environment(tmp_path, "env", ["requirements.txt"])])
    assert [path.name for path in tmp_path.iterdir()] == ["install.lock"]


def test_a_disk_that_fills_up_meanwhile_is_said() -> None:
    with pytest.raises(Failure, match="the disk is full"):
        steps.run(["/bin/sh", "-c", "head -c 1 /dev/zero > /dev/full"])


@pytest.mark.parametrize(
    ("release", "advice"),
    [
        ({"ID": "debian"}, f"apt-get install python{sys.version_info.major}.{sys.version_info.minor}-venv"),
        ({"ID": "ubuntu", "ID_LIKE": "debian"}, "apt-get install"),
        ({"ID": "rocky", "ID_LIKE": "rhel fedora"}, "dnf install"),
        ({"ID": "other"}, "Debian:"),
    ],
)
def test_a_python_without_venv_is_told_which_package_to_install(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    release: dict[str, str],
    advice: str,
) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Failure, match=r"lacks venv and ensurepip\.") as failure:
        packages.installer(tmp_path)
    assert advice in str(failure.value)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_line_that_moves_while_it_installs_is_shorter_than_the_terminal(width: int) -> None:
    program = f"""
import sys, time
sys.path.insert(0, {str(ROOT / "src")!r})
from officeflow.installing.steps import step
with step("Packages of env, brought up to date, " * 4, count=lambda: (0, 9)):
    time.sleep(0.7)
"""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    environment = {"PATH": os.defpath, "TERM": "xterm"}
    subprocess.run(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.DEVNULL, stderr=theirs, check=True
    )
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    os.close(theirs)
    moved = [line for line in shown.split("\r\x1b[2K")[1:] if not line.endswith("\n")]
    assert moved
    assert all("Packages" in line and len(line) < width for line in moved)


def test_an_environment_counts_only_with_the_mark_of_these_requirements(tmp_path: Path) -> None:
    environment = Environment(tmp_path, "env", ["requirements.txt"], editable=True)
    environment.python.parent.mkdir(parents=True)
    environment.python.touch()
    before = environment.is_current
    environment.complete()
    assert (before, environment.is_current) == (False, True)
    assert len(environment.packages) > 100
    assert environment.noted_packages == environment.packages
    environment.mark.write_text(
        json.dumps({**json.loads(environment.mark.read_text()), "requirements.txt": "others"})
    )
    assert environment.was_made
    assert not environment.is_current


def test_an_environment_with_the_tests_tools_too_will_do_for_the_commands(tmp_path: Path) -> None:
    both = Environment(tmp_path, "env", ["requirements.txt", "requirements-dev.txt"], editable=True)
    both.python.parent.mkdir(parents=True)
    both.python.touch()
    both.complete()
    plain = Environment(tmp_path, "env", ["requirements.txt"], editable=True)
    assert plain.is_current
    assert plain.noted_files() == ["requirements.txt", "requirements-dev.txt"]
    plain.complete()
    assert not both.is_current


def test_commands_get_the_last_stacks_addresses(launcher: ModuleType, tmp_path: Path) -> None:
    assert launcher.last_start(tmp_path) == {}
    (tmp_path / "stack.json").write_text('{"environment": {"OFFICEFLOW_KAFKA_BOOTSTRAP": "127.0.0.1:1"}}')
    assert launcher.last_start(tmp_path)["environment"] == {"OFFICEFLOW_KAFKA_BOOTSTRAP": "127.0.0.1:1"}


STARTED: dict[str, Any] = {
    "environment": {
        "OFFICEFLOW_DATABASE_URL": "postgresql://own",
        "OFFICEFLOW_ENCRYPTION_KEYS": "own",
        "OFFICEFLOW_OUTBOX_DAYS": "7",
    },
    "decided": ["OFFICEFLOW_ENCRYPTION_KEYS"],
}


@pytest.mark.parametrize(
    ("set_here", "expected", "told"),
    [
        ({}, STARTED["environment"], ""),
        ({"OFFICEFLOW_OUTBOX_DAYS": "3"}, {**STARTED["environment"], "OFFICEFLOW_OUTBOX_DAYS": "3"}, ""),
        (
            {"OFFICEFLOW_ENCRYPTION_KEYS": "mine"},
            STARTED["environment"],
            "OFFICEFLOW_ENCRYPTION_KEYS is set and not used",
        ),
        (
            {"OFFICEFLOW_ENCRYPTION_KEYS": "mine", "OFFICEFLOW_DATABASE_URL": "postgresql://elsewhere"},
            {
                "OFFICEFLOW_ENCRYPTION_KEYS": "mine",
                "OFFICEFLOW_DATABASE_URL": "postgresql://elsewhere",
                "OFFICEFLOW_OUTBOX_DAYS": "7",
            },
            "",
        ),
    ],
    ids=["nothing", "a setting", "what the stack decides", "another installation"],
)
def test_what_the_caller_of_a_command_has_set_comes_first_unless_the_stack_decides_it(
    launcher: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    set_here: dict[str, str],
    expected: dict[str, str],
    told: str,
) -> None:
    (tmp_path / "stack.json").write_text(json.dumps(STARTED))
    for name in [name for name in os.environ if name.startswith("OFFICEFLOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(launcher.os, "environ", {**os.environ, **set_here})
    launcher.take_over(tmp_path)
    assert {
        name: value for name, value in launcher.os.environ.items() if name.startswith("OFFICEFLOW_")
    } == expected
    said = capsys.readouterr().err
    assert told in said
    assert bool(said) is bool(told)
    kept = {name for name in set_by_caller(launcher.os.environ) if name.startswith("OFFICEFLOW_")}
    assert kept == {name for name, value in set_here.items() if expected[name] == value}, (
        "nothing that was filled in counts as set here"
    )


def test_the_tests_get_nothing_that_is_set_for_the_own_stack(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"OFFICEFLOW_HOME": "/h", "OFFICEFLOW_TEST_POSTGRES": "p", "HTTPS_PROXY": "x"}
    mine = {
        "OFFICEFLOW_NODE_PACKAGES": "acme_nodes",
        "OFFICEFLOW_HTTP_ALLOWED_HOSTS": "x",
        "AIRFLOW__CORE__PARALLELISM": "1",
    }
    monkeypatch.setattr(launcher.os, "environ", {**kept, **mine})
    launcher.forget_settings()
    assert launcher.os.environ == kept


@pytest.mark.parametrize(
    ("printed", "says"),
    [
        ("SSL: CERTIFICATE_VERIFY_FAILED", "certificate is not trusted"),
        ("invalid peer certificate: UnknownIssuer", "certificate is not trusted"),
        ("ProxyError('Cannot connect to proxy.')", "the proxy that the environment names"),
        ("tunnel error: proxy authentication required", "the proxy that the environment names"),
        ("dns error: failed to lookup address information: Name or service not known", "is there a network?"),
    ],
)
def test_a_download_that_fails_says_which_variables_lead_out(printed: str, says: str) -> None:
    with pytest.raises(Failure, match=re.escape(says)) as failure:
        steps.run(["/bin/sh", "-c", 'echo "$0" >&2; exit 1', printed])
    for name in ("HTTPS_PROXY", "SSL_CERT_FILE", "PIP_INDEX_URL"):
        assert name in str(failure.value)
    assert printed in str(failure.value), "the program's own words are there too"


def test_what_fails_otherwise_says_nothing_of_the_network() -> None:
    with pytest.raises(Failure) as failure:
        steps.run(["/bin/sh", "-c", "echo broken package >&2; exit 1"])
    assert "HTTPS_PROXY" not in str(failure.value)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT"])
def test_one_variable_of_certificates_is_enough_for_both_installers(name: str) -> None:
    assert downloads.trust({name: "/mine.pem"}) == {
        "SSL_CERT_FILE": "/mine.pem",
        "REQUESTS_CA_BUNDLE": "/mine.pem",
    }
    assert downloads.trust({}) == {}
