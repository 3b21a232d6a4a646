"""What to say where an operator does not take the types that it was given."""

from __future__ import annotations

import re

NAMES = {
    "int": "a whole number (int)",
    "int64": "a whole number (int)",
    "uint64": "a whole number (uint)",
    "double": "a number with decimals (double)",
    "string": "text (string)",
    "bool": "true or false (bool)",
    "null_type": "null",
    "list": "a list",
    "map": "an object (map)",
    "timestamp": "a moment (timestamp)",
    "duration": "a duration",
}
WHOLE = frozenset({"int", "int64"})

_AT_RUN = re.compile(r"No matching overloads found : (\S+?)\((.*)\)\s*\Z")
_AT_CHECK = re.compile(r"found no matching overload for '(\S+?)' applied to '\((.*)\)'")


def hint_of(message: str, *, numbers_only: bool = False) -> str:
    """What was given and what to write instead, by CEL's message that no overload matches; "" where it says
    something else.

    With `numbers_only` only of whole numbers and numbers with decimals that meet.
    """
    found = _AT_RUN.search(message) or _AT_CHECK.search(message)
    if found is None:
        return ""
    operator, types = found[1].strip("_") or found[1], [kind.strip() for kind in found[2].split(",")]
    mixed = "double" in types and not WHOLE.isdisjoint(types)
    if len(types) > 2 or not all(kind in NAMES for kind in types) or (numbers_only and not mixed):
        return ""
    advice = _advice(operator, set(types))
    return f"`{operator}` does not take {' and '.join(NAMES[kind] for kind in types)}" + (
        f": {advice}" if advice else ""
    )


def _advice(operator: str, types: set[str]) -> str:
    if "null_type" in types:
        return "test for null first: `x == null ? … : …`"
    if "double" in types and types & WHOLE:
        return "write the whole number with a point (40.0 for 40), or convert: `double(x)`"
    if "string" in types and operator == "+":
        return "turn the other one into text: `string(x)`"
    if "string" in types:
        return "turn the text into what it stands for: `int(x)`, `double(x)`, `timestamp(x)`"
    return ""
