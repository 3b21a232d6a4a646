"""One node must not see what another one left behind in the process."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

import structlog

SIGNALS = (
    signal.SIGALRM,
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGCHLD,
    signal.SIGHUP,
    signal.SIGPIPE,
)


@dataclass(frozen=True, slots=True)
class Cleanliness:
    """What the process was like before its first node."""

    environment: Mapping[str, str]
    folder: str
    umask: int
    handlers: Mapping[int, Any]
    streams: tuple[TextIO, TextIO]
    root_level: int
    log_settings: Mapping[str, Any]
    threads: int

    @classmethod
    def now(cls) -> Cleanliness:
        return cls(
            environment=dict(os.environ),
            folder=os.getcwd(),  # noqa: PTH109 - as os.chdir takes it
            umask=_umask(),
            handlers={number: signal.getsignal(number) for number in SIGNALS},
            streams=(sys.stdout, sys.stderr),
            root_level=logging.getLogger().level,
            log_settings=dict(structlog.get_config()),
            threads=threading.active_count(),
        )

    def restore(self) -> str:
        """Make it so again; says what cannot be undone, or "".

        Context variables need no care: each order has a context of its own.
        """
        sys.stdout, sys.stderr = self.streams
        for number, handler in self.handlers.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        if dict(os.environ) != self.environment:
            os.environ.clear()
            os.environ.update(self.environment)
        os.umask(self.umask)
        logging.getLogger().setLevel(self.root_level)
        structlog.configure(**self.log_settings)
        return next((why for check in (self._folder, self._threads, self._children) if (why := check())), "")

    def _folder(self) -> str:
        return _error_of(lambda: os.chdir(self.folder))

    def _threads(self) -> str:
        left = threading.active_count() - self.threads
        return f"{left} threads were left running" if left > 0 else ""

    def _children(self) -> str:
        """Those of this process's group: the evaluators of expressions are kept, and have groups of their
        own.
        """
        try:
            os.waitpid(0, os.WNOHANG)
        except ChildProcessError:
            return ""
        return "processes were left running"


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _error_of(act: Callable[[], None]) -> str:
    try:
        act()
    except OSError as error:
        return str(error)
    return ""
