"""A task's log that may lose lines and never stops the task: a full disk is no reason not to act, and nobody
reads what is not there.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable
from typing import Any

import structlog


class LossyLog:
    """Writes to `logger`, a structlog logger.

    A line that cannot be written is lost; the next that can says how many were, and why.
    """

    def __init__(self, logger: Any) -> None:
        self._logger = logger
        self._lost = 0
        self._reason = ""

    def log(self, level: int, text: str, **values: Any) -> None:
        if self._lost:
            lost, self._lost = self._lost, 0
            if not self._write(
                "warning", f"{lost} lines of this log were lost before this one: {self._reason}"
            ):
                self._lost += lost - 1
        self._write("log", level, text, **values)

    def info(self, text: str, **values: Any) -> None:
        self.log(20, text, **values)

    def warning(self, text: str, **values: Any) -> None:
        self.log(30, text, **values)

    def error(self, text: str, **values: Any) -> None:
        self.log(40, text, **values)

    def _write(self, method: str, *arguments: Any, **values: Any) -> bool:
        try:
            getattr(self._logger, method)(*arguments, **values)
        except (OSError, ValueError) as error:  # no room, a broken disk, a file that was closed
            if not self._reason:
                _tell(f"a task's log loses lines, its node goes on: {error}")
            self._lost, self._reason = self._lost + 1, str(error)
            return False
        return True


def _tell(text: str) -> None:
    """To the worker's own log, which may lie on the same disk."""
    try:
        print(text, file=sys.stderr, flush=True)  # noqa: T201 - that is its log
    except (OSError, ValueError):
        return


def lossy(logger: Any) -> Any:
    """The same structlog logger, on a sink that loses what it cannot write: for code of Airflow's, which does
    not expect that.
    """
    sink, processors, context = logger._logger, logger._processors, logger._context  # noqa: SLF001 - as Airflow takes it apart itself
    return structlog.wrap_logger(_Sink(sink), processors=processors, **context).bind()


class _Sink:
    """Stands for what a structlog logger writes to."""

    def __init__(self, sink: Any) -> None:
        self._sink = sink

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._sink, name)
        return functools.partial(_try, found) if callable(found) else found


def _try(write: Callable[..., Any], *arguments: Any, **values: Any) -> Any:
    with contextlib.suppress(OSError, ValueError):
        return write(*arguments, **values)
    return None
