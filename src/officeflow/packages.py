"""Packages of the user's own: in `packages` of the home, where nothing of ours is installed, updated or
removed.
"""

from __future__ import annotations

import importlib
import os
import site
from pathlib import Path

from officeflow.setting_forms import listed
from officeflow.settings import load_settings

CONNECTORS = "connectors"
"""The folder of such a package that holds connectors; its others hold node types, a family each."""


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


def named() -> list[str]:
    """Those that `OFFICEFLOW_NODE_PACKAGES` names, which this process can import from now on."""
    found = listed(load_settings().node_packages)
    if found:
        admit()
    return found
