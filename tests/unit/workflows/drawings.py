"""Small definitions for the tests of validation, and what it finds in them."""

from __future__ import annotations

from typing import Any

from officeflow.errors import Problem
from officeflow.workflows.validation import validate

CONNECTIONS = {"directory": "scim", "mail": "smtp", "calendar": "caldav", "shop": "http"}


def record(key: str, **fields: Any) -> dict[str, Any]:
    """A node that is right."""
    return {"id": key, "type": "audit.record", "params": {"action": "a", "subject": "s"}, **fields}


def definition(*nodes: Any, edges: Any = None, **fields: Any) -> dict[str, Any]:
    base = {"slug": "x", "name": "X", "trigger": {"events": ["employee.onboard"]}}
    return {**base, "nodes": list(nodes or [record("a")]), "edges": edges or [], **fields}


def edge(source: str, target: str, condition: str | None = None) -> dict[str, Any]:
    return {"from": source, "to": target} | ({"condition": condition} if condition else {})


def found(raw: Any) -> dict[str, Problem]:
    problems = validate(raw, lambda: CONNECTIONS)
    return {problem.path: problem for problem in reversed(problems)}
