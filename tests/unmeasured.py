"""Coverage that leaves Airflow alone: it costs its processes a third of their speed, and tests without an
Airflow go through what is ours in them.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from officeflow.layout import ROOT

EVERY_PROCESS, OF_ITS_OWN = "COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"
"""What a process is measured by: the first is handed on to all that the stack starts, the second to children
of the tests alone.
"""


@contextmanager
def unmeasured_stack(folder: Path) -> Iterator[None]:
    """In it, what tests start as a stack is not measured; commands that they call are, as long as the stack
    does not start them.

    `folder` gets a file. Changes nothing where nothing is measured.
    """
    with pytest.MonkeyPatch.context() as patch:
        if EVERY_PROCESS in os.environ:
            patch.delenv(EVERY_PROCESS)
            patch.setenv(OF_ITS_OWN, str(_configuration(folder)))
        yield


def _configuration(folder: Path) -> Path:
    """Ours without `patch`, by which a measured process would name the first variable to its children
    again.
    """
    measured = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["coverage"]["run"]
    file = folder / "coveragerc"
    file.write_text(
        f"[run]\nbranch = {measured['branch']}\nparallel = true\nsource_pkgs ="
        f" {', '.join(measured['source_pkgs'])}\ndisable_warnings ="
        f" {', '.join(measured['disable_warnings'])}\n"
    )
    return file
