"""What nodes import, imported early: a process that is forked after this finds it there."""

from __future__ import annotations

import importlib

MODULES = (
    "officeflow.connectors.providers",
    "officeflow.connectors.scim",
    "officeflow.connectors.smtp",
    "officeflow.connectors.caldav",
    "officeflow.expressions.cel",
    "officeflow.expressions.jinja",
    "officeflow.worker.process",
    "httpx",
    "psycopg",
    "opentelemetry.trace.propagation.tracecontext",
)


def preload() -> None:
    """Takes about a second, once; it opens nothing and starts no thread."""
    from officeflow.catalog.registry import node_type, type_names

    for name in MODULES:
        importlib.import_module(name)
    for name in type_names():
        node_type(name).schema()
