"""Becomes a process of the stack: `child.py SPECIFICATION DIGEST`.

Standard library only; run with `python -I -S`, it costs 15 ms.

The specification is a JSON file {command, environment, directory, user, parent_death_signal}; the digest only
makes supervisord see that it changed. The process gets exactly that environment, and the signal (if one is
given) when its parent dies: nothing outlives supervisord. Its pid, which is also its process group's, is left
in a file beside the specification.
"""

from __future__ import annotations

import ctypes
import json
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1


def become(user: str) -> None:
    account = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def die_with_parent(signal_name: str) -> None:
    """Linux's parent-death signal; it survives exec, but not a change of user, so it comes after that."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(
            PR_SET_PDEATHSIG, int(signal.Signals[f"SIG{signal_name}"]), 0, 0, 0
        )
    if os.getppid() != parent:
        sys.exit("the parent died while this process started")


def main(path: str) -> None:
    os.umask(0o077)  # what a process of the stack writes is for its owner alone
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - importing pathlib would double the time this takes
        specification = json.load(file)
    with open(path.removesuffix(".json") + ".pid", "w", encoding="utf-8") as file:  # noqa: PTH123 - see above
        file.write(str(os.getpid()))
    if specification["directory"]:
        os.chdir(specification["directory"])
    if specification["user"]:
        become(specification["user"])
    if specification["parent_death_signal"]:
        die_with_parent(specification["parent_death_signal"])
    command = specification["command"]
    os.execve(command[0], command, specification["environment"])  # noqa: S606 - becoming this program is the purpose


if __name__ == "__main__":
    main(sys.argv[1])
