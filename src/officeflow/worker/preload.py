"""What nodes import, imported early: a process that is forked after this finds it there."""

from __future__ import annotations

import importlib

MODULES = (
    "officeflow.expressions.cel",
    "officeflow.expressions.templates",
    "officeflow.worker.process",
    "httpx",
    "opentelemetry.trace.propagation.tracecontext",
)
"""Modules that are imported by functions, when they first need them."""


def preload() -> None:
    """Takes about a second, once; it opens nothing and starts no thread."""
    from officeflow.catalog.registry import node_type, type_names
    from officeflow.connectors.providers import load_clients

    for name in MODULES:
        importlib.import_module(name)
    load_clients()
    for name in type_names():
        node_type(name).schema()
