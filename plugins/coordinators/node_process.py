"""The worker's side of a node process (`officeflow.worker`): it is made when it is needed, kept, and replaced
when it is gone.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from typing import Any

from officeflow.worker import process as node_process
from officeflow.worker.messages import Outcome

READ_AT_ONCE = 65536


class Crashed(Exception):
    """The process is gone in the middle of an order. `status` is its exit status, negative for a signal."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(slots=True)
class Running:
    pid: int
    pipe: Pipe
    output: int
    """Reads what the process prints."""
    printed: bytearray = field(default_factory=bytearray)
    prints: bool = True
    """False when it has closed its output."""

    def close(self) -> int:
        """Wait for its end, and return its status."""
        self.pipe.close()
        os.close(self.output)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)


class Kept:
    """The one node process of a worker."""

    def __init__(self) -> None:
        self._running: Running | None = None
        self._owner = os.getpid()

    @property
    def pid(self) -> int | None:
        """Of the process that is there now."""
        return self._running.pid if self._running else None

    def begin(self, order: Any) -> None:
        """Give it to the process, which is started where there is none; one that ended unnoticed between two
        orders is replaced.
        """
        try:
            self._process().pipe.send(order)
        except OSError:
            self._gone()
            self._process().pipe.send(order)

    def answer(self, message: Any) -> None:
        """To what the process wants. `Crashed` when it is gone."""
        try:
            self._process().pipe.send(message)
        except OSError as error:
            raise Crashed(self._gone()) from error

    def receive(self, seconds: float, print_line: Callable[[str], None]) -> Any:
        """Its next message, or None: after so many seconds, or sooner when it has printed something, which
        `print_line` gets.

        `Crashed` when it is gone.
        """
        running = self._process()
        ready = wait([running.pipe, running.output] if running.prints else [running.pipe], seconds)
        if running.output in ready:
            running.prints = _read(running, print_line)
        return self._message(running, print_line) if running.pipe in ready else None

    def finished(self, retire: str) -> None:
        """The order is done; where the process said why it should run no more, another one follows it."""
        if retire:
            self._gone()

    def kill(self) -> None:
        """Stop it in the middle of whatever it does; the ledger knows how to go on."""
        if self._running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._running.pid, signal.SIGKILL)
            self._gone()

    def _message(self, running: Running, print_line: Callable[[str], None]) -> Any:
        try:
            message = running.pipe.recv()
        except (EOFError, OSError) as error:
            _drain(running, print_line)
            raise Crashed(self._gone()) from error
        if isinstance(message, Outcome):
            _drain(running, print_line)
        return message

    def _gone(self) -> int:
        running, self._running = self._running, None
        return running.close() if running is not None else 0

    def _process(self) -> Running:
        if self._owner != os.getpid():  # this worker was itself forked from one that has a process
            self._running, self._owner = None, os.getpid()
        if self._running is None:
            self._running = _fork()
        return self._running


def _fork() -> Running:
    ours, theirs = multiprocessing.Pipe()
    output, printing = os.pipe()
    pid = os.fork()
    if pid == 0:
        ours.close()
        node_process.main(theirs, printing)
    theirs.close()
    os.close(printing)
    os.set_blocking(output, False)
    return Running(pid, ours, output)


def _read(running: Running, print_line: Callable[[str], None]) -> bool:
    """Print the whole lines that are there; False at the end of its output."""
    try:
        chunk = os.read(running.output, READ_AT_ONCE)
    except BlockingIOError:
        return True
    running.printed += chunk
    *lines, rest = running.printed.split(b"\n")
    running.printed[:] = rest
    for line in lines:
        print_line(line.decode("utf-8", "replace"))
    return bool(chunk)


def _drain(running: Running, print_line: Callable[[str], None]) -> None:
    """Print all that it has printed until now."""
    while running.prints and wait([running.output], 0):
        running.prints = _read(running, print_line)
    if running.printed:
        print_line(running.printed.decode("utf-8", "replace"))
        running.printed.clear()
