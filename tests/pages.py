"""Pages of the documentation that a reader follows to the letter: their files, their commands, and a shell
that runs them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from officeflow.layout import ROOT

FILE = re.compile(r"^`([\w./-]+\.\w+)`:\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
"""A path in a line of its own, and what stands in it."""

BLOCK = re.compile(rf"{FILE.pattern}|^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def follow(page: str, folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Make the page's files and run its commands in the folder, in the page's order, in one shell that ends
    at the first failure.

    `./officeflow` is there the command of this environment.
    """
    launcher = folder / "officeflow"
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m officeflow.cli.main "$@"\n')
    launcher.chmod(0o755)
    script = "\n".join(_steps((ROOT / "docs" / page).read_text()))
    return subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=540,
    )


def _steps(text: str) -> list[str]:
    """Shell text for each block; a file is written where the page has it, not before."""
    steps = []
    for path, content, commands in BLOCK.findall(text):
        steps.append(f"cat > '{path}' <<'END-OF-{path}'\n{content}END-OF-{path}" if path else commands)
    return steps
