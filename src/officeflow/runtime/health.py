"""The file in which a process says that it is alive, and what it does."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from officeflow.clock import Clock, SystemClock
from officeflow.layout import HEALTH_FOLDER

BEAT_SECONDS = 1.0


class HealthState(StrEnum):
    """What a process is at: it works on its duties, it reads messages, or it waits until it can."""

    WORKING = "working"
    READING = "reading"
    WAITING = "waiting for the database"


class Health:
    """Writes `<home>/health/<name>.json`, at most once a second: `{"pid", "at", "state", …}`.

    A file that is older than some seconds belongs to a process that hangs or is gone.
    """

    def __init__(self, home: Path, name: str, *, clock: Clock | None = None) -> None:
        self.path = home / HEALTH_FOLDER / f"{name}.json"
        self._clock = clock or SystemClock()
        self._written = float("-inf")
        self._last: Mapping[str, Any] = {}

    def beat(self, state: HealthState, **values: Any) -> None:
        """Say what the process is doing now; a change is written at once."""
        told = {"state": state, **values}
        if told == self._last and time.monotonic() - self._written < BEAT_SECONDS:
            return
        self._written, self._last = time.monotonic(), told
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self.path.parent, delete=False, encoding="utf-8") as file:
            json.dump({"pid": os.getpid(), "at": self._clock.now().isoformat(), **told}, file)
        Path(file.name).replace(self.path)

    def gone(self) -> None:
        self.path.unlink(missing_ok=True)
