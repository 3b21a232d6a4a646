"""The request log of a counterpart: JSON lines, one for each request, only ever appended to.

Tests count calls here, so a line is on disk before the answer leaves the server. A file that has grown large
becomes `<name>.1`, in place of the one that was there, and a new one is begun.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
from pathlib import Path

MOST_BYTES = 50 * 2**20


class Journal:
    """Safe from several threads. Lines of a file that is there already are kept.

    A line that was written outlives the process; `synced`, the machine, too.
    """

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES, synced: bool = True) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._most_bytes = most_bytes
        self._synced = synced
        self._lock = threading.Lock()
        self._open()

    def write(self, **fields: object) -> None:
        """Append `fields`, without those that are None, under `at`: now, ISO 8601 in UTC."""
        entry = {
            "at": dt.datetime.now(dt.UTC).isoformat(),
            **{name: value for name, value in fields.items() if value is not None},
        }
        line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            if self._size and self._size + len(line) > self._most_bytes:
                os.close(self._descriptor)
                self._path.replace(self._path.with_name(f"{self._path.name}.1"))
                self._open()
            self._size += os.write(self._descriptor, line)
            if self._synced:
                os.fsync(self._descriptor)

    def _open(self) -> None:
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = os.fstat(self._descriptor).st_size
