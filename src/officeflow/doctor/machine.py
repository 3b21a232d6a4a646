"""This machine: ports, disks, and who may read what is secret."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from officeflow.counts import counted
from officeflow.doctor.finding import Check, Finding, Subject, ok, problem, warning
from officeflow.program import typed
from officeflow.stack import ports
from officeflow.stack.supervision import control
from officeflow.stack.supervision.states import ProcessState

AREA = "machine"
GIBIBYTE = 2**30
LEAST, COMFORTABLE = 1.0, 5.0
"""GiB that must be free, and that should be."""

MUCH_LOG = 5.0
MOST_PATHS = 10
"""Of those that are open to others are named."""

LEAST_FOR_LOGS = 64.0
"""MiB."""

LEAST_FILES = 1000
LOG_FOLDER_VARIABLE = "AIRFLOW__LOGGING__BASE_LOG_FOLDER"
SECRET_FILES = ("secrets.json", "stack.json", "run/*.json", "run/*.conf", "run/*.properties")


def disk(subject: Subject) -> Iterator[Finding]:
    fallback = subject.state.get("fallback")
    for folder in [subject.layout.home, *([Path(fallback)] if fallback else [])]:
        free = shutil.disk_usage(_existing(folder)).free / GIBIBYTE
        if free < LEAST:
            yield problem(f"{folder} has {free:.1f} GiB left: servers will stop", "make room")
        elif free < COMFORTABLE:
            yield warning(f"{folder} has {free:.1f} GiB left", "make room before it is full")
        else:
            yield ok(f"{folder} has {free:.0f} GiB left")


def log_disk(subject: Subject) -> Iterator[Finding]:
    """Where logs are written.

    Nodes go on without; their tasks' logs lose lines, and Airflow starts no process that it cannot log of.
    """
    told = (
        subject.settings.airflow_logs if subject.settings else "",
        subject.environ.get(LOG_FOLDER_VARIABLE, ""),
    )
    folders = {subject.layout.logs, subject.layout.airflow_logs, *(Path(folder) for folder in told if folder)}
    seen: set[int] = set()
    for folder in sorted(folders):
        place = _existing(folder)
        device = place.stat().st_dev
        if device in seen:
            continue
        seen.add(device)
        free, files = shutil.disk_usage(place).free / 2**20, os.statvfs(place)
        if free < LEAST_FOR_LOGS or (files.f_files and files.f_favail < LEAST_FILES):
            lack = "no room" if free < LEAST_FOR_LOGS else "no room for more files"
            yield problem(
                f"logs in {folder} have {lack} ({free:.0f} MiB left): lines are lost",
                "make room, or OFFICEFLOW_TASK_LOG_DAYS less",
            )
        elif trouble := _not_writable(place):
            yield problem(
                f"logs cannot be written to {folder}: {trouble}",
                f"{typed('up')} as the user that owns it, on a disk that works",
            )
        else:
            yield ok(f"logs in {folder} can be written")


def _not_writable(folder: Path) -> str:
    """Why a file in it takes no byte, or ""."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"examined\n")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return error.strerror or str(error)
    return ""


def log_size(subject: Subject) -> Iterator[Finding]:
    size = sum(_size(folder) for folder in (subject.layout.logs, subject.layout.airflow_logs)) / GIBIBYTE
    if size > MUCH_LOG:
        yield warning(
            f"logs take {size:.1f} GiB", "OFFICEFLOW_TASK_LOG_DAYS says how long those of tasks are kept"
        )
    else:
        yield ok(f"logs take {size:.2f} GiB")


def permissions(subject: Subject) -> Iterator[Finding]:
    home = subject.layout.home
    files = [path for pattern in SECRET_FILES for path in home.glob(pattern) if path.is_file()]
    open_ones = [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]
    for path in open_ones:
        mode = stat.S_IMODE(path.stat().st_mode)
        yield problem(
            f"{path} has mode {mode:04o}: others on this machine can read passwords and keys",
            f"chmod 600 {path}",
        )
    if foreign := [path for path in files if path.stat().st_uid != os.geteuid()]:
        yield warning(
            f"{foreign[0]} belongs to another user (uid {foreign[0].stat().st_uid})",
            "run officeflow as the user who started it",
        )
    if files and not open_ones:
        yield ok(f"{counted(len(files), 'file')} with secrets, for their owner alone")


def access(subject: Subject) -> Iterator[Finding]:
    """Data, logs and journals are full of names and addresses."""
    home = subject.layout.home
    kept = [home / name for name in (*control.MADE_BY_US, "up.lock")]
    is_passable = home.exists() and stat.S_IMODE(home.stat().st_mode) & 0o011
    found = [path for each in kept for path in _open_to_others(each)] if is_passable else []
    for path in found[:MOST_PATHS]:
        yield problem(f"{path} is open to other users of this machine", f"chmod -R go= {path}")
    if not found:
        yield ok(f"what is kept in {home} is for its owner alone")


def _open_to_others(path: Path) -> Iterator[Path]:
    """The topmost files and folders from `path` on that another user can read, write or list."""
    if path.is_symlink() or not path.exists():
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o066:
        yield path
    elif path.is_dir() and mode & 0o011:
        for entry in path.iterdir():
            yield from _open_to_others(entry)


def listening(subject: Subject) -> Iterator[Finding]:
    """Every port of a running process is served; those of a stopped stack are free for its next start."""
    found = control.status(subject.layout, with_memory=False)
    if not found.services:
        return
    silent = [
        f"{s.name} {port}"
        for s in found.services
        if s.state == ProcessState.RUNNING
        for port in s.ports.values()
        if not _is_served(port)
    ]
    if silent:
        yield problem(
            f"nobody listens on the ports of running processes: {', '.join(silent)}",
            f"{typed('logs NAME')} says why",
        )
    elif found.running:
        yield ok(f"{sum(len(s.ports) for s in found.services)} ports are served")
    else:
        taken = [
            f"{s.name} {port}" for s in found.services for port in s.ports.values() if not ports.is_free(port)
        ]
        if taken:
            yield warning(
                f"ports of the stopped stack are taken: {', '.join(taken)}",
                f"the next {typed('up')} takes others",
            )
        else:
            yield ok("the stopped stack's ports are free")


def _is_served(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())


def _size(folder: Path) -> int:
    return sum(
        entry.stat().st_size for entry in folder.rglob("*") if entry.is_file() and not entry.is_symlink()
    )


CHECKS = (
    Check(area=AREA, name="disk", examine=disk),
    Check(area=AREA, name="logs", examine=log_size),
    Check(area=AREA, name="log-disk", examine=log_disk),
    Check(area=AREA, name="permissions", examine=permissions),
    Check(area=AREA, name="access", examine=access),
    Check(area=AREA, name="ports", examine=listening),
)
