"""When what could not be done yet is looked at again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class _Look:
    """`pause` is the one before it, in seconds."""

    at: float
    pause: float


class Looks(Generic[Key]):
    """Each next look at the same is twice as long after the one before, up to `longest` seconds.

    For one thread.
    """

    def __init__(
        self, *, first: float, longest: float, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """`seconds` measures the pauses of this process."""
        self._first = first
        self._longest = longest
        self._seconds = seconds
        self._looks: dict[Key, _Look] = {}

    def later(self, key: Key) -> None:
        """It is looked at again after the next pause."""
        before = self._looks.get(key)
        pause = min(before.pause * 2, self._longest) if before else self._first
        self._looks[key] = _Look(self._seconds() + pause, pause)

    def put_off(self) -> list[Key]:
        """What is not to be looked at yet."""
        now = self._seconds()
        return [key for key, look in self._looks.items() if look.at > now]

    def keep(self, keys: Collection[Key]) -> None:
        """Forget all others."""
        self._looks = {key: look for key, look in self._looks.items() if key in keys}

    def left(self) -> float:
        """Seconds until the next look; infinite where there is none."""
        return max(0.0, min((look.at for look in self._looks.values()), default=math.inf) - self._seconds())
