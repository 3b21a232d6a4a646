"""docs/quickstart.md, as it is written: every block of commands in its order and in one shell, and what the
page says comes out.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from officeflow.layout import ROOT
from tests.e2e.conftest import Running, wait_for

pytestmark = pytest.mark.e2e

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MARK = "--- the end of block"


def blocks() -> list[tuple[str, list[str]]]:
    """The page's blocks of commands, each with the lines that it says are printed; `…` stands for
    anything.
    """
    found: list[tuple[str, list[str]]] = []
    for kind, content in BLOCK.findall((ROOT / "docs" / "quickstart.md").read_text()):
        if kind == "sh":
            found.append((content, []))
        else:
            assert kind == "text", f"nobody runs a block of {kind}"
            found[-1][1].extend(content.splitlines())
    return found


def as_pattern(line: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, line.rstrip().split("…"))))


def missing(lines: list[str], printed: str) -> list[str]:
    """Of the lines that are to be printed in this order, from the first on that is not."""
    rest = iter(printed.splitlines())
    for at, line in enumerate(lines):
        if not any(as_pattern(line).fullmatch(said.rstrip()) for said in rest):
            return lines[at:]
    return []


def test_the_quickstart_does_what_it_says_when_it_is_followed_to_the_letter(
    running: Running, tmp_path: Path
) -> None:
    """The folder holds nothing but the launcher, and the environment is the one that the launcher gives."""
    launcher = tmp_path / "officeflow"
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m officeflow.cli.main "$@"\n')
    launcher.chmod(0o755)
    page = blocks()
    script = "".join(f"{commands}\nprintf '\\n{MARK}\\n'\n" for commands, _ in page)
    done = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=tmp_path,
        env=running.environment_of_pages,
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    printed = done.stdout.split(f"\n{MARK}\n")
    wrong = [
        (commands, missed, said)
        for (commands, lines), said in zip(page, printed, strict=False)
        if (missed := missing(lines, said))
    ]
    assert wrong == [], "\n".join(
        f"{commands}\nsays nowhere {missed[0]!r}\n{said}" for commands, missed, said in wrong
    )
    assert running.stack.secrets["scim_token"] not in done.stdout + done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"officeflow", "arrival.json", "joiner.json"}
    (run,) = running.api.dag_runs("globex__arrival")
    wait_for(
        lambda: running.api.dag_run("globex__arrival", run["dag_run_id"])["state"] == "success",
        what="the quickstart's run",
    )
    created = [
        write
        for write in running.writes("scim")
        if write.get("correlation_id") == "quickstart-1" and write["path"].endswith("/Users")
    ]
    assert len(created) == 1
