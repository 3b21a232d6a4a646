"""All that is logged while a node runs goes to its task's log, whoever logs it: nodes, connectors, the
ledger, libraries.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
from collections.abc import MutableMapping
from multiprocessing.connection import Connection as Pipe
from typing import Any

import structlog

from officeflow import logs
from officeflow.worker.messages import Line

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "warn": 30, "error": 40, "exception": 40, "critical": 50}


def send(pipe: Pipe, line: Line) -> None:
    """A worker that is gone takes no line; what is being done is done all the same, and the ledger has it."""
    with contextlib.suppress(OSError):
        pipe.send(line)


class TaskLog:
    """What nodes log with (`officeflow.sdk.Log`)."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    def info(self, event: str, **values: Any) -> None:
        self._send(logging.INFO, event, values)

    def warning(self, event: str, **values: Any) -> None:
        self._send(logging.WARNING, event, values)

    def error(self, event: str, **values: Any) -> None:
        self._send(logging.ERROR, event, values)

    def _send(self, level: int, event: str, values: dict[str, Any]) -> None:
        around = structlog.contextvars.get_contextvars()
        send(self._pipe, Line(text=event, level=level, values=plain({**around, **values})))


class _Handler(logging.Handler):
    def __init__(self, pipe: Pipe) -> None:
        super().__init__(logging.INFO)
        self._pipe = pipe

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
        except Exception:  # noqa: BLE001 - whatever a library logs
            self.handleError(record)
        else:
            send(self._pipe, Line(text=text, level=record.levelno, logger=record.name))


class _Forward:
    """The last of structlog's processors: sends the line instead of printing it."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    def __call__(self, _: Any, method: str, event: MutableMapping[str, Any]) -> Any:
        text = str(event.pop("event", ""))
        if trace := event.pop("exception", ""):
            text = f"{text}\n{trace}"
        name = str(event.pop("logger", "officeflow"))
        send(
            self._pipe,
            Line(text=text, level=_LEVELS.get(method, logging.INFO), logger=name, values=plain(event)),
        )
        raise structlog.DropEvent


def take_over(pipe: Pipe) -> None:
    """From now on everything that this process logs goes through `pipe`."""
    root = logging.getLogger()
    root.handlers = [_Handler(pipe)]
    root.setLevel(logging.INFO)
    logs.quieten()
    structlog.reset_defaults()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            _Forward(pipe),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )


def plain(values: MutableMapping[str, Any]) -> dict[str, Any]:
    """Values that can be sent: what is not JSON as text."""
    return {str(name): _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, dt.datetime):
        return value.isoformat()
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError):
        return str(value)
