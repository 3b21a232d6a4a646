r"""Regular expressions of tenants: how large a program RE2 makes of one, found before it does.

RE2 takes no longer than text and program are large, but a class such as `\pL` is thousands of instructions,
and `{500}` repeats them; the program is made anew at each call. The bound is for RE2's syntax
(https://github.com/google/re2/wiki/Syntax) and errs upwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_PATTERN = 1000
"""Characters of a pattern."""
MAX_PROGRAM = 10_000
"""Instructions, about 5 ms of compiling."""

UNICODE_CLASS = 2500
WIDE = 20
"""A range, `.` or negation beyond ASCII: its UTF-8 has several bytes."""

TOKEN = re.compile(
    r"""(?P<quoted>\\Q.*?(?:\\E|\Z))|(?P<unicode>\\[pP](?:\{[^}]*\}|.))|(?P<code>\\x\{[^}]*\}|\\x[0-9A-Fa-f]{2})|(?P<escape>\\.)"""
    r"""|(?P<set>\[\^?\]?(?:\[:\^?\w+:\]|\\[pP](?:\{[^}]*\}|.)|\\x\{[^}]*\}|\\.|[^\]\\])*\])"""
    r"""|(?P<open>\((?:\?(?:P?<[^>]*>|[imsU-]*:?))?)|(?P<close>\))|(?P<repeat>\{(?P<least>\d+)(?P<to>,(?P<most>\d*))?\})"""
    r"""|(?P<times>[*+?])|(?P<any>\.)|(?P<other>.)""",
    re.DOTALL,
)
IGNORES_CASE = re.compile(r"\(\?[msU]*i")


@dataclass(slots=True)
class _Group:
    """`before`: all but the last atom, which a repetition behind it concerns."""

    before: int = 1
    last: int = 0

    def add(self, weight: int) -> None:
        self.before += self.last
        self.last = weight

    @property
    def total(self) -> int:
        return self.before + self.last


@dataclass(slots=True)
class _Sum:
    groups: list[_Group] = field(default_factory=lambda: [_Group()])

    def take(self, token: re.Match[str]) -> None:
        group = self.groups[-1]
        match token.lastgroup:
            case "open":
                self.groups.append(_Group())
            case "close" if len(self.groups) > 1:
                inner = self.groups.pop()
                self.groups[-1].add(inner.total + 2)
            case "repeat" | "least" | "to" | "most":
                group.last = (group.last + 1) * max(1, int(token["least"]) + 1, int(token["most"] or 0))
            case "times":
                group.last += 1
            case _:
                group.add(_atom(token))


def program_size(pattern: str) -> int:
    """Instructions that RE2 needs for the pattern, at most."""
    found = _Sum()
    for token in TOKEN.finditer(pattern):
        found.take(token)
    return sum(group.total for group in found.groups) * (2 if IGNORES_CASE.search(pattern) else 1)


def _atom(token: re.Match[str]) -> int:
    text = token[0]
    match token.lastgroup:
        case "quoted":
            return len(text.encode("utf-8", "replace"))
        case "unicode":
            return UNICODE_CLASS
        case "set":
            return _set(text)
        case "any":
            return WIDE
        case "escape" | "code":
            return 5
    return len(text.encode("utf-8", "replace"))


def _set(text: str) -> int:
    classes = len(re.findall(r"\\[pP]", text))
    wide = WIDE if text.startswith("[^") or not text.isascii() or "\\" in text else 2
    return classes * UNICODE_CLASS + wide * len(text)
