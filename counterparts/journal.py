"""The request log of a counterpart: JSON lines, one for each request, only ever appended to.

Tests count calls here, so a line is on disk before the answer leaves the server.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
from pathlib import Path


class Journal:
    """Safe from several threads. Lines of a file that is there already are kept."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()

    def write(self, **fields: object) -> None:
        """Append `fields`, without those that are None, under `at`: now, ISO 8601 in UTC."""
        entry = {"at": dt.datetime.now(dt.UTC).isoformat(), **{name: value for name, value in fields.items() if value is not None}}
        line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            os.write(self._descriptor, line)
            os.fsync(self._descriptor)
