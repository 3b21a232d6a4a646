"""Airflow's structured task logs as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LEADING = ("timestamp", "level", "event")
NOISE = frozenset({"logger", "filename", "lineno", "chan", "loc"})


def render(entry: Mapping[str, Any] | str) -> str:
    """`2026-01-01T00:00:00Z info suspended system=scim key=ab12…`."""
    if isinstance(entry, str):
        return entry
    lead = [str(entry[name]) for name in LEADING if entry.get(name)]
    rest = [f"{name}={value}" for name, value in sorted(entry.items()) if name not in LEADING and name not in NOISE]
    return " ".join([*lead, *rest])
