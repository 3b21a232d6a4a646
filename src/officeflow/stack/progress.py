"""What a start does, how far it is and how long it takes, in lines for people."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Protocol, TextIO

from officeflow import terminal


class Step(Protocol):
    def say(self, text: str) -> None:
        """How far the step is, in a few words."""
        ...


class Progress(Protocol):
    def step(self, title: str) -> contextlib.AbstractContextManager[Step]:
        """One thing that takes time; leaving the block ends it, an exception marks it failed."""
        ...


class _Line:
    def __init__(self, stream: TextIO, title: str, *, live: bool) -> None:
        self.stream, self.title, self.live = stream, title, live
        self.started = time.monotonic()
        self._said = ""

    def say(self, text: str) -> None:
        if text == self._said:
            return
        self._said = text
        if self.live:
            self.stream.write(f"\r\x1b[2K  {self.title} … {terminal.line(text)} ({time.monotonic() - self.started:.0f} s)")
            self.stream.flush()

    def end(self, outcome: str) -> None:
        clear = "\r\x1b[2K" if self.live else ""
        detail = f", {terminal.line(self._said)}" if self._said else ""
        self.stream.write(f"{clear}  {outcome} {self.title}{detail} ({time.monotonic() - self.started:.1f} s)\n")
        self.stream.flush()


class TextProgress:
    """A line per step; on a terminal the line of the step under way is kept up to date."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Step]:
        line = _Line(self.stream, title, live=self.stream.isatty())
        line.say("")
        try:
            yield line
        except BaseException:
            line.end("✗")
            raise
        line.end("✓")
