"""Answers that are used again for some seconds: what a dashboard polls is counted once for all who look."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

import structlog
from cachetools import TLRUCache

Answer = TypeVar("Answer")
FRESH_SECONDS = 5.0
USABLE_SECONDS = 2 * FRESH_SECONDS
AT_ONCE = 2
"""Are counted beside those who look."""
MOST = 2_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept(Generic[Answer]):
    answer: Answer
    at: float
    """When counting it began."""


class Counted:
    """Safe to share between threads. What is not fresh any more is counted anew beside those who look, and
    they are given what was counted before; what nobody has looked at for longer they wait for.
    """

    def __init__(
        self, *, fresh: float = FRESH_SECONDS, usable: float = USABLE_SECONDS, most: int = MOST
    ) -> None:
        self._fresh = fresh
        self._known: TLRUCache[Hashable, _Kept[object]] = TLRUCache(
            most, lambda _, kept, __: kept.at + usable, time.monotonic
        )
        self._counting: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()
        self._beside = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="counting")

    def close(self) -> None:
        """Nothing is counted any more."""
        self._beside.shutdown(cancel_futures=True)

    def get(self, key: Hashable, count: Callable[[], Answer]) -> Answer:
        """What `count` gave some seconds ago for this key, or gives now."""
        with self._lock:
            kept = self._known.get(key)
            if kept is not None and (key in self._counting or self._is_fresh(kept)):
                return cast("Answer", kept.answer)
            turn = self._counting.setdefault(key, threading.Lock())
        if kept is None:
            return self._counted(key, turn, count, since=float("-inf"))
        try:
            self._beside.submit(self._try_to_count, key, turn, count, kept.at)
        except RuntimeError:  # it was closed
            self._end(key, turn)
        return cast("Answer", kept.answer)

    def _is_fresh(self, kept: _Kept[object]) -> bool:
        return time.monotonic() - kept.at < self._fresh

    def _try_to_count(
        self, key: Hashable, turn: threading.Lock, count: Callable[[], object], since: float
    ) -> None:
        try:
            self._counted(key, turn, count, since=since)
        except Exception as error:  # noqa: BLE001 - who looks when nothing usable is left is told
            log.warning("figures cannot be counted", figures=str(key), error=str(error))

    def _counted(
        self, key: Hashable, turn: threading.Lock, count: Callable[[], Answer], *, since: float
    ) -> Answer:
        """What another thread has counted after `since` is taken as it is."""
        with turn:
            try:
                with self._lock:
                    kept = self._known.get(key)
                if kept is not None and kept.at > since:
                    return cast("Answer", kept.answer)
                at, found = time.monotonic(), count()
                with self._lock:
                    self._known[key] = _Kept(found, at)
            finally:
                self._end(key, turn)
        return found

    def _end(self, key: Hashable, turn: threading.Lock) -> None:
        with self._lock:
            if self._counting.get(key) is turn:
                del self._counting[key]
