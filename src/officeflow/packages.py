"""Packages of the user's own: in `packages` of the home, where nothing of ours is installed, updated or
removed.
"""

from __future__ import annotations

import importlib
import os
import site
import sys
from collections.abc import Sequence
from pathlib import Path

from officeflow.errors import InvalidInput, Unavailable
from officeflow.layout import ROOT, Layout
from officeflow.program import typed
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


def cannot_be_searched(what: str, package: str, error: Exception) -> InvalidInput:
    """What to say where looking for `what` (node types, connectors) in one of them failed."""
    return InvalidInput(
        f"the {what} of the package {package} cannot be found: {error}",
        hint=f"correct OFFICEFLOW_NODE_PACKAGES, or the package; `{typed('node install')}` installs one",
    )


def install(layout: Layout, packages: Sequence[str]) -> Path:
    """Install packages (folders with a pyproject.toml, wheels, or names as pip takes them) and what they
    need, in versions that go with ours; returns the folder that they are in.

    `Unavailable` where this is no environment that the launcher made, or they cannot be installed.
    """
    folder = folder_in(layout.home)
    home = Path(sys.prefix).parent
    if not (ROOT / "officeflow").is_file() or not (home / "env" / ".complete").is_file():
        raise Unavailable(
            "this is no environment that ./officeflow made",
            hint="install the package as others are here: pip install …",
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    from officeflow.installing.packages import add_packages
    from officeflow.installing.steps import Failure

    try:
        add_packages(home, folder, packages)
    except Failure as failure:
        raise Unavailable(f"not installed: {failure}") from failure
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o077)  # as everything in the home
    return folder
