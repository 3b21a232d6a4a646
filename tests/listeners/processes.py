"""Listeners as processes of their own, to be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

KILL_AT = """
import os, runpy, signal, sys
import {module} as module
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
setattr({owner}, {name!r}, die)
runpy.run_module("listeners.inbound", run_name="__main__")
"""
"""The listener, killed by SIGKILL at the moment when it calls one function."""


class Process:
    """`python -m listeners.<name>`; its log is a file."""

    def __init__(
        self, name: str, environment: Mapping[str, str], log: Path, *, program: str | None = None
    ) -> None:
        command = [sys.executable, "-c", program] if program else [sys.executable, "-m", f"listeners.{name}"]
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command, env={**os.environ, **environment}, stdout=output, stderr=output
            )
        self.pid = self._process.pid

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        if self._process.poll() is None:
            self._process.terminate()
        return self._process.wait(180)

    def wait(self) -> int:
        """For its own end; minus the signal's number where it was killed."""
        return self._process.wait(180)

    @property
    def text(self) -> str:
        return self.log.read_text(encoding="utf-8")


@contextmanager
def running(name: str, environment: Mapping[str, str], log: Path) -> Iterator[Process]:
    process = Process(name, environment, log)
    try:
        yield process
    finally:
        process.stop()


def killed_at(module: str, owner: str, name: str, environment: Mapping[str, str], log: Path) -> int:
    """Run the listener until it calls `owner.name` (`owner` an expression over `module`); its exit status."""
    program = KILL_AT.format(module=module, owner=owner, name=name)
    return Process("inbound", environment, log, program=program).wait()
