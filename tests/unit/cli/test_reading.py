"""What people hand to commands: no more of it is read than it may have, and what cannot be read is told in
one line.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from officeflow.cli import reading
from officeflow.cli.commands import COMMANDS
from officeflow.cli.main import LazyGroup, main, run
from officeflow.errors import InvalidInput

Call = Callable[..., tuple[int, str]]

FILES: tuple[tuple[str, ...], ...] = (
    ("event", "send", "FILE"),
    ("event", "send", "FILE", "--force", "--org", "acme", "--kind", "employee.exit"),
    ("inbox", "replay", "abc", "--why", "x", "--file", "FILE"),
    ("workflow", "validate", "FILE"),
    ("workflow", "publish", "FILE", "--org", "acme"),
    ("workflow", "diff", "FILE", "--org", "acme"),
    ("workflow", "render", "FILE"),
    ("employee", "create", "acme", "E-1", "--payload", "FILE"),
    ("connection", "add", "acme", "mail", "--provider", "smtp", "--from-file", "password=FILE"),
)
"""Every command that reads a file."""

STANDARD_INPUT: tuple[tuple[str, ...], ...] = (
    *(tuple(part.replace("FILE", "-") for part in command) for command in FILES[:-1]),
    ("connection", "add", "acme", "mail", "--provider", "smtp", "--set", "password=-"),
)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """Exit status, and what was said; the database is away: nothing of this gets so far."""
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")
    monkeypatch.setenv("OFFICEFLOW_HOME", str(tmp_path / "home"))

    def of(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            run(arguments)
        return int(ended.value.code or 0), capsys.readouterr().err

    return of


def with_file(command: tuple[str, ...], file: Path | str) -> list[str]:
    return [part.replace("FILE", os.fspath(file)) for part in command]


@pytest.mark.parametrize("command", FILES, ids=" ".join)
class TestFiles:
    def test_what_is_no_file_is_named(self, call: Call, tmp_path: Path, command: tuple[str, ...]) -> None:
        pipe, socket_, private = tmp_path / "pipe.json", "/dev/zero", tmp_path / "none.json"
        os.mkfifo(pipe)
        for path, why in (
            (pipe, "it is a named pipe"),
            (socket_, "it is a device"),
            (tmp_path, "Is a directory"),
            (private, "No such file"),
        ):
            status, said = call(*with_file(command, path))
            assert (status, f"cannot read {path}: {why}" in said, said.count("\n")) == (2, True, 1), said

    def test_what_is_too_large_is_not_read_to_its_end(
        self, call: Call, tmp_path: Path, command: tuple[str, ...]
    ) -> None:
        large = tmp_path / "large.json"
        with large.open("wb") as file:
            file.truncate(2**40)  # it takes no room, and no memory could hold it
        status, said = call(*with_file(command, large))
        assert (status, f"{large} is larger than " in said, "B, the most that " in said) == (2, True, True), (
            said
        )


@pytest.mark.parametrize("command", STANDARD_INPUT, ids=" ".join)
def test_standard_input_without_end_is_given_up(
    call: Call, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    with Path("/dev/zero").open("rb") as zeros:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(zeros))
        status, said = call(*command)
    assert (status, "standard input is larger than " in said) == (2, True), said


def test_standard_input_that_is_closed_is_said(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert call("workflow", "validate", "-") == (2, "officeflow: cannot read standard input: it is closed\n")


def test_a_file_of_another_user_is_said(tmp_path: Path) -> None:
    private = tmp_path / "private.json"
    private.touch(mode=0o000)
    before = os.geteuid()
    if before == 0:  # who may read all files
        os.seteuid(65534)
    try:
        with pytest.raises(InvalidInput, match="Permission denied"):
            reading.read_bytes(private, most=10, what="an event")
    finally:
        os.seteuid(before)


def test_what_a_shell_gives_in_the_place_of_a_file_is_read() -> None:
    """`<(command)` in bash: a pipe without a name."""
    out, into = os.pipe()

    def write() -> None:
        os.write(into, b"{}")
        os.close(into)

    writer = threading.Thread(target=write)
    writer.start()
    assert reading.read_bytes(f"/dev/fd/{out}", most=10, what="an event") == b"{}"
    writer.join()
    os.close(out)


def test_the_most_is_read_and_one_byte_more_is_too_much(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 200_000)
    assert len(reading.read_bytes(file, most=200_000, what="it")) == 200_000
    with pytest.raises(InvalidInput, match=r"is larger than 195 KiB, the most that it may have"):
        reading.read_bytes(file, most=199_999, what="it")


def test_text_that_is_not_utf_8_says_where(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"ab\xff")
    with pytest.raises(InvalidInput, match="byte 3 is not UTF-8"):
        reading.read_text(file, most=10, what="a key")


def test_a_page_or_schema_that_is_there_and_is_no_text_is_written_anew(call: Call, tmp_path: Path) -> None:
    for command, name in ((("node", "docs"), "README.md"), (("event", "schemas"), "asyncapi.json")):
        folder = tmp_path / command[0]
        main.main([*command, str(folder)], standalone_mode=False)
        file = next(path for path in folder.rglob("*") if path.is_file())
        file.write_bytes(b"\xff")
        status, said = call(*command, str(folder), "--check")
        assert (status, "not current" in said) == (2, True), (name, said)


def commands() -> list[tuple[str, ...]]:
    """Every command, with its groups."""
    assert isinstance(main, LazyGroup)
    found: list[tuple[str, ...]] = []
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        inner = command.commands if isinstance(command, click.Group) else {}
        found += [(name, each) for each in inner] or [(name,)]
    return found


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_an_argument_that_is_not_utf_8_is_refused_by_every_command(
    call: Call, command: tuple[str, ...]
) -> None:
    bad = os.fsdecode(b"a\xffb")
    for more in ([bad], [f"--org={bad}"]):
        status, said = call(*command, *more)
        number = len(command) + 1
        assert (status, f"officeflow: argument {number} is not UTF-8: " in said, "a\\xffb" in said) == (
            2,
            True,
            True,
        ), said


def test_an_argument_and_a_variable_that_are_not_utf_8_as_a_shell_gives_them() -> None:
    for arguments, variables in (
        ([b"workflow", b"show", b"\xff"], {}),
        ([b"org", b"list"], {b"OFFICEFLOW_LOGIN": b"\xff"}),
    ):
        command = [os.fsencode(sys.executable), b"-m", b"officeflow.cli.main", *arguments]
        done = subprocess.run(command, env={**os.environb, **variables}, capture_output=True, check=False)
        assert (done.returncode, b"is not UTF-8: \\xff" in done.stderr, b"Traceback" in done.stderr) == (
            2,
            True,
            False,
        ), done.stderr
