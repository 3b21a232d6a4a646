"""Airflow's structured task logs as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

LEADING = ("timestamp", "level", "event")
ERRORS = frozenset({"error", "critical"})
NOISE = frozenset({"logger", "filename", "lineno", "chan", "loc"})


def render(entry: Mapping[str, Any] | str) -> str:
    """`2026-01-01T00:00:00Z info suspended system=scim key=ab12…`."""
    if isinstance(entry, str):
        return entry
    lead = [str(entry[name]) for name in LEADING if entry.get(name)]
    rest = [
        f"{name}={value}"
        for name, value in sorted(entry.items())
        if name not in LEADING and name not in NOISE
    ]
    return " ".join([*lead, *rest])


def last_error(entries: Sequence[Mapping[str, Any] | str]) -> str:
    """What a log says last of what went wrong, in a line: the last exception, or else the last error; ""
    where it says nothing.
    """
    errors = [entry for entry in entries if isinstance(entry, Mapping) and entry.get("level") in ERRORS]
    raised = [entry for entry in errors if entry.get("error_detail")]
    if raised:
        told: Sequence[Mapping[str, Any]] = raised[-1]["error_detail"]
        return f"{told[0].get('exc_type')}: {told[0].get('exc_value')}".partition("\n")[0]
    if not errors:
        return ""
    named = [
        f"{name}={value}"
        for name, value in sorted(errors[-1].items())
        if name not in LEADING and name not in NOISE
    ]
    return " ".join([str(errors[-1].get("event", "")), *named]).partition("\n")[0]
