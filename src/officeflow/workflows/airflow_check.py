"""Whether Airflow takes definitions, asked of its own code in another process: it is never imported here.

Beside the dag-processor a process is kept that has imported Airflow (`dag_factory.checker`). It listens on
the Unix socket that OFFICEFLOW_CHECK_SOCKET names, and checks in a process forked for each caller. Where none
listens there, or one of another account or with other code (`check_code.fingerprint`), a new process is
started for the check (`python -m dag_factory.check`): the verdict is the same, some seconds later.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from officeflow.errors import Unavailable
from officeflow.expressions.evaluator import wire
from officeflow.settings import Settings, load_settings
from officeflow.workflows import check_code

CHECK_SECONDS = 120.0
HELLO_SECONDS = 2.0
"""A kept process that has not answered by then is too busy: a new one is not slower."""

FINGERPRINT, CHECK, ANSWERS, REFRESH = "fingerprint", "check", "answers", "refresh"
"""Fields of what is said on the socket. The kept process begins, with its fingerprint."""

CREDENTIALS = struct.Struct("3i")
"""Linux's `struct ucred`: process, user, group."""

Request = Mapping[str, Any]
Answer = Mapping[str, Any]


class Kept(StrEnum):
    """What became of the process that is kept for checks."""

    READY = "ready"
    OTHER = "other"
    """It has other code, packages or settings than this process."""
    ABSENT = "absent"


class _NotReady(Exception):
    """The kept process is not to be asked. `kept` says why."""

    def __init__(self, kept: Kept) -> None:
        super().__init__(kept)
        self.kept = kept


def airflow_check(requests: Sequence[Request]) -> Sequence[Answer]:
    """Of each `{"org", "slug", "version", "definition"}`, in their order, `{"slug", "ok", "error"}`.

    `Unavailable` where it could not be looked at, or took longer than `CHECK_SECONDS`.
    """
    try:
        return _by_the_kept_process(requests)
    except (_NotReady, wire.Closed):  # one that died of this check leaves it to a process that can say why
        return _by_a_new_process(requests)


def kept_process(settings: Settings) -> Kept:
    """Whether there is one that would be asked now."""
    try:
        with _greeted(settings):
            return Kept.READY
    except _NotReady as why:
        return why.kept


def wake_dag_processor() -> None:
    """Tell Airflow's dag-processor that something was published. Where nobody hears it, it looks by itself,
    within seconds.
    """
    try:
        with _connected(load_settings()) as link:
            wire.receive(link)
            wire.send(link, json.dumps({REFRESH: True}).encode())
    except (_NotReady, wire.Closed, OSError):
        return


def is_ours(link: socket.socket) -> bool:
    """Whether the process at the other end of a Unix socket belongs to our account."""
    told = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    return bool(CREDENTIALS.unpack(told)[1] == os.geteuid())


@contextmanager
def _connected(settings: Settings) -> Iterator[socket.socket]:
    """`_NotReady` where no process of ours listens."""
    if not settings.check_socket:
        raise _NotReady(Kept.ABSENT)
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(HELLO_SECONDS)
        try:
            link.connect(settings.check_socket)
        except OSError as error:
            raise _NotReady(Kept.ABSENT) from error
        if not is_ours(link):
            raise _NotReady(Kept.ABSENT)
        yield link


@contextmanager
def _greeted(settings: Settings) -> Iterator[socket.socket]:
    """A connection to the kept process, whose code is ours."""
    with _connected(settings) as link:
        try:
            hello = json.loads(wire.receive(link))
        except (wire.Closed, TimeoutError) as error:
            raise _NotReady(Kept.ABSENT) from error
        if hello[FINGERPRINT] != check_code.fingerprint(settings):
            raise _NotReady(Kept.OTHER)
        yield link


def _by_the_kept_process(requests: Sequence[Request]) -> Sequence[Answer]:
    with _greeted(load_settings()) as link:
        link.settimeout(CHECK_SECONDS)
        try:
            wire.send(link, json.dumps({CHECK: list(requests)}).encode())
            answers: Sequence[Answer] = json.loads(wire.receive(link))[ANSWERS]
        except TimeoutError as error:
            raise _too_long() from error
    return answers


def _by_a_new_process(requests: Sequence[Request]) -> Sequence[Answer]:
    command = [sys.executable, "-m", "dag_factory.check"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(list(requests)),
            capture_output=True,
            text=True,
            timeout=CHECK_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_long() from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"it ended with status {done.returncode}"])[-1]
        raise Unavailable(
            f"the DAG could not be built, nothing was published: {last}",
            hint="`python -m dag_factory.check` shows more",
        )
    answers: Sequence[Answer] = json.loads(done.stdout)
    return answers


def _too_long() -> Unavailable:
    return Unavailable(f"building the DAG took longer than {CHECK_SECONDS:.0f} s; nothing was published")
