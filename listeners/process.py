"""What every process of ours does around its work: settings, logs, signals, the port guard, a health file."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

import structlog

from officeflow import logs
from officeflow.errors import InvalidInput, NotKnown, OfficeFlowError
from officeflow.runtime.health import Health
from officeflow.runtime.own_ports import guard
from officeflow.settings import Settings, load_settings

log = structlog.get_logger(__name__)


class Backoff:
    """Waiting that grows from `first` to `most` seconds with each failure, and starts anew after a
    success.
    """

    def __init__(self, stop: threading.Event, *, first: float = 0.2, most: float = 5.0) -> None:
        self._stop = stop
        self._first = first
        self._most = most
        self._failures = 0

    def wait(self) -> None:
        """Returns early when the process is to stop."""
        self._stop.wait(min(self._most, self._first * 2**self._failures))
        self._failures = min(self._failures + 1, 30)

    def reset(self) -> None:
        self._failures = 0


def stop_on_signals() -> threading.Event:
    """Set on SIGTERM and SIGINT: finish what you are doing, then end."""
    stop = threading.Event()

    def ask(number: int, _: FrameType | None) -> None:
        log.info("asked to stop", signal=signal.Signals(number).name)
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return stop


def main(name: str, work: Callable[[Settings, Health, threading.Event], None]) -> int:
    """Run `work` until it returns.

    Exit status: 0 stopped when asked, 2 wrong settings, 1 any other error of ours.
    """
    guard()
    try:
        settings = load_settings()
        logs.configure(settings, process=name)
        health = Health(settings.home, name)
        stop = stop_on_signals()
        log.info("started", pid=os.getpid())
        work(settings, health, stop)
    except OfficeFlowError as error:
        log.critical("ended", error=str(error), code=error.code)
        return 2 if isinstance(error, InvalidInput | NotKnown) else 1
    health.gone()
    log.info("stopped")
    return 0
