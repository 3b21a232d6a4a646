"""`trial.mess`."""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import Any

import structlog
from pydantic import Field

from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeParams, NodeSpec

MARK = "TRIAL_MESS"
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGALRM)


class Params(NodeParams):
    """None."""


class Result(NodeOutput):
    """What it found when it came."""

    pid: int = Field(description="Of the process it ran in.")
    found: list[str] = Field(description="Traces of a node that ran here before it.")


class Mess(Node[Params, None, Result]):
    """A node that leaves everything behind that a process can keep, and tells what it found of another
    one.
    """

    spec = NodeSpec(type="trial.mess", title="Mess", group="Trial", effect=Effect.PURE)

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        found = [name for name, is_there in _traces().items() if is_there]
        act.note(f"found {found or 'nothing'} in process {os.getpid()}")
        _leave()
        return Result(pid=os.getpid(), found=found)


def _traces() -> dict[str, Any]:
    return {
        "environment": MARK in os.environ,
        "folder": os.getcwd() == "/",  # noqa: PTH109
        "context variables": MARK in structlog.contextvars.get_contextvars(),
        "standard output": isinstance(sys.stdout, io.StringIO),
        "signal handlers": any(signal.getsignal(number) is _ignore for number in SIGNALS),
    }


def _leave() -> None:
    os.environ[MARK] = "1"
    os.chdir("/")
    structlog.contextvars.bind_contextvars(**{MARK: 1})
    sys.stdout = io.StringIO()
    for number in SIGNALS:
        signal.signal(number, _ignore)


def _ignore(number: int, frame: object) -> None:
    del number, frame
