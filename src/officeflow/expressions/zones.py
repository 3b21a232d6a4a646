"""Time zones for a process that may open no file: all of them are read before."""

from __future__ import annotations

import functools
import io
import zoneinfo
from importlib import resources

_files: dict[str, bytes] = {}


class NotLoaded(Exception):
    """A zone is needed, and `load` was not called."""


def load() -> None:
    """Takes some 20 ms."""
    folder = resources.files("tzdata")
    names = (folder / "zones").read_text(encoding="utf-8").split()
    _files.update({name: folder.joinpath("zoneinfo", *name.split("/")).read_bytes() for name in names})


def loaded() -> bool:
    return bool(_files)


def names() -> list[str]:
    return list(_files)


@functools.lru_cache(maxsize=64)
def zone(name: str) -> zoneinfo.ZoneInfo:
    """`zoneinfo.ZoneInfoNotFoundError` where there is no such zone."""
    if not _files:
        raise NotLoaded
    if name not in _files:
        raise zoneinfo.ZoneInfoNotFoundError(name)
    return zoneinfo.ZoneInfo.from_file(io.BytesIO(_files[name]), key=name)
