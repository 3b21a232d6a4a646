"""A flood of bad messages holds its topic instead of being drained into quarantine: the producer is broken, and someone has to look."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(slots=True)
class _Streak:
    bad: int = 0
    floods: int = 0
    until: float = 0.0


class FloodGuard:
    """Counts the bad messages in a row on each topic; `limit` of them hold the topic for `wait` seconds, twice as long each next time.

    One good message, and the topic's count starts anew.
    """

    MOST_DOUBLINGS = 5

    def __init__(self, *, limit: int, wait: float, now: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._wait = wait
        self._now = now
        self._streaks: dict[str, _Streak] = {}

    def seen(self, outcomes: Iterable[tuple[str, bool]]) -> list[str]:
        """Take in (topic, good) in the order of the messages; returns the topics that are held from now on."""
        newly = []
        for topic, good in outcomes:
            if good:
                self._streaks.pop(topic, None)
                continue
            streak = self._streaks.setdefault(topic, _Streak())
            streak.bad += 1
            if streak.bad >= self._limit and streak.until <= self._now():
                streak.until = self._now() + self._wait * 2 ** min(streak.floods, self.MOST_DOUBLINGS)
                streak.floods += 1
                newly.append(topic)
        return newly

    def held(self) -> list[str]:
        return sorted(topic for topic, streak in self._streaks.items() if streak.until > self._now())
