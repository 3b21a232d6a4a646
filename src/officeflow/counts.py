"""Numbers of things, in words."""

from __future__ import annotations


def counted(number: int, thing: str, several: str = "") -> str:
    """`1 run`, `2 runs`; `several` where the plural is no mere `s`."""
    return f"{number} {thing if number == 1 else several or f'{thing}s'}"
