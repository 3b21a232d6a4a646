"""Programs that are run while something is installed: shown, and a failure told in plain words."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from officeflow import downloads

WIDEST = 79
"""Columns that a line which moves takes at the most: one that is longer than the terminal leaves scraps."""


class Failure(Exception):
    """What went wrong and what to do, for the person at the terminal."""


def run(command: list[str], settings: dict[str, str] | None = None) -> None:
    """Run to its end; a failure is told in plain words, with the program's own last lines."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}
    }
    environment |= downloads.trust(os.environ)
    done = subprocess.run(
        command, env={**environment, **(settings or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return
    output = (done.stderr + done.stdout).strip()
    told = output.lower()
    lines = output.splitlines()  # uv names the reason first, pip last
    last = "\n    ".join(lines if len(lines) <= 16 else [*lines[:4], "…", *lines[-11:]])
    if "no space left" in told or "os error 28" in told:
        raise Failure(f"the disk is full. Make room and call again\n    {last}")
    if "ensurepip" in told:
        raise Failure(f"this Python cannot make an environment. {how_to_get_venv()}\n    {last}")
    why = downloads.why_not(told)
    if why:
        raise Failure(f"packages could not be downloaded: {why}\n    {last}")
    raise Failure(f"{Path(command[0]).name} {' '.join(command[1:4])} failed\n    {last}")


def how_to_get_venv() -> str:
    """The package to install, by the distribution's own word for itself."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    system = ""
    with contextlib.suppress(OSError):
        release = platform.freedesktop_os_release()
        system = f"{release.get('ID', '')} {release.get('ID_LIKE', '')}"
    if "debian" in system:
        return f"Install it: apt-get install python{version}-venv"
    if "fedora" in system or "rhel" in system:
        return f"Install it: dnf install python{version}-pip (or python3-pip)"
    return (
        f"Install the package of Python {version} that has them (Debian: python{version}-venv; Fedora:"
        " python3-pip)"
    )


def count(folder: Path) -> int:
    return len(os.listdir(folder)) if folder.is_dir() else 0  # noqa: PTH208 - only the number matters


@contextlib.contextmanager
def step(title: str, *, count: Callable[[], tuple[int, int]] | None = None) -> Iterator[None]:
    """Show one thing that takes time: how far, how long.

    On a terminal the line moves, elsewhere there is a line every ten seconds.
    """
    started, over, live = (
        time.monotonic(),
        threading.Event(),
        sys.stderr.isatty() and os.environ.get("TERM") != "dumb",
    )
    already = count()[0] if count else 0

    def width() -> int:
        return min(WIDEST, (os.get_terminal_size(sys.stderr.fileno()).columns or WIDEST + 1) - 1)

    def how_far() -> str:
        here, whole = count() if count else (0, 0)
        return f" {min(here - already, whole)} of {whole} fetched," if count and here > already else ""

    def show() -> None:
        while not over.wait(0.5 if live else 10):
            line = f"  {title} …{how_far()} {time.monotonic() - started:.0f} s"
            sys.stderr.write(f"\r\x1b[2K{line[: width()]}" if live else f"{line}\n")
            sys.stderr.flush()

    shower = threading.Thread(target=show, daemon=True)
    shower.start()
    outcome = "✗"
    try:
        yield
        outcome = "✓"
    finally:
        over.set()
        shower.join()
        clear = "\r\x1b[2K" if live else ""
        sys.stderr.write(f"{clear}  {outcome} {title} ({time.monotonic() - started:.1f} s)\n")
