"""Ctrl-C: exit status 130, and a sentence that says what goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from officeflow.cli import interrupts
from officeflow.cli.command_rights import MACHINE
from officeflow.cli.commands import COMMANDS
from officeflow.cli.interrupts import interruptible, stack_goes_on
from officeflow.cli.main import run
from officeflow.layout import ROOT, Layout, write_private
from officeflow.stack.supervision import control, logfiles
from officeflow.stack.supervision.states import ProcessState
from tests.sections import SIDE_BY_SIDE

Interrupted = Callable[..., str]


@pytest.fixture
def interrupted(capsys: pytest.CaptureFixture[str]) -> Interrupted:
    """What `officeflow …` says when Ctrl-C has ended it."""

    def call(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            run(arguments)
        assert ended.value.code == interrupts.INTERRUPTED
        return " ".join(capsys.readouterr().err.split())

    return call


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setenv("OFFICEFLOW_HOME", str(tmp_path))
    write_private(
        tmp_path / "stack.json",
        '{"services": [{"name": "kafka", "ports": {}, "urls": {}}], "given": [], "environment": {}}',
    )
    return Layout.from_environment()


def press(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_any_command_ends_with_130(monkeypatch: pytest.MonkeyPatch, interrupted: Interrupted) -> None:
    monkeypatch.setitem(COMMANDS, "pressed", (f"{__name__}:pressed", ""))
    monkeypatch.setattr("officeflow.cli.guard.NEEDS", {"pressed": MACHINE})
    monkeypatch.setitem(globals(), "pressed", click.command()(press))
    assert interrupted("pressed") == "officeflow: stopped"


def test_a_question_too(monkeypatch: pytest.MonkeyPatch, home: Layout, interrupted: Interrupted) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.termui.visible_prompt_func", press)
    assert interrupted("reset") == "officeflow: stopped"


@pytest.mark.parametrize(
    ("arguments", "where", "goes_on"),
    [
        (("logs", "-f"), (logfiles, "follow"), "no process of the stack runs"),
        (("status", "--watch"), ("officeflow.cli.status.time", "sleep"), "no process of the stack runs"),
        (("down",), (control, "stop"), "no process of the stack runs; `./officeflow down` goes on"),
        (
            ("up",),
            ("officeflow.stack.up", "start_stack"),
            "no process of the stack runs; `./officeflow up` goes on",
        ),
        (
            ("bench", "memory"),
            ("officeflow.cli.bench", "in_foreground"),
            "the benchmark's own stack is stopped",
        ),
    ],
)
def test_commands_say_what_goes_on(
    monkeypatch: pytest.MonkeyPatch,
    home: Layout,
    interrupted: Interrupted,
    arguments: tuple[str, ...],
    where: tuple[object, str],
    goes_on: str,
) -> None:
    owner, name = where
    (
        monkeypatch.setattr(f"{owner}.{name}", press)
        if isinstance(owner, str)
        else monkeypatch.setattr(owner, name, press)
    )
    assert interrupted(*arguments).endswith(f"officeflow: stopped; {goes_on}")


def test_what_runs_on_is_counted_and_how_to_stop_it_is_said(
    monkeypatch: pytest.MonkeyPatch, home: Layout
) -> None:
    services = (
        control.ServiceStatus("kafka", ProcessState.RUNNING, 10),
        control.ServiceStatus("steward", ProcessState.STOPPED),
    )
    monkeypatch.setattr(
        control, "status", lambda layout, **_: control.Status(running=True, home="", services=services)
    )
    assert (
        stack_goes_on(home, "up")
        == "1 process of the stack runs on: `./officeflow status` shows them, `./officeflow up` goes on,"
        " `./officeflow down` stops them"
    )


def test_the_inner_block_knows_best() -> None:
    with (
        pytest.raises(KeyboardInterrupt) as pressed,
        interruptible(lambda: "outer"),
        interruptible(lambda: "inner"),
    ):
        raise KeyboardInterrupt
    assert interrupts.says(pressed.value) == "stopped; inner"


def in_group(program: str, *, ready: str, times: int = 1) -> tuple[int, str]:
    """Run it as a shell would, press Ctrl-C when it has printed `ready` so often; exit status and what it
    said after that.
    """
    command = [sys.executable, "-c", program]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert [process.stdout.readline().strip() for _ in range(times)] == [ready] * times
        os.killpg(process.pid, signal.SIGINT)
        said = process.stdout.read()
    return process.returncode, said


WAITING = """
import os, time
try:
    os.write(1, b'ready\\n')
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(0.2)
    os.write(1, b'taken down\\n')
"""


def test_a_program_in_the_foreground_takes_down_what_it_started_first() -> None:
    program = f"""
import sys
from pathlib import Path
from officeflow.cli.interrupts import in_foreground
try:
    in_foreground([sys.executable, "-c", {WAITING!r}], cwd=Path("/"))
except KeyboardInterrupt:
    print("passed on")
"""
    assert in_group(program, ready="ready") == (0, "taken down\npassed on\n")


def test_the_suite_lets_tests_under_way_finish_and_begins_no_others() -> None:
    program = f"""
import subprocess, sys
from tests import interrupted
from tests.sections import Outcome, Section, run_side_by_side

def run(section):
    done = subprocess.run([sys.executable, "-c", {WAITING!r}])
    return Outcome(section, 0, "", 0)

with interrupted.told():
    run_side_by_side([Section((name,), 1) for name in "abcdef"], run)
"""
    status, said = in_group(program, ready="ready", times=SIDE_BY_SIDE)
    assert status == interrupts.INTERRUPTED
    assert said.count("taken down") == SIDE_BY_SIDE
    assert "ready" not in said
    assert said.endswith("officeflow: stopped; nothing of the tests runs on\n")
