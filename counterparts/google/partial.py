"""Partial responses: the parameter `fields` says what of an answer is wanted.

https://developers.google.com/workspace/admin/directory/v1/guides/performance#partial-response
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from counterparts.google.failures import invalid

PARTS = re.compile(r"[^,/()]+|[,/()]")

Wanted = Mapping[str, "Wanted | None"]
"""The fields, and of each what is wanted of it; None is all of it."""


def partial(answer: Any, fields: str | None) -> Any:
    """The answer without what is not wanted; all of it where no fields are named. Raises `Refused`."""
    return _of(answer, _read(fields)) if fields else answer


def _of(value: Any, wanted: Wanted | None) -> Any:
    if wanted is None or "*" in wanted:
        return value
    if isinstance(value, list):
        return [_of(each, wanted) for each in value]
    if isinstance(value, dict):
        return {name: _of(value[name], of_it) for name, of_it in wanted.items() if name in value}
    return value


@functools.lru_cache(maxsize=32)
def _read(fields: str) -> Wanted:
    parts = iter(PARTS.findall(fields.replace(" ", "")))
    wanted, end = _list(parts)
    if end:
        raise invalid("fields")
    return wanted


def _list(parts: Iterator[str]) -> tuple[Wanted, str]:
    """Up to what ends it: a bracket, or nothing."""
    wanted: dict[str, Wanted | None] = {}
    end = ","
    while end == ",":
        name = next(parts, "")
        if not name or name in ",/()":
            raise invalid("fields")
        wanted[name], end = _rest(parts)
    return wanted, end


def _rest(parts: Iterator[str]) -> tuple[Wanted | None, str]:
    """What is wanted of the field that was just named, and what comes behind it."""
    follows = next(parts, "")
    if follows == "(":
        inside, closed = _list(parts)
        if closed != ")":
            raise invalid("fields")
        return inside, next(parts, "")
    if follows == "/":
        name = next(parts, "")
        if not name or name in ",/()":
            raise invalid("fields")
        inner, end = _rest(parts)
        return {name: inner}, end
    return None, follows
