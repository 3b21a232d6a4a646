"""A flood of bad messages holds its partition instead of being drained into quarantine: the producer is
broken, and someone has to look.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Place = tuple[str, int]
"""A topic and one of its partitions."""

WINDOW = 5
"""The share is taken of the last messages, this many times the limit."""


@dataclass(slots=True)
class _Partition:
    recent: deque[bool] = field(default_factory=deque)
    in_a_row: int = 0
    bad: int = 0
    floods: int = 0
    until: float = 0.0


class FloodGuard:
    """Counts the bad messages of each partition.

    It is held for `wait` seconds, twice as long each next time, where `limit` of them are bad in a row, or of
    the last `WINDOW * limit` at least `share`: one good message now and then does not excuse a flood. When
    neither holds any more, the next wait is the first again.
    """

    MOST_DOUBLINGS = 5

    def __init__(
        self, *, limit: int, wait: float, share: float = 0.8, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = limit
        self._wait = wait
        self._share = share
        self._now = now
        self._partitions: dict[Place, _Partition] = {}

    def seen(self, outcomes: Iterable[tuple[Place, bool]]) -> list[Place]:
        """Take in (partition, good) in the order of the messages; returns the partitions that are held from
        now on.

        Messages that say nothing, good or bad, are not for it.
        """
        newly = []
        for place, good in outcomes:
            partition = self._partitions.setdefault(place, _Partition())
            self._count(partition, good=good)
            flooded = self._is_flooded(partition)
            if not flooded:
                partition.floods = 0
            elif not good and partition.until <= self._now():
                partition.until = self._now() + self._wait * 2 ** min(partition.floods, self.MOST_DOUBLINGS)
                partition.floods += 1
                newly.append(place)
        return newly

    def held(self) -> list[Place]:
        return sorted(place for place, partition in self._partitions.items() if partition.until > self._now())

    def _count(self, partition: _Partition, *, good: bool) -> None:
        partition.in_a_row = 0 if good else partition.in_a_row + 1
        partition.bad += not good
        partition.recent.append(good)
        if len(partition.recent) > WINDOW * self._limit:
            partition.bad -= not partition.recent.popleft()

    def _is_flooded(self, partition: _Partition) -> bool:
        is_full = len(partition.recent) == WINDOW * self._limit
        return partition.in_a_row >= self._limit or (
            is_full and partition.bad >= self._share * len(partition.recent)
        )
