"""The time that a fake believes it is; tests put it forward."""

from __future__ import annotations

import datetime as dt
import time


class Clock:
    def __init__(self) -> None:
        self.ahead = 0.0

    def seconds(self) -> float:
        """Since the epoch."""
        return time.time() + self.ahead

    def now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.seconds(), dt.UTC)

    def text(self) -> str:
        """ISO 8601 in UTC with milliseconds, as `2026-11-23T08:00:00.000Z`."""
        return f"{self.now():%Y-%m-%dT%H:%M:%S}.{self.now().microsecond // 1000:03d}Z"
