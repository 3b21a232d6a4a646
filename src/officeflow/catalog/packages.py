"""Packages of the user's own: in `packages` of the home, where nothing of ours is installed, updated or
removed.
"""

from __future__ import annotations

import importlib
import os
import site
from pathlib import Path


def folder_in(home: Path) -> Path:
    return home / "packages"


def admit() -> None:
    """Let this process import them, after everything else: no package of theirs takes the place of one of
    ours. Safe to call again.
    """
    home = os.environ.get("OFFICEFLOW_HOME", "")
    folder = folder_in(Path(home))
    if home and folder.is_dir():
        site.addsitedir(str(folder))
        importlib.invalidate_caches()
