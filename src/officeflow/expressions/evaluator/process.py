"""One evaluator, seen from the process that asks it."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from officeflow.errors import Unavailable
from officeflow.expressions.evaluator import wire

OUT_OF_MEMORY = 77
"""Exit status of an evaluator, as in `child`, which is not imported here."""
START_SECONDS = 60.0
END_SECONDS = 10.0
BOOT = "import sys; sys.path += sys.argv[2:]; from officeflow.expressions.evaluator.child import main; main()"
LIBRARIES = ("cel_expr_python", "jinja2", "markupsafe", "google.protobuf", "tzdata")


class Died(Exception):
    """It ended in the middle of a job. `status` is its exit status, negative for a signal."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status

    @property
    def out_of_time(self) -> bool:
        return self.status in {-signal.SIGPROF, -signal.SIGXCPU}

    @property
    def out_of_memory(self) -> bool:
        return self.status == OUT_OF_MEMORY


class Evaluator:
    """A process and the socket to it.

    Not safe to share between threads. `Unavailable` where it does not start.
    """

    def __init__(self, *, memory: int, zones: bool) -> None:
        self.zones = zones
        self._link, theirs = socket.socketpair()
        given = {"memory": memory, "parent": os.getpid(), "zones": zones}
        command = [sys.executable, "-I", "-S", "-X", "utf8", "-c", BOOT, json.dumps(given), *_paths()]
        try:
            with theirs:
                self._process = subprocess.Popen(
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={},
                    cwd="/",
                    process_group=0,
                )
        except OSError as error:
            self._link.close()
            raise _no_start(str(error)) from error
        self._link.settimeout(START_SECONDS)
        try:
            self._begun()
        except BaseException:
            self.end()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def _begun(self) -> None:
        try:
            told = json.loads(wire.receive(self._link))
        except wire.Closed as error:
            raise _no_start(f"it ended with status {self._died().status}") from error
        except TimeoutError as error:
            raise _no_start(f"it said nothing within {START_SECONDS:.0f} s") from error
        if "failed" in told:
            raise _no_start(told["failed"])

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: bytes, *, seconds: float) -> tuple[list[Any], float]:
        """Its answers to a request's jobs, and the seconds that it computed.

        `Died`; `TimeoutError` where nothing comes for `seconds`.
        """
        self._link.settimeout(seconds)
        try:
            wire.send(self._link, request)
            told = json.loads(wire.receive(self._link))
            return told["answers"], told["seconds"]
        except wire.Closed as error:
            raise self._died() from error

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._link.close()

    def forget(self) -> None:
        """In a process that was forked from the one that it belongs to."""
        self._link.close()
        self._process.returncode = 0

    def _died(self) -> Died:
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        return Died(self._process.wait())


def _paths() -> list[str]:
    """Where our package and the libraries that an evaluator uses are."""
    found = [str(Path(__file__).parents[3])]
    for name in LIBRARIES:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            found.append(str(Path(spec.origin).parents[name.count(".") + 1]))
    return list(dict.fromkeys(found))


def _no_start(why: str) -> Unavailable:
    return Unavailable(
        f"the process for expressions and templates does not start: {why}",
        hint="the machine may be short of memory",
    )
