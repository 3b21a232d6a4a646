"""What a start does, how far it is and how long it takes, in lines for people."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import Protocol, TextIO

from rich.cells import cell_len

from officeflow import columns, terminal

TURN_SECONDS = 0.5
WIDEST = 79
"""Columns that a line which moves takes at the most: one that is longer than the terminal, also than one that
was made narrower, leaves scraps."""

SHORTEST_TITLE = 24


class Step(Protocol):
    def say(self, text: str) -> None:
        """How far the step is, in a few words."""
        ...


class Progress(Protocol):
    def step(self, title: str) -> contextlib.AbstractContextManager[Step]:
        """One thing that takes time; leaving the block ends it, an exception marks it failed."""
        ...


def moving_line(title: str, said: str, seconds: float, width: int) -> str:
    """The line of a step under way, in less than `width` columns: the time is always there, the title gives
    way before what is said.
    """
    time_taken = f" ({seconds:.0f} s)"
    room = min(WIDEST, width - 1) - len(time_taken) - len("   … ")
    title = columns.cut(title, max(SHORTEST_TITLE, room - cell_len(said)))
    return (
        columns.cut(f"  {title} … {columns.cut(said, max(1, room - cell_len(title)))}".rstrip(), room + 5)
        + time_taken
    )


class _Line:
    def __init__(self, stream: TextIO, title: str) -> None:
        self.stream, self.title = stream, title
        self.live = columns.can_redraw(stream)
        self.started = time.monotonic()
        self._said = ""
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._mover = threading.Thread(target=self._move, daemon=True)

    def begin(self) -> None:
        if self.live:
            self._show()
            self._mover.start()

    def say(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._show()

    def end(self, outcome: str) -> None:
        self._ended.set()
        if self.live:
            self._mover.join()
        width = columns.width_of(self.stream)
        detail = f", {terminal.line(self._said)}" if self._said else ""
        lines = columns.wrap(
            f"  {outcome} {self.title}{detail} ({time.monotonic() - self.started:.1f} s)", width, hang="  "
        )
        self.stream.write(("\r\x1b[2K" if self.live else "") + "\n".join(lines) + "\n")
        self.stream.flush()

    def _move(self) -> None:
        while not self._ended.wait(TURN_SECONDS):
            self._show()

    def _show(self) -> None:
        if self.live:
            with self._writing:
                width = columns.width_of(self.stream) or WIDEST
                line = moving_line(
                    self.title, terminal.line(self._said), time.monotonic() - self.started, width
                )
                self.stream.write(f"\r\x1b[2K{line}")
                self.stream.flush()


class TextProgress:
    """A line per step; on a terminal the line of the step under way is kept up to date."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Step]:
        line = _Line(self.stream, title)
        line.begin()
        try:
            yield line
        except BaseException:
            line.end("✗")
            raise
        line.end("✓")
