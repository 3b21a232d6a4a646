"""Stands over the scheduler: `airflow_watchdog.py COMMAND…`.

Standard library only; run with `python -I -S`, it costs 10 MB.

A LocalExecutor worker that is killed while it reads the queue leaves the queue's lock held: all other
workers, new ones too, wait for ever. So when a worker is gone that nobody told to stop, the scheduler is
killed, its workers die with it (see `airflow_process`), and this process ends with status 1, for the
supervisor to start all of it again. It passes SIGTERM and SIGINT on, and ends as its child does.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType

PR_SET_PDEATHSIG = 1
WORKER_TITLE = b"airflow worker -- LocalExecutor"
LOOK_SECONDS = 0.5
LOOKS_BETWEEN_SCANS = 10
Process = tuple[int, str]
"""Pid and start time: the same process, and not another one that got its number."""


def start(command: Sequence[str]) -> int:
    """Run the command as a child that is killed when this process ends; its pid."""
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() == parent:
        os.execv(command[0], list(command))  # noqa: S606 - becoming this program is the purpose
    os._exit(1)


def read(path: str) -> bytes:
    """The file's content, empty where the process is gone."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - importing pathlib would double the memory
            return file.read()
    except OSError:
        return b""


def stat(pid: int) -> tuple[str, int, str] | None:
    """State, parent and start time of a process (proc(5), /proc/PID/stat fields 3, 4 and 22); None where
    there is none.
    """
    fields = read(f"/proc/{pid}/stat").rpartition(b")")[2].decode().split()
    return (fields[0], int(fields[1]), fields[19]) if fields else None


def workers(scheduler: int) -> set[Process]:
    """The living workers that the scheduler has forked."""
    found = set()
    for pid in (int(name) for name in os.listdir("/proc") if name.isdecimal()):  # noqa: PTH208 - see read
        facts = stat(pid)
        if (
            facts
            and facts[1] == scheduler
            and facts[0] not in "ZX"
            and read(f"/proc/{pid}/cmdline").startswith(WORKER_TITLE)
        ):
            found.add((pid, facts[2]))
    return found


def is_alive(process: Process) -> bool:
    facts = stat(process[0])
    return facts is not None and facts[2] == process[1] and facts[0] not in "ZX"


class Watch:
    def __init__(self, command: Sequence[str]) -> None:
        self.stopping = False
        self.known: set[Process] = set()
        self.child = start(command)

    def pass_on(self, number: int, frame: FrameType | None) -> None:
        del frame
        self.stopping = True
        os.kill(self.child, number)

    def status(self) -> int | None:
        """The child's exit status, 128 + signal where it was killed; None while it lives."""
        pid, status = os.waitpid(self.child, os.WNOHANG)
        if pid == 0:
            return None
        return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)

    def lost(self) -> set[Process]:
        return set() if self.stopping else {worker for worker in self.known if not is_alive(worker)}

    def run(self) -> int:
        look = 0
        while (status := self.status()) is None:
            if gone := self.lost():
                sys.stderr.write(
                    f"worker {sorted(pid for pid, _ in gone)} died: the scheduler is started again\n"
                )
                os.kill(self.child, signal.SIGKILL)
                os.waitpid(self.child, 0)
                return 1
            if look % LOOKS_BETWEEN_SCANS == 0:
                self.known |= workers(self.child)
            look += 1
            time.sleep(LOOK_SECONDS)
        return status


def main() -> None:
    watch = Watch(sys.argv[1:])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, watch.pass_on)
    sys.exit(watch.run())


if __name__ == "__main__":
    main()
