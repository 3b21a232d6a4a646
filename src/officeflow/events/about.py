"""Whom a run is about, in one line: Airflow shows it as the run's note, to everybody who may see the run."""

from __future__ import annotations

import re

LONGEST = 1000
"""What Airflow keeps of a note."""

LONGEST_NAME = 100

_MARKS = re.compile(r"([\\`*\[\]<>|~&#!]|(?<![^\W_])_|_(?![^\W_]))")
"""What Markdown would read as more than the character itself."""


def about(employee: str, name: str, kind: str, *, event: str = "") -> str:
    """`employee` is the HR system's identifier, `name` what may be shown of the person's, `event` the id of
    the event that started the run.

    It is Markdown, in which what others wrote is only text.
    """
    who = f"{name[:LONGEST_NAME]} ({employee})" if name else employee
    why = f"event {event}" if event else "started by hand"
    return _MARKS.sub(r"\\\1", f"{who}: {kind}, {why}")[:LONGEST]
