"""What comes in pages, with one page got ahead of who uses them."""

from __future__ import annotations

import contextvars
import itertools
import threading
from collections.abc import Generator, Iterator
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


def one_ahead(found: Iterator[T]) -> Generator[T, None, None]:
    """The same in the same order, each got by a thread while the one before it is used: `found` is asked for
    one more than is wanted, never for two, and by that thread alone.

    What getting one raises is raised in its place, after those before it. Where it is closed early, `found`
    is asked no more, and closing waits for what it is being asked: close it before what `found` asks by.
    """
    getting = _Getting(found)
    thread = threading.Thread(
        target=contextvars.copy_context().run, args=[getting.go_on], name="page-ahead", daemon=True
    )
    thread.start()
    try:
        while each := getting.next():
            yield from each
    finally:
        getting.end()
        thread.join()


class _Getting(Generic[T]):
    """Between the thread that gets and the one that uses."""

    def __init__(self, found: Iterator[T]) -> None:
        self._found = found
        self._got: SimpleQueue[tuple[T, ...] | BaseException] = SimpleQueue()
        self._wanted = threading.Semaphore(1)  # the one ahead
        self._ended = False

    def next(self) -> tuple[T, ...]:
        """One; empty at the end."""
        self._wanted.release()
        got = self._got.get()
        if isinstance(got, BaseException):
            raise got
        return got

    def go_on(self) -> None:
        """Get as many as are wanted, until there are none, one cannot be got, or nobody wants any."""
        try:
            while self._wanted.acquire() and not self._ended:
                got = tuple(itertools.islice(self._found, 1))
                self._got.put(got)
                if not got:
                    return
        except BaseException as error:  # noqa: BLE001 - raised where it is wanted
            self._got.put(error)

    def end(self) -> None:
        self._ended = True
        self._wanted.release()
