"""Runs an `airflow` command whose forked processes die with it: `python -m officeflow.stack.airflow_process scheduler …`.

Without this, `kill -9` of the scheduler leaves its workers, and their tasks, alive beside those of the scheduler that takes its place.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys

from officeflow.worker.preload import preload

PR_SET_PDEATHSIG = 1
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


def main() -> None:
    if sys.platform == "linux":
        die_with_parent_after_fork()
    if RUNS_TASKS & set(sys.argv[1:3]):
        preload()  # its workers, forked from here, then begin their first node at once
    runpy.run_module("airflow", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
