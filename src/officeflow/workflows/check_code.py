"""What Airflow's check of a definition depends on besides the definition: code, packages and settings."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import site
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import officeflow
from officeflow import packages
from officeflow.setting_forms import listed
from officeflow.settings import Settings, load_settings

FACTORY = "dag_factory"
OPERATORS = "plugins"


def fingerprint(settings: Settings | None = None) -> str:
    """Another text as soon as a check could answer differently: after an update of OfficeFlow or of what is
    installed beside it, after `node install`, with other code or other settings of node types. Two processes
    with the same one come to the same verdict. It takes some milliseconds.

    `settings` are this process's where they are left out.
    """
    settings = settings or load_settings()
    found = hashlib.sha256(repr((sys.version, settings.node_packages, settings.node_queue)).encode())
    for line in (*_installed(settings), *_files([*_our_folders(), *_folders_of_node_packages(settings)])):
        found.update(line.encode() + b"\0")
    return found.hexdigest()


def _our_folders() -> Iterator[Path]:
    yield Path(officeflow.__file__).parent
    factory = importlib.util.find_spec(FACTORY)
    for folder in (factory.submodule_search_locations or ()) if factory else ():
        yield Path(folder)
        yield Path(folder).with_name(OPERATORS)


def _folders_of_node_packages(settings: Settings) -> Iterator[Path]:
    named = listed(settings.node_packages)
    if named:
        packages.admit()
    for name in named:
        spec = None
        with suppress(ImportError, ValueError):  # the check says so
            spec = importlib.util.find_spec(name)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            yield Path(folder)


def _installed(settings: Settings) -> Iterator[str]:
    """What pip has written about each installed package: a new version has a folder of its own."""
    for folder in [*map(Path, site.getsitepackages()), packages.folder_in(settings.home)]:
        with suppress(FileNotFoundError), os.scandir(folder) as entries:
            yield from sorted(
                f"{entry.path} {entry.stat().st_mtime_ns}"
                for entry in entries
                if entry.name.endswith((".dist-info", ".egg-info", ".pth"))
            )


def _files(folders: Iterable[Path]) -> Iterator[str]:
    for folder in folders:
        for parent, below, names in os.walk(folder):
            below[:] = sorted(name for name in below if name != "__pycache__")
            for path in sorted(os.path.join(parent, name) for name in names):  # noqa: PTH118 - thousands of them
                with suppress(FileNotFoundError):
                    state = os.stat(path)  # noqa: PTH116 - as above
                    yield f"{path} {state.st_mtime_ns} {state.st_size}"
