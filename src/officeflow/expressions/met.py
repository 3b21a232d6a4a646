"""The types of what an expression has read: never the values, which may be personal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

MOST = 8
LONGEST = 100
MISSING = object()

TYPES: Mapping[type, str] = {
    type(None): "null",
    bool: "bool",
    int: "int",
    float: "double",
    str: "string",
    list: "list",
    dict: "map",
}


def met(paths: Iterable[tuple[str, ...]], data: Mapping[str, Any]) -> str:
    """`it read nodes.a.output.count (int), employee.title (null)`, of values in CEL's terms; "" where it read
    nothing. Of a way that leads nowhere the part that is not there is `missing`.
    """
    listed = set(paths)
    ends = sorted(path for path in listed if not any(_leads_on(path, other) for other in listed))
    told = [f"{'.'.join(path)[:LONGEST]} ({kind})" for path, kind in (_kind(path, data) for path in ends)]
    more = f" and {len(told) - MOST} more" if len(told) > MOST else ""
    return f"it read {', '.join(told[:MOST])}{more}" if told else ""


def _leads_on(path: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return len(other) > len(path) and other[: len(path)] == path


def _kind(path: tuple[str, ...], data: Any) -> tuple[tuple[str, ...], str]:
    """The type of what is there, and how far the way leads."""
    found: Any = data
    for depth, name in enumerate(path, 1):
        if not isinstance(found, Mapping):
            return path[: depth - 1], TYPES.get(type(found), type(found).__name__)
        found = found.get(name, MISSING)
        if found is MISSING:
            return path[:depth], "missing"
    return path, TYPES.get(type(found), type(found).__name__)
