"""Hints name the command that can be typed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from officeflow import program
from officeflow.cli.commands import COMMANDS
from officeflow.layout import ROOT

NAMED = re.compile(rf"(?<![\w.])(\./)?officeflow (?:{'|'.join(COMMANDS)})\b")
FOLDERS = ("src", "listeners", "plugins", "dag_factory", "benchmarks")
WRITTEN_ELSEWHERE = {
    "src/officeflow/api/matrix.py",
    "src/officeflow/catalog/documents.py",
    "src/officeflow/connectors/documents.py",
    "src/officeflow/sdk/effect_words.py",
    "src/officeflow/events/documents.py",
    "src/officeflow/cli/settings.py",
}
"""They write pages of the documentation, which name the checkout's command."""

ELSEWHERE = {
    "src/officeflow/cli/suite.py": "./officeflow test",
    "src/officeflow/worker/process.py": "officeflow node",
}
"""What is to be typed in another place than this one, and the title of a process."""


def said(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module that a person can come to read: all but comments and docstrings, unless these are
    a command's help.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = set()
    for node in ast.walk(tree):
        is_help = any(
            "command" in ast.unparse(each) or "group" in ast.unparse(each)
            for each in getattr(node, "decorator_list", ())
        )
        if not is_help and isinstance(getattr(node, "body", None), list):
            silent |= {id(each.value) for each in vars(node)["body"] if isinstance(each, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.lineno, node.value


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_text_names_a_command_by_a_name_that_may_not_be_typed_here(folder: str) -> None:
    """`officeflow.program.typed("status")` is what can be typed."""
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        name = str(path.relative_to(ROOT))
        if name not in WRITTEN_ELSEWHERE:
            found += [
                f"{name}:{line}: {hit[0]}"
                for line, text in said(path)
                if (hit := NAMED.search(text)) and hit[0] != ELSEWHERE.get(name)
            ]
    assert found == []


def test_the_guard_finds_hints_and_help_and_leaves_docstrings(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text('''"""`officeflow up` starts it."""
def f(x):
    """Of `officeflow up`."""
    raise Unavailable("no", hint=f"`officeflow status` {x}")
@click.command()
def g():
    """See `./officeflow down`."""
''')
    assert [hit[0] for _, text in said(path) if (hit := NAMED.search(text))] == [
        "./officeflow down",
        "officeflow status",
    ]


def test_what_was_typed_is_what_hints_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(program.CALLED_AS, "../officeflow")
    assert program.typed("logs listener") == "../officeflow logs listener"
    monkeypatch.delenv(program.CALLED_AS)
    monkeypatch.setattr("sys.argv", [str(tmp_path / "a b" / "officeflow"), "status"])
    assert program.typed("status") == f"'{tmp_path}/a b/officeflow' status"
    installed = tmp_path / "bin" / "officeflow"
    installed.parent.mkdir()
    installed.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(installed.parent))
    monkeypatch.setattr("sys.argv", [str(installed)])
    assert program.typed("status") == "officeflow status"


def test_a_process_that_nobody_typed_names_the_checkouts_launcher_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(program.CALLED_AS, raising=False)
    monkeypatch.setattr("sys.argv", ["/checkout/listeners/steward/__main__.py"])
    assert program.name() == "./officeflow"
    monkeypatch.setattr(program, "LAUNCHER", Path("/nowhere/officeflow"))
    assert program.name() == "officeflow"
