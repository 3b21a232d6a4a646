"""The process that is kept beside the dag-processor and checks definitions for publishers.

It is forked from the dag-processor's once that has imported Airflow, shares its memory, and ends with it. It
listens on a Unix socket for processes of its own account (`officeflow.workflows.airflow_check`) and does
nothing itself but fork: each caller has a process of its own, which may crash, hang or fill its memory
without hurting anybody, and in which node types of other packages are imported anew. One that learns that the
code on disk is not its own any more starts itself again.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from pydantic import TypeAdapter
from setproctitle import setproctitle

from dag_factory import check
from officeflow.expressions.evaluator import wire
from officeflow.workflows import check_code
from officeflow.workflows.airflow_check import (
    ANSWERS,
    CHECK,
    CHECK_SECONDS,
    FINGERPRINT,
    REFRESH,
    is_ours,
)

TITLE = "officeflow: checks definitions"
MOST_AT_ONCE = 4
"""Who comes when so many are checked waits, or starts a process of its own."""

LIMIT_SECONDS = CHECK_SECONDS + 5
"""After which a process that answers is killed: its caller has gone away before."""

GONE_SECONDS = 2.0
"""How long it goes on where its caller has gone away."""

PATIENCE_SECONDS = 10.0
"""How long a caller may take to say what it wants."""

LOOK_SECONDS = 0.5
STALE = 3
"""Exit status of a caller's process that found other code on disk."""

log = logging.getLogger(__name__)


def beside_this_process(path: str, fingerprint: str) -> socket.socket:
    """Fork the kept process. What it is told of publications arrives on the socket that is returned, a byte
    each; it ends when that process does.

    `fingerprint` is the code's from before anything was imported.
    """
    here, there = socket.socketpair()
    pid = os.fork()
    if pid:
        there.close()
        return here
    try:
        here.close()
        Checker(path, fingerprint, there).serve()
    except BaseException:
        log.exception("the process that checks definitions has ended")
    finally:
        os._exit(1)


@dataclass(slots=True)
class Caller:
    """`ends` is when the process is killed that answers."""

    link: socket.socket
    ends: float


class Checker:
    """`news` is where the dag-processor hears of publications."""

    def __init__(
        self, path: str, fingerprint: str, news: socket.socket, *, limit_seconds: float = LIMIT_SECONDS
    ) -> None:
        self._path = path
        self._fingerprint = fingerprint
        self._news = news
        self._limit_seconds = limit_seconds
        self._callers: dict[int, Caller] = {}
        """By the pid of the process that answers."""

    def serve(self) -> NoReturn:
        setproctitle(TITLE)
        gc.freeze()  # what is shared stays shared
        with listening(self._path) as door:
            while True:
                self._let_in(door)
                self._look_after_callers()

    def _let_in(self, door: socket.socket) -> None:
        doors = [door] if len(self._callers) < MOST_AT_ONCE else []
        if not select.select(doors, [], [], LOOK_SECONDS if self._callers else None)[0]:
            return
        link, _ = door.accept()
        if is_ours(link) and not has_gone(link):
            self._fork_for(link, door)
        else:
            link.close()

    def _fork_for(self, link: socket.socket, door: socket.socket) -> None:
        pid = os.fork()
        if pid:
            self._callers[pid] = Caller(link, time.monotonic() + self._limit_seconds)
            return
        status = 1
        try:
            door.close()
            status = self._answer(link)
        except (wire.Closed, TimeoutError):
            status = 0  # the caller has gone away
        except BaseException:
            log.exception("a check of definitions failed")
        finally:
            os._exit(status)

    def _answer(self, link: socket.socket) -> int:
        """What a caller's process ends with."""
        link.settimeout(PATIENCE_SECONDS)
        wire.send(link, json.dumps({FINGERPRINT: self._fingerprint}).encode())
        try:
            asked = json.loads(wire.receive(link))
        except wire.Closed:  # the caller has other code: is it what is on disk?
            return 0 if check_code.fingerprint() == self._fingerprint else STALE
        if REFRESH in asked:
            self._news.send(b"\0")
        if CHECK in asked:
            check.confine(seconds=CHECK_SECONDS)
            requests = TypeAdapter(list[check.Request]).validate_python(asked[CHECK])
            wire.send(link, json.dumps({ANSWERS: check.answers(requests)}).encode())
        return 0

    def _look_after_callers(self) -> None:
        now = time.monotonic()
        for pid, caller in self._callers.items():
            if has_gone(caller.link):
                caller.ends = min(caller.ends, now + GONE_SECONDS)
            if caller.ends < now:
                os.kill(pid, signal.SIGKILL)
        if STALE in list(self._ended()):
            self._start_again()

    def _ended(self) -> Iterator[int]:
        """Exit statuses; none of those that were forked before this process started itself again."""
        with suppress(ChildProcessError):
            while (done := os.waitpid(-1, os.WNOHANG))[0]:
                if caller := self._callers.pop(done[0], None):
                    caller.link.close()
                    yield os.waitstatus_to_exitcode(done[1])

    def _start_again(self) -> NoReturn:
        """With the code on disk. Who is being answered is answered by a process of their own all the same."""
        log.warning("definitions are checked with the code that is on disk now")
        os.set_inheritable(self._news.fileno(), True)
        module = [sys.executable, "-m", "dag_factory.process", "checker"]
        os.execv(sys.executable, [*module, self._path, str(self._news.fileno())])  # noqa: S606 - no shell


def has_gone(link: socket.socket) -> bool:
    """Whether nobody is at the other end any more."""
    waiting = select.poll()
    waiting.register(link, 0)  # a hang-up is told unasked
    return bool(waiting.poll(0))


def listening(path: str) -> socket.socket:
    """A socket that this account alone may connect to, in the place of an older one."""
    new = Path(path).with_suffix(".new")
    new.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        door.bind(str(new))
    finally:
        os.umask(before)
    door.listen()
    new.replace(path)
    return door


def started_again(path: str, news: int, fingerprint: str) -> NoReturn:
    """In the program that `_start_again` runs, once Airflow is imported. `news` is the socket's number."""
    Checker(path, fingerprint, socket.socket(fileno=news)).serve()
