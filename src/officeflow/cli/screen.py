"""A terminal's window that shows one thing, drawn again in place."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from typing import TextIO

from officeflow import columns, terminal

CLEAR, TOP, REST_OF_LINE, BELOW = "\x1b[2J", "\x1b[H", "\x1b[K", "\x1b[J"
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
"""ECMA-48 section 8.3, and xterm's private modes."""

USUAL_HEIGHT = 24


def fitted(lines: Sequence[str], width: int, height: int) -> list[str]:
    """As much of the lines as the window holds; where not all, the last one says how many are missing."""
    shown = [columns.cut(terminal.line(line), width) for line in lines]
    if len(shown) <= height:
        return shown
    kept = max(height - 1, 0)
    return [
        *shown[:kept],
        columns.cut(f"… {len(shown) - kept} more lines: the window is not high enough", width),
    ]


class Screen:
    """The last picture stays when it ends."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._size = (0, 0)

    def draw(self, lines: Sequence[str]) -> None:
        size = (columns.width_of(self.stream) or columns.USUAL_WIDTH, self.height)
        begin = (
            TOP if size == self._size else HIDE_CURSOR + CLEAR + TOP
        )  # after a change of size all may be elsewhere
        self._size = size
        # Erased before it is written: behind the last column there is nothing, and the last character would
        # go.
        *before, last = fitted(lines, *size)
        self.stream.write(begin + "".join(f"{REST_OF_LINE}{line}\n" for line in before) + BELOW + last)
        self.stream.flush()

    @property
    def height(self) -> int:
        with contextlib.suppress(OSError):
            return os.get_terminal_size(self.stream.fileno()).lines or USUAL_HEIGHT
        return USUAL_HEIGHT

    def end(self) -> None:
        self.stream.write(f"{SHOW_CURSOR}\n")
        self.stream.flush()


@contextlib.contextmanager
def screen(stream: TextIO) -> Iterator[Screen]:
    made = Screen(stream)
    try:
        yield made
    finally:
        made.end()
