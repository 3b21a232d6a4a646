"""Reading the logs of the stack's processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

BLOCK = 65536
PAUSE_SECONDS = 0.2


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def last_lines(path: Path, count: int, *, end: int | None = None) -> list[str]:
    """The last lines of a file, or of its first `end` bytes; none where there is no file."""
    if count < 1:
        return []
    try:
        with path.open("rb") as file:
            start = file.seek(0, os.SEEK_END) if end is None else end
            content = b""
            while start and content.count(b"\n") <= count:
                begin = max(0, start - BLOCK)
                file.seek(begin)
                content = file.read(start - begin) + content
                start = begin
    except FileNotFoundError:
        return []
    return (
        [line.decode(errors="replace") for line in content.removesuffix(b"\n").split(b"\n")[-count:]]
        if content
        else []
    )


class _Tail:
    """The whole lines that are added to a file from `start` on (its present end), also to one that is not
    there yet.

    A file that is rotated away is read to its end, and then the new one from its beginning.
    """

    def __init__(self, path: Path, start: int | None = None) -> None:
        self.path = path
        self.rest = b""
        self.file = self._open()
        if self.file:
            self.file.seek(size(path) if start is None else start)

    def _open(self) -> BinaryIO | None:
        try:
            return self.path.open("rb")
        except FileNotFoundError:
            return None

    def new_lines(self) -> list[str]:
        lines = self._added()
        if self._is_another():
            lines += self._added()  # what was written before it was moved
            self.close()
            lines += [self.rest] if self.rest else []
            self.rest, self.file = b"", self._open()
            lines += self._added()
        return [line.decode(errors="replace") for line in lines]

    def close(self) -> None:
        if self.file:
            self.file.close()

    def _added(self) -> list[bytes]:
        if not self.file:
            return []
        if os.fstat(self.file.fileno()).st_size < self.file.tell():
            self.file.seek(0)
            self.rest = b""
        *lines, self.rest = (self.rest + self.file.read()).split(b"\n")
        return lines

    def _is_another(self) -> bool:
        """Whether the path leads to another file than the one that is open; a path that leads nowhere may
        come back.
        """
        try:
            there = self.path.stat()
        except FileNotFoundError:
            return False
        return not self.file or not os.path.samestat(there, os.fstat(self.file.fileno()))


def follow(
    paths: Mapping[str, Path],
    *,
    starts: Mapping[str, int] | None = None,
    until: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[str, str]]:
    """(name, line) of every line that is written from now on, or behind `starts` bytes, until `until` says
    so.
    """
    tails = {name: _Tail(path, (starts or {}).get(name)) for name, path in paths.items()}
    try:
        while not until():
            for name, tail in tails.items():
                yield from ((name, line) for line in tail.new_lines())
            time.sleep(PAUSE_SECONDS)
    finally:
        for tail in tails.values():
            tail.close()
