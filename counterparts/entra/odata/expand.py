"""`$expand`: one navigation property, with `$select` and `$levels` of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from counterparts.entra.errors import malformed, unsupported_query

FORM = re.compile(r"(\w+)(?:\((.*)\))?")
FARTHEST = 1000


@dataclass(frozen=True, slots=True)
class Expand:
    """`levels` is how far the same navigation is followed: 1 is its objects alone."""

    name: str
    select: tuple[str, ...] = ()
    levels: int = 1


def parse(text: str, allowed: frozenset[str], cast: str) -> Expand:
    match = FORM.fullmatch(text.strip())
    if match is None:
        raise malformed(f"Parsing OData Select and Expand failed: Syntax error in '{text}'.")
    if match[1] not in allowed:
        if "," in text:
            raise unsupported_query("Only one $expand is supported.")
        raise malformed(
            "Parsing OData Select and Expand failed: Could not find a property named"
            f" '{match[1]}' on type '{cast}'."
        )
    options = dict(_option(part) for part in (match[2] or "").split(";") if part)
    select = tuple(name.strip() for name in options.get("$select", "").split(",") if name.strip())
    return Expand(match[1], select, _levels(options.get("$levels", "1")))


def _option(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if name.strip() not in {"$select", "$levels"}:
        raise malformed(f"Parsing OData Select and Expand failed: '{name}' is not supported here.")
    return name.strip(), value.strip()


def _levels(text: str) -> int:
    if text == "max":
        return FARTHEST
    if not text.isdecimal() or not 1 <= int(text) <= FARTHEST:
        raise malformed("Parsing OData Select and Expand failed: $levels is a number or max.")
    return int(text)
