"""Structured logs: JSON lines with `org, workflow, run_id, node, correlation_id` wherever they are known."""

from __future__ import annotations

import logging
import sys

import structlog

from officeflow.settings import Settings

SECRET_WORDS = (
    "password",
    "token",
    "secret",
    "authorization",
    "api_key",
    "encryption_key",
    "audit_key",
    "audit_tag_key",
)


QUIET = ("httpx", "httpcore", "urllib3", "asyncio")
"""Libraries that tell of every request at INFO, which those who make it do in their own words."""


def quieten() -> None:
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _mask(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name in event:
        if any(word in name.lower() for word in SECRET_WORDS):
            event[name] = "***"
    return event


def configure(settings: Settings, *, process: str) -> None:
    """Set logging up for a process of ours, once, at its start. `process` is in every line."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _mask,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if settings.log_json else structlog.dev.ConsoleRenderer()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    quieten()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
