"""The part of Okta's expression language that group rules use: `user.department=="Sales"`.

Attributes of the user, texts, numbers, `==` and `!=`, `and`, `or`, `not` (also `&&`, `||`, `!`), parentheses,
`String.startsWith`, `String.stringContains`, `String.toLowerCase`, `isMemberOfGroup`, `isMemberOfAnyGroup`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from counterparts.okta import errors

TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<sign>==|!=|&&|\|\||[()!,])|(?P<word>[A-Za-z_][\w.]*)|(?P<number>\d+))"""
)
WORDS = {"and": "&&", "or": "||", "not": "!", "eq": "==", "ne": "!="}


@dataclass(frozen=True)
class Person:
    """Whom an expression is about."""

    profile: Mapping[str, Any]
    groups: frozenset[str]


Value = Callable[[Person], Any]
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "String.startsWith": lambda _, text, start: str(text or "").startswith(start),
    "String.stringContains": lambda _, text, part: part in str(text or ""),
    "String.toLowerCase": lambda _, text: str(text or "").lower(),
    "isMemberOfGroup": lambda person, group: group in person.groups,
    "isMemberOfAnyGroup": lambda person, *groups: not person.groups.isdisjoint(groups),
}


def parse(expression: str) -> Callable[[Person], bool]:
    """Raises `Refused` (400) for what is none."""
    parser = _Parser(expression)
    value = parser.whole()
    return lambda person: bool(value(person))


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._place, at, end = 0, 0, len(text.rstrip())
        while at < end:
            match = TOKEN.match(text, at)
            if match is None:
                raise _bad()
            kind, token = match.lastgroup or "", match[match.lastgroup or 0]
            sign = WORDS.get(token.lower()) if kind == "word" else None
            self._tokens.append(("sign", sign) if sign else (kind, token))
            at = match.end()

    def whole(self) -> Value:
        found = self._either()
        if self._place != len(self._tokens):
            raise _bad()
        return found

    def _next(self) -> tuple[str, str]:
        if self._place >= len(self._tokens):
            raise _bad()
        self._place += 1
        return self._tokens[self._place - 1]

    def _take(self, sign: str) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place] == ("sign", sign):
            self._place += 1
            return True
        return False

    def _either(self) -> Value:
        parts = [self._both()]
        while self._take("||"):
            parts.append(self._both())
        return lambda person: any(part(person) for part in parts) if len(parts) > 1 else parts[0](person)

    def _both(self) -> Value:
        parts = [self._compared()]
        while self._take("&&"):
            parts.append(self._compared())
        return lambda person: all(part(person) for part in parts) if len(parts) > 1 else parts[0](person)

    def _compared(self) -> Value:
        left = self._one()
        for sign, same in (("==", True), ("!=", False)):
            if self._take(sign):
                right = self._one()
                return lambda person: (left(person) == right(person)) is same
        return left

    def _one(self) -> Value:
        if self._take("!"):
            inner = self._one()
            return lambda person: not inner(person)
        if self._take("("):
            inner = self._either()
            self._demand(")")
            return inner
        kind, token = self._next()
        if kind == "text":
            return lambda _: token[1:-1]
        if kind == "number":
            return lambda _: int(token)
        if kind != "word":
            raise _bad()
        return self._call(token) if self._take("(") else _attribute(token)

    def _call(self, name: str) -> Value:
        function = FUNCTIONS.get(name)
        if function is None:
            raise _bad()
        arguments: list[Value] = []
        while not self._take(")"):
            if arguments:
                self._demand(",")
            arguments.append(self._either())
        return lambda person: function(person, *(argument(person) for argument in arguments))

    def _demand(self, sign: str) -> None:
        if not self._take(sign):
            raise _bad()


def _attribute(name: str) -> Value:
    if name in {"true", "false", "null"}:
        constant = {"true": True, "false": False, "null": None}[name]
        return lambda _: constant
    root, _, attribute = name.partition(".")
    if root != "user" or not attribute:
        raise _bad()
    return lambda person: person.profile.get(attribute)


def _bad() -> Exception:
    return errors.invalid("conditions.expression", "The expression is not valid")
