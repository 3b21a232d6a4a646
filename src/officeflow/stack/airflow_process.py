"""Runs an `airflow` command whose forked processes die with it: `python -m officeflow.stack.airflow_process scheduler …`.

Without this, `kill -9` of the scheduler leaves its workers, and their tasks, alive beside those of the scheduler that takes its place.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import runpy
import signal
import sys

from officeflow.worker.preload import preload

PR_SET_PDEATHSIG = 1
SCHEDULER_NICENESS = 10
WORKER_NICENESS = 5
RUNS_TASKS = {"scheduler", "worker"}
"""Airflow's commands whose forked processes run nodes."""


def die_with_parent_after_fork() -> None:
    """From now on every process that is forked here, at any depth, is killed when the thread that forked it ends.

    Programs that are started by exec from there keep the signal; those of `subprocess` are not forked by Python and never get it.
    """
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def note_parent() -> None:
        nonlocal parent
        parent = os.getpid()

    def in_child() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    os.register_at_fork(before=note_parent, after_in_child=in_child)


def let_others_go_first(command: str) -> None:
    """While there is work, events are taken in first, then nodes run, and last the scheduler examines its runs, which it does all the time.

    Whoever takes in an event needs a moment of the listener, the api-server and the database; nodes would take both cores from them for as
    long as there are any. The workers that are forked from the scheduler get the priority of workers where that is permitted (to root, or
    by the limit of `nice`), otherwise they stay at the scheduler's.
    """
    if command == "worker":
        os.nice(WORKER_NICENESS)
        return
    os.nice(SCHEDULER_NICENESS)

    def in_child() -> None:
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, WORKER_NICENESS)

    os.register_at_fork(after_in_child=in_child)


def main() -> None:
    if sys.platform == "linux":
        die_with_parent_after_fork()
    if command := next((name for name in sys.argv[1:3] if name in RUNS_TASKS), ""):
        let_others_go_first(command)
        preload()  # its workers, forked from here, then begin their first node at once
    runpy.run_module("airflow", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
