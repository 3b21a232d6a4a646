"""What counterparts share that are programs of Debian packages, unpacked below a root."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

MOST_BYTES = 50 * 2**20


def unpacked(name: str) -> Path:
    """The root of the packages of this name; `/` where they are installed."""
    root = Path(sys.prefix) / "share" / "debian" / name
    return root if root.is_dir() else Path("/")


def library_paths(root: Path) -> dict[str, str]:
    """The variable by which programs below `root` find their libraries."""
    folders = ":".join(map(str, sorted((root / "usr" / "lib").glob("*-linux-*"))))
    return {"LD_LIBRARY_PATH": folders} if root != Path("/") else {}


def write_filled(template: Path, target: Path, values: Mapping[str, str]) -> Path:
    """The template's text, with values for `{{name}}`, for its owner alone; gives `target`."""
    text = template.read_text()
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    return target


def open_log(path: Path, descriptor: int) -> None:
    """What this process, or what it becomes, writes to the descriptor is appended to the file from now on.

    A file that has grown large becomes `<name>.1`, in place of the one that was there.
    """
    if path.exists() and path.stat().st_size > MOST_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), descriptor)
