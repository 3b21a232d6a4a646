"""Answers that are used again for some seconds: what a dashboard polls is counted once for all who look."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from cachetools import TTLCache

Answer = TypeVar("Answer")
FRESH_SECONDS = 5.0
MOST = 2_000


class Counted:
    """Safe to share between threads; who asks while it is being counted waits for that."""

    def __init__(self, *, fresh: float = FRESH_SECONDS, most: int = MOST) -> None:
        self._known: TTLCache[Hashable, object] = TTLCache(most, fresh)
        self._counting: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, count: Callable[[], Answer]) -> Answer:
        """What `count` gave a moment ago for this key, or gives now."""
        with self._lock:
            if key in self._known:
                return cast("Answer", self._known[key])
            one_at_once = self._counting.setdefault(key, threading.Lock())
        with one_at_once:
            with self._lock:
                if key in self._known:
                    return cast("Answer", self._known[key])
            try:
                found = count()
                with self._lock:
                    self._known[key] = found
            finally:
                with self._lock:
                    self._counting.pop(key, None)
        return found
