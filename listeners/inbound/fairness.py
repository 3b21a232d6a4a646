"""One organization's trouble is its own: which organizations get no more threads for now."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SLOW = dt.timedelta(milliseconds=50)
"""An event whose filters took more of a processor makes its organization a slow one; most take a thousandth.
"""
REMEMBERED = dt.timedelta(minutes=5)
"""So long after its last slow event an organization is a slow one."""


class Fairness:
    """Safe to share between threads.

    An organization whose filters are slow, or too costly, has one thread at a time.
    """

    def __init__(self, monotonic: Callable[[], float], computed: Callable[[], float]) -> None:
        """`computed`: the seconds that filters have taken so far in the calling thread."""
        self._monotonic, self._computed = monotonic, computed
        self._lock = threading.Lock()
        self._busy: Counter[uuid.UUID] = Counter()
        self._slow: dict[uuid.UUID, float] = {}

    def left_out(self) -> list[uuid.UUID]:
        """The slow organizations of which an event is being matched."""
        with self._lock:
            now = self._monotonic()
            self._slow = {org: until for org, until in self._slow.items() if until > now}
            return [org for org in self._slow if self._busy[org]]

    @contextmanager
    def matching(self, org: uuid.UUID) -> Iterator[None]:
        """While an event of the organization is matched with its workflows."""
        before = self._computed()
        with self._lock:
            self._busy[org] += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy[org] -= 1
                if not self._busy[org]:
                    del self._busy[org]
                if self._computed() - before > SLOW.total_seconds():
                    self._slow[org] = self._monotonic() + REMEMBERED.total_seconds()
