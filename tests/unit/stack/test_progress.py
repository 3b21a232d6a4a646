"""A start's progress on a terminal: one line that moves, and leaves no scraps."""

from __future__ import annotations

import contextlib
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from officeflow.stack import progress
from officeflow.stack.progress import TextProgress, moving_line

SERVICES = (
    "scim, inbox, caldav, airflow-api, airflow-scheduler, airflow-dag-processor, airflow-triggerer, listener,"
    " steward"
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def moved(shown: str) -> list[str]:
    """What was written over and over, without the lines that stay."""
    return [part for part in re.split(r"\r\x1b\[2K", shown) if part and not part.endswith("\n")]


@given(st.text(max_size=120), st.text(max_size=120), st.floats(0, 9999), st.integers(30, 200))
def test_a_moving_line_is_shorter_than_the_terminal_and_than_a_usual_one(
    title: str, said: str, seconds: float, width: int
) -> None:
    line = moving_line(title, said, seconds, width)
    assert cell_len(line) < min(width, progress.WIDEST + 1)
    assert line.endswith(f" ({seconds:.0f} s)")


@pytest.mark.parametrize("width", [40, 80, 120])
def test_progress_leaves_no_scraps_and_ends_with_whole_words(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with TextProgress(stream).step(f"Starting {SERVICES}") as step:
        step.say(f"waiting for {SERVICES}")
        step.say("")
    shown = stream.getvalue()
    assert moved(shown)
    assert all(cell_len(line) < width and "\n" not in line for line in moved(shown))
    last = re.split(r"\r\x1b\[2K", shown)[-1]
    assert all(cell_len(line) <= width for line in last.splitlines())
    assert last.split()[:-2] == ["✓", "Starting", *SERVICES.split()]


def test_the_time_goes_on_while_nothing_new_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "TURN_SECONDS", 0.001)
    stream = Terminal()
    with TextProgress(stream).step("Databases"):
        while stream.getvalue().count("Databases") < 4:
            pass
    assert stream.getvalue().endswith(" s)\n")


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_a_file_and_a_terminal_without_orders_get_a_line_per_step(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with contextlib.suppress(KeyboardInterrupt), TextProgress(stream).step("Databases") as step:
        step.say("half-way")
        raise KeyboardInterrupt
    assert re.fullmatch(r"  ✗ Databases, half-way \(\d\.\d s\)\n", stream.getvalue())
