"""Text of others on a terminal: shown as it is, and never obeyed.

A terminal takes orders in the text that it shows (ECMA-48): to move the cursor, to set its title, to hide
what follows. Names, subjects and messages come from tenants and from other systems, so every character that
could be an order is shown by its number instead.
"""

from __future__ import annotations

import json
import re
from typing import Any

_ORDERS = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL and C1
    "\u061c\u202a-\u202e\u2066-\u2069"  # what changes the direction of writing (Unicode UAX 9)
    "\u200b\u200e\u200f\u2060\ufeff"  # is not seen at all, or turns what is beside it
    "\u2028\u2029"  # ends a line in some places, and not in others
    "\ud800-\udfff"  # half a character, which cannot be written at all
)
_LINE = re.compile(f"[{_ORDERS}]")
_TEXT = re.compile(f"(?![\n\t])[{_ORDERS}]")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def text(value: object) -> str:
    """`value` as text of several lines: all but line ends and tabs is escaped."""
    return _TEXT.sub(_number, str(value))


def line(value: object) -> str:
    """`value` as text of one line, for a cell or behind a title: line ends and tabs are escaped too."""
    return _LINE.sub(_number, str(value))


def log(value: str) -> str:
    """A line of a program's log: its colours are left out, all else is as in `line`."""
    return line(_COLOURS.sub("", value))


def as_json(value: Any, *, indent: int | None = None) -> str:
    """The same JSON value, with what a terminal could obey as escapes of JSON's own (RFC 8259 section 7)."""
    written = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    return _TEXT.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def _number(found: re.Match[str]) -> str:
    match found[0]:
        case "\n":
            return "\\n"
        case "\t":
            return "\\t"
        case character if ord(character) < 0x100:
            return f"\\x{ord(character):02x}"
        case character:
            return f"\\u{ord(character):04x}"
