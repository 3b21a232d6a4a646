"""A plugin of pytest (`-p tests.timing --timing FILE`): writes how each test ended and how long each of its
phases took, as JSON.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

WORDS = ("passed", "failed", "error", "skipped", "xfailed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--timing", type=Path, help="a file for the durations of all phases of all tests")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.timing:
        config.pluginmanager.register(Timing(config.option.timing))


class Timing:
    """`phases` are lists of a test's id, `setup`, `call` or `teardown`, and seconds."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._phases: list[tuple[str, str, float]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._phases.append((report.nodeid, report.when, report.duration))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        counts = {
            word: len(terminalreporter.stats[word]) for word in WORDS if terminalreporter.stats.get(word)
        }
        self._file.write_text(json.dumps({"counts": counts, "phases": self._phases}))
