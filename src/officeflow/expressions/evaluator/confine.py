"""What a process gives up for good before it runs what a tenant wrote.

Afterwards it can open nothing (no file, no socket), start nothing, write no file and grow no further than its
memory; where it was root it is nobody. What it needs must be loaded before.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NAME, PR_SET_NO_NEW_PRIVS = 1, 4, 15, 38
NAME = b"of-evaluator"
"""In `top`."""
NOBODY = 65534
MOST_CPU_SECONDS = 600
"""In its whole life, whoever answers for it: the limit of each task is `limit`."""


def prepare() -> None:
    """End only with its parent or by a limit; signals that are meant for the parent's group concern the
    parent.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for number in (signal.SIGPROF, signal.SIGXCPU, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def give_up_rights(memory: int, parent: int) -> None:
    """`memory`: bytes beyond those that it has now.

    `parent`: its parent's pid; it exits where that is gone already.
    """
    size = _size()
    if os.geteuid() == 0:
        with contextlib.suppress(
            OSError
        ):  # a container may give root no right to become somebody else, or have nobody else
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
    if sys.platform == "linux":
        control = ctypes.CDLL(None, use_errno=True).prctl
        control(PR_SET_NAME, NAME, 0, 0, 0)
        for option, value in (
            (PR_SET_NO_NEW_PRIVS, 1),
            (PR_SET_DUMPABLE, 0),
            (PR_SET_PDEATHSIG, signal.SIGKILL),
        ):
            control(option, int(value), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
    limits = {
        resource.RLIMIT_AS: size + memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: MOST_CPU_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: 0,
    }
    for what, most in limits.items():
        resource.setrlimit(what, (most, most))


def limit(seconds: float) -> None:
    """The process ends by SIGPROF when it has computed for so long, wherever it is; 0 takes that back.

    It is time of the processor, so that a busy machine refuses nobody's expression.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _size() -> int:
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - a file of the kernel's
        return int(file.read().split()[0]) * resource.getpagesize()
