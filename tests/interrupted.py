"""Ctrl-C while the suite runs: it reaches all tests that are under way, which take their servers down; no
others begin, and the suite ends.

Without this the sections that wait would begin when those that run have ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

STATUS = 130
"""The exit status that shells give what SIGINT ended."""

ENDING = threading.Event()
"""Set as soon as nothing more is to begin."""


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Ends the process with `STATUS` where the block is interrupted."""
    signal.signal(signal.SIGINT, _stop)
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write("officeflow: stopped; nothing of the tests runs on\n")
        sys.exit(STATUS)


def _stop(number: int, frame: FrameType | None) -> None:
    del number, frame
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stderr.write("\nofficeflow: stopping; the tests under way take their servers down\n")
    sys.stderr.flush()
    ENDING.set()
    under_way = children()
    while there := children():
        for pid in there - under_way:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)  # begun at that very moment: it has no servers yet
        time.sleep(0.02)
    raise KeyboardInterrupt


def children() -> set[int]:
    """The processes that this one started and that have not ended."""
    listed = (path.read_text().split() for path in Path("/proc/self/task").glob("*/children"))
    return {int(pid) for pids in listed for pid in pids if _runs(int(pid))}


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
