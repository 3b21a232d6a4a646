"""Google's partial answers: what the query parameter `fields` selects of an answer.

https://developers.google.com/workspace/admin/directory/v1/guides/performance#partial-response
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Mask = Mapping[str, "Mask"]
"""By name what is selected below it; an empty one selects everything."""

TOKENS = re.compile(r"[A-Za-z0-9_.*$@-]+|[(),/]")


class WrongMask(ValueError):
    """The text selects nothing that can be read."""


def parse(text: str) -> Mask:
    """`users(id,name/fullName),nextPageToken` as a mask. Raises `WrongMask`."""
    tokens = TOKENS.findall(text)
    if "".join(tokens) != text.replace(" ", ""):
        raise WrongMask(text)
    mask, rest = _selections(tokens)
    if rest:
        raise WrongMask(text)
    return mask


def select(value: Any, mask: Mask) -> Any:
    """The part of a JSON value that the mask selects; of a list that of each element."""
    if not mask or ("*" in mask and not mask["*"]):
        return value
    if isinstance(value, list):
        return [select(each, mask) for each in value]
    if not isinstance(value, dict):
        return value
    below = mask.get("*")
    return {
        name: select(each, mask.get(name, below or {}))
        for name, each in value.items()
        if name in mask or below is not None
    }


def _selections(tokens: list[str]) -> tuple[dict[str, Mask], list[str]]:
    mask: dict[str, Mask] = {}
    while True:
        name, below, tokens = _selection(tokens)
        mask[name] = {**mask.get(name, {}), **below}
        if not tokens or tokens[0] != ",":
            return mask, tokens
        tokens = tokens[1:]


def _selection(tokens: list[str]) -> tuple[str, Mask, list[str]]:
    if not tokens or tokens[0] in "(),/":
        raise WrongMask("a name is missing")
    name, rest = tokens[0], tokens[1:]
    if rest[:1] == ["/"]:
        inner, below, rest = _selection(rest[1:])
        return name, {inner: below}, rest
    if rest[:1] == ["("]:
        several, rest = _selections(rest[1:])
        if rest[:1] != [")"]:
            raise WrongMask("a bracket is not closed")
        return name, several, rest[1:]
    return name, {}, rest
