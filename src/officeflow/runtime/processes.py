"""What Linux tells of processes: who belongs to whom, how much memory, and an end for what was left
behind.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
PAGE = os.sysconf("SC_PAGE_SIZE")


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the program's name: state, parent, group …; empty where the process
    is gone.
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _all() -> dict[int, list[str]]:
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return {pid: fields for pid in pids if (fields := _stat(pid)) and fields[0] != "Z"}


def is_alive(pid: int) -> bool:
    """Whether it runs; a process that only waits for its parent to take note does not."""
    return _stat(pid)[:1] not in ([], ["Z"])


def parent(pid: int) -> int | None:
    """None where there is no such process."""
    fields = _stat(pid)
    return int(fields[1]) if fields else None


def tree(root: int) -> list[int]:
    """`root` and all its living descendants."""
    table = _all()
    found = [root] if root in table else []
    for parent in found:
        found.extend(pid for pid, fields in table.items() if int(fields[1]) == parent)
    return found


def group(leader: int) -> list[int]:
    """The living processes of the group that `leader` leads or led."""
    return [pid for pid, fields in _all().items() if int(fields[2]) == leader]


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of main memory. Where it is not exact, they are at most so many."""

    size: int = 0
    is_exact: bool = True


def memory(pids: Iterable[int]) -> Memory:
    """What these processes take; a page that several share is counted once, in parts (PSS, proc(5)).

    Where the kernel does not show what a process shares (another user's, or Linux before 4.14), its resident
    pages count in full.
    """
    taken = [_taken(pid) for pid in pids]
    return Memory(sum(each.size for each in taken), all(each.is_exact for each in taken))


def _taken(pid: int) -> Memory:
    try:
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return Memory(int(line.split()[1]) * 1024)
    except OSError:
        with contextlib.suppress(OSError):
            resident = int((PROC / str(pid) / "statm").read_text().split()[1]) * PAGE
            return Memory(resident, is_exact=not resident)
    return Memory()


def end_leftovers(run: Path, *, seconds: float = 20) -> list[str]:
    """End what an earlier supervisord left behind, by the pid files in `run`; returns the names of those that
    had to be killed.

    A process that supervisord's death told to stop is given `seconds`. A pid that another program has by now
    is told by its start.
    """
    files = {file: int(text) for file in run.glob("*.pid") if (text := file.read_text().strip()).isdigit()}
    deadline = time.monotonic() + seconds
    while any(_ours(file, pid) for file, pid in files.items()) and time.monotonic() < deadline:
        time.sleep(0.1)
    killed = []
    for file, pid in files.items():
        if _ours(file, pid):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            killed.append(file.stem)
        file.unlink(missing_ok=True)
    return killed


def _ours(file: Path, pid: int) -> bool:
    """Whether the group still has processes, led by the one that wrote the file at its start, or by nobody
    any more.
    """
    members = group(pid)
    return bool(members) and (pid not in members or _started(pid) <= file.stat().st_mtime + 1)


def _started(pid: int) -> float:
    fields = _stat(pid)
    if not fields:
        return float("inf")
    since_boot = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.time() - float(Path("/proc/uptime").read_text().split()[0]) + since_boot
