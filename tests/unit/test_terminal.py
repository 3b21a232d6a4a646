"""Text of tenants and of other systems is shown on a terminal, and never obeyed."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow import terminal
from officeflow.cli import common
from officeflow.cli.command_rights import MACHINE
from officeflow.cli.commands import COMMANDS
from officeflow.cli.main import run
from officeflow.demo.report import Teller
from officeflow.errors import InvalidInput
from officeflow.layout import ROOT
from officeflow.stack.progress import TextProgress

ORDERS = "".join(
    map(
        chr,
        [
            *range(0x09),
            *range(0x0B, 0x20),
            *range(0x7F, 0xA0),
            0x061C,
            *range(0x202A, 0x202F),
            *range(0x2066, 0x206A),
        ],
    )
)
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]")
TITLE = "\x1b]0;owned\x07"
"""Sets a terminal's title (xterm, OSC 0)."""

anything = st.text(st.characters() | st.sampled_from(ORDERS) | st.characters(categories=["Cs"]))


@given(anything)
def test_no_text_keeps_a_character_that_a_terminal_obeys(value: str) -> None:
    assert not OBEYED.search(terminal.text(value))
    assert not re.search(r"[\n\t]", terminal.line(value))
    assert not OBEYED.search(terminal.line(value))


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters=ORDERS + "\u2028\u2029")))
def test_all_other_text_stays_as_it_is(value: str) -> None:
    assert terminal.text(value) == terminal.line(value) == value


@given(st.dictionaries(anything, anything | st.integers() | st.lists(anything), max_size=4))
def test_json_is_the_same_value_and_holds_nothing_that_a_terminal_obeys(value: dict[str, object]) -> None:
    for indent in (None, 2):
        shown = terminal.as_json(value, indent=indent)
        assert not OBEYED.search(shown)
        assert json.loads(shown) == value


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (TITLE, r"\x1b]0;owned\x07"),
        ("\x9b2J", r"\x9b2J"),
        ("a\u202eb", r"a\u202eb"),
        ("a\rb\x7f", r"a\x0db\x7f"),
        ("a\nb\tc", "a\nb\tc"),
        ("Ünal 李 😀", "Ünal 李 😀"),
    ],
)
def test_what_would_be_obeyed_is_shown_by_its_number(given: str, shown: str) -> None:
    assert terminal.text(given) == shown


def test_a_line_of_a_log_loses_its_colours_and_nothing_else() -> None:
    assert terminal.log(f"\x1b[31merror\x1b[0m {TITLE}") == r"error \x1b]0;owned\x07"


def test_tables_single_values_and_json_are_shown_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"name": TITLE, "details": {TITLE: [TITLE, "\x9b\u202e"]}, "lines": "a\nb"}]
    common.show_rows(rows, json_output=False, nothing="")
    common.show_one(rows[0], json_output=False)
    for json_output in (True, False):
        common.show_rows(rows if json_output else [], json_output=json_output, nothing=TITLE)
    common.show_one(rows[0], json_output=True)
    shown = capsys.readouterr().out
    assert not OBEYED.search(shown)
    assert shown.count("]0;owned") >= 10
    assert r"a\nb" in shown  # a value cannot begin a line of its own


def test_messages_of_errors_are_shown_escaped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours, and those that Click prints by itself."""

    @click.command()
    @click.argument("how", type=click.Choice(["ours", "click's", "usage"]))
    def failing(how: str) -> None:
        raise {"ours": InvalidInput, "click's": click.ClickException, "usage": click.UsageError}[how](
            f"no {TITLE}"
        )

    monkeypatch.setattr("officeflow.cli.guard.NEEDS", {"failing": MACHINE})
    monkeypatch.setitem(COMMANDS, "failing", (f"{__name__}:failing", "fail"))
    monkeypatch.setitem(globals(), "failing", failing)
    for arguments in (["ours"], ["click's"], ["usage"], [TITLE], ["ours", f"--{TITLE}"]):
        with pytest.raises(SystemExit) as ended:
            run(["failing", *arguments])
        assert ended.value.code in {1, 2}
        shown = capsys.readouterr().err
        assert r"\x1b]0;owned\x07" in shown
        assert not OBEYED.search(shown)
    with pytest.raises(SystemExit):
        run([TITLE])
    assert not OBEYED.search(capsys.readouterr().err)


def test_progress_and_the_demonstration_show_what_systems_say_escaped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stream = io.StringIO()
    with TextProgress(stream).step("A step") as step:
        step.say(TITLE)
    Teller(json_output=False).line(TITLE)
    shown = stream.getvalue() + capsys.readouterr().out
    assert not OBEYED.search(shown)
    assert shown.count("]0;owned") == 2


def test_a_messages_own_bytes_are_exact_for_a_program_and_escaped_on_a_terminal(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = TITLE.encode() + b"\xff"
    common.echo_bytes(content)
    assert capsysbinary.readouterr().out == content
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    common.echo_bytes(content)
    assert capsysbinary.readouterr().out.decode() == "\\x1b]0;owned\\x07\ufffd\n"


DIRECT = re.compile(r"\bclick\.(echo|secho|style)\(|\bprint\(|\bstd(out|err)\.(buffer\.)?write")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "src" / "officeflow" / "cli").glob("[!_]*.py")), ids=lambda path: path.stem
)
def test_every_command_prints_by_the_safe_way(path: Path) -> None:
    """That is `echo`, `echo_bytes`, `show_json`, `show_rows` or `show_one` of officeflow.cli.common."""
    if path.stem != "common":
        assert not DIRECT.search(path.read_text(encoding="utf-8"))
