"""Another user of the same machine, as tests see one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

LOOKING = """
import os, sys
for place, folders, files in os.walk(sys.argv[1]):
    print(place)
    for name in files:
        try:
            open(os.path.join(place, name), "rb").close()
        except OSError:
            continue
        print(os.path.join(place, name))
for path in sys.argv[2:]:
    try:
        os.listdir(path) if os.path.isdir(path) else open(path, "rb").close()
    except OSError:
        continue
    print(path)
"""


def seen_by_another_user(home: Path) -> set[Path]:
    """What `daemon` can list or read in `home`, also by names that it was told. To be called by root."""
    everything = [str(path) for path in home.rglob("*") if not path.is_symlink()]
    assert len(everything) > 20
    told = ""
    for first in range(0, len(everything), 1000):
        command = [_python(), "-I", "-S", "-c", LOOKING, str(home), *everything[first : first + 1000]]
        told += subprocess.run(
            command, user="daemon", group="daemon", extra_groups=[], cwd="/", capture_output=True, text=True, check=True
        ).stdout
    return {Path(line) for line in told.splitlines()} - {home}


def _python() -> str:
    """One that everybody may run."""
    return next(path for path in ("/usr/bin/python3", sys.executable) if os.access(path, os.X_OK))


def open_to_others(home: Path) -> set[Path]:
    """By their modes: for those who are not root."""
    modes = {path: path.stat().st_mode for path in home.rglob("*") if not path.is_symlink()}
    assert len(modes) > 20
    return {path for path, mode in modes.items() if mode & 0o077}


def answer(port: int, said: bytes) -> bytes:
    """The first bytes that a server answers to somebody who says this."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(said)
        return connection.recv(4096)
