"""Logs that have had their time are removed."""

from __future__ import annotations

import contextlib
import fnmatch
import os
import time
from pathlib import Path

EMPTY_FOLDER_SECONDS = 86_400.0
"""An empty folder stays for so long: somebody may be about to write into a new one."""


def remove_older(folder: Path, seconds: float, *, pattern: str = "*", now: float | None = None) -> int:
    """Remove files below `folder` that nobody has written to for `seconds`, links that lead nowhere, and
    folders that are empty.

    Only what has a name that matches `pattern`. Returns how many files went. What cannot be removed stays,
    and so does `folder` itself; nothing outside is touched: links are not followed. May run beside those who
    write, and beside another of its kind.
    """
    moment = time.time() if now is None else now
    removed = 0
    for place, folders, files in os.walk(folder, topdown=False):
        for path in (Path(place, name) for name in fnmatch.filter([*files, *folders], pattern)):
            with contextlib.suppress(OSError):
                if path.is_symlink():
                    if not path.exists():
                        path.unlink()
                elif path.is_dir():
                    if moment - path.stat().st_mtime > EMPTY_FOLDER_SECONDS:
                        path.rmdir()
                elif moment - path.stat().st_mtime > seconds:
                    path.unlink()
                    removed += 1
    return removed
