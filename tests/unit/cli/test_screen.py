"""`status --watch`: one picture, drawn again in place, within the window."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import re

import pytest
from rich.cells import cell_len

from officeflow.cli import screen as screens
from officeflow.cli import status
from officeflow.stack.supervision.control import ServiceStatus, Status
from officeflow.stack.supervision.states import ProcessState

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
NAMES = (
    "postgres",
    "valkey",
    "kafka",
    "scim",
    "inbox",
    "caldav",
    "airflow-api",
    "airflow-scheduler",
    "airflow-dag-processor",
    "listener",
)
FOUND = Status(
    running=True,
    home="/srv/officeflow/.officeflow",
    services=tuple(
        ServiceStatus(
            name,
            ProcessState.RUNNING,
            10400,
            75,
            2**27,
            True,
            {"http": 18080, "smtp": 11025},
            {"web": "http://127.0.0.1:18080"},
        )
        for name in NAMES
    ),
    memory_bytes=2**31,
)
ACTIVITY = {
    "inbox": {"waiting": 0},
    "processes": {
        "failing": {"steward": {"relay": "Kafka does not answer " * 6}},
        "states": {},
        "errors": {},
    },
}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("height", [10, 20, 24, 60])
@pytest.mark.parametrize("width", [80, 120])
def test_the_picture_is_within_the_window_and_begins_with_the_processes(width: int, height: int) -> None:
    lines = screens.fitted(
        status.picture_lines(FOUND, ACTIVITY, NOW, width=width, height=height), width, height
    )
    assert len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)
    assert sum(line.startswith(NAMES) for line in lines) >= min(len(NAMES), height - 4)
    assert lines[-1].endswith("not high enough") is (height < 16)


def test_at_80_by_24_all_processes_and_all_activity_are_there() -> None:
    lines = status.picture_lines(FOUND, ACTIVITY, NOW, width=80, height=24)
    assert len(lines) <= 24
    assert "memory 2.00 GiB" in lines[0]
    assert {line.split()[0] for line in lines} >= {*NAMES, "Inbox", "Duties"}


def test_it_is_drawn_in_place_and_anew_only_after_a_change_of_size(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setenv("COLUMNS", "80")
    with contextlib.suppress(KeyboardInterrupt), screens.screen(stream) as picture:
        picture.draw(["a" * 80, "b\x1b]0;owned\x07"])
        picture.draw(["a" * 80, "b"])
        monkeypatch.setenv("COLUMNS", "120")
        picture.draw(["a" * 80])
        raise KeyboardInterrupt
    shown = stream.getvalue()
    assert shown.count(screens.CLEAR) == 2
    assert shown.count(screens.TOP) == 3
    assert "\x1b]0" not in shown
    assert not re.search(r"a\x1b\[K", shown)  # erasing behind the last column takes its character away
    assert shown.endswith(f"{screens.SHOW_CURSOR}\n")


@pytest.mark.parametrize("width", [80, 120, None])
def test_status_breaks_no_word_and_says_where_memory_is_an_upper_bound(width: int | None) -> None:
    lines = list(status.process_lines(FOUND, width))
    assert width is None or all(cell_len(line) <= width for line in lines)
    assert "http://127.0.0.1:18080" in " ".join(lines).split()
    assert "2.00 GiB, pages that processes share counted once" in " ".join(" ".join(lines).split())
    unknown = Status(running=True, home="/x", memory_bytes=2**31, memory_is_exact=False)
    assert any("≤ 2.00 GiB" in line for line in status.process_lines(unknown, width))
