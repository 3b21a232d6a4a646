"""How a person at the terminal calls OfficeFlow: hints name a command that can be typed as it stands."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

CALLED_AS = "_OFFICEFLOW_CALLED_AS"
"""What was typed, from the launcher, which becomes another program and is then not to be seen any more."""

FILLED_IN = "_OFFICEFLOW_FILLED_IN"
"""Names of variables that the launcher has set: with what the stack was started with, not by whoever calls.
"""

LAUNCHER = Path(__file__).resolve().parents[2] / "officeflow"


def typed(line: str) -> str:
    """The command `line` (`status`, `org topics acme`) behind the name that the program is called by here."""
    return f"{name()} {line}"


def name() -> str:
    """`officeflow` where the shell finds it, else the path that was typed; `./officeflow` in a checkout's
    processes that nobody typed.
    """
    if given := os.environ.get(CALLED_AS):
        return given
    called = Path(sys.argv[0])
    if called.name == "officeflow":
        return "officeflow" if shutil.which("officeflow") == str(called) else shlex.quote(str(called))
    return "./officeflow" if LAUNCHER.is_file() else "officeflow"


def set_by_caller(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without what the launcher has filled in for the stack."""
    filled = {FILLED_IN, *environ.get(FILLED_IN, "").split()}
    return {name: value for name, value in environ.items() if name not in filled}
