"""Reading the logs of the stack's processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path


def last_lines(path: Path, count: int, *, reach: int = 65536) -> list[str]:
    """The last lines of a file, of its last `reach` bytes; none where there is no file."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - reach))
            return file.read().decode(errors="replace").splitlines()[-count:]
    except FileNotFoundError:
        return []


class _Tail:
    """The whole lines that were added to a file since the last look; a file that was rotated away is read from its new beginning."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.identity, self.position = self._look()
        self.rest = b""

    def _look(self) -> tuple[int, int]:
        try:
            seen = self.path.stat()
        except FileNotFoundError:
            return 0, 0
        return seen.st_ino, seen.st_size

    def new_lines(self) -> list[str]:
        identity, size = self._look()
        if identity != self.identity or size < self.position:
            self.identity, self.position, self.rest = identity, 0, b""
        if size == self.position:
            return []
        with self.path.open("rb") as file:
            file.seek(self.position)
            *lines, self.rest = (self.rest + file.read()).split(b"\n")
            self.position = file.tell()
        return [line.decode(errors="replace") for line in lines]


def follow(paths: Mapping[str, Path], *, until: Callable[[], bool] = lambda: False) -> Iterator[tuple[str, str]]:
    """(name, line) of every line that is written from now on, until `until` says so."""
    tails = {name: _Tail(path) for name, path in paths.items()}
    while not until():
        for name, tail in tails.items():
            yield from ((name, line) for line in tail.new_lines())
        time.sleep(0.2)
