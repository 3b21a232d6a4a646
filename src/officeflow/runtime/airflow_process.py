"""Runs an `airflow` command whose forked processes die with it: `python -m officeflow.runtime.airflow_process
scheduler …`.

Without this, `kill -9` of the scheduler leaves its workers, and their tasks, alive beside those of the
scheduler that takes its place. All of them talk to the stack's servers, and to nobody who has got the port of
one (`own_ports`).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import runpy
import signal
import sys

from officeflow import packages
from officeflow.runtime.own_ports import guard
from officeflow.worker.preload import preload

PR_SET_PDEATHSIG = 1
SCHEDULER_NICENESS = 5
RUNS_TASKS = {"scheduler", "worker"}
"""Airflow's commands whose forked processes run nodes."""


def die_with_parent_after_fork() -> None:
    """From now on every process that is forked here, at any depth, is killed when the thread that forked it
    ends.

    Programs that are started by exec from there keep the signal; those of `subprocess` are not forked by
    Python and never get it.
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


def let_others_go_first() -> None:
    """While there is work, the scheduler examines its runs as often as it can, and would take a core for that
    from those who do the work.

    Its workers go at the usual priority where that is permitted (to root, or by the limit of `nice`),
    otherwise at its own. Much lower it must not be: on a machine that others keep busy it would miss its own
    heartbeats, and give up tasks that run.
    """
    os.nice(SCHEDULER_NICENESS)

    def in_child() -> None:
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, 0)

    os.register_at_fork(after_in_child=in_child)


def prepare() -> None:
    """What every process of Airflow does before Airflow begins."""
    guard()
    if sys.platform == "linux":
        die_with_parent_after_fork()
    packages.admit()  # for DAGs that are written by hand


def run() -> None:
    """Airflow's command, with this process's arguments."""
    runpy.run_module("airflow", run_name="__main__", alter_sys=True)


def main() -> None:
    prepare()
    if sys.argv[1:2] == ["scheduler"]:
        let_others_go_first()
    if RUNS_TASKS & set(sys.argv[1:3]):
        preload()  # its workers, forked from here, then begin their first node at once
    run()


if __name__ == "__main__":
    main()
