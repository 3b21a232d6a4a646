"""Okta's expressions over resources (RFC 7644 section 3.4.2.2): `status eq "ACTIVE" and id pr`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from counterparts.okta import errors

TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:\\.|[^"\\])*")|(?P<punctuation>[()])|(?P<word>[A-Za-z_][\w.$-]*)"""
    r"""|(?P<number>-?\d+(?:\.\d+)?))"""
)
Matches = Callable[[Mapping[str, Any]], bool]
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: left == right,
    "ne": lambda left, right: left != right,
    "sw": lambda left, right: str(left).startswith(str(right)),
    "ew": lambda left, right: str(left).endswith(str(right)),
    "co": lambda left, right: str(right) in str(left),
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
}
CONSTANTS = {"true": True, "false": False, "null": None}


def parse(
    expression: str,
    *,
    attributes: Callable[[str], bool] | None = None,
    operators: frozenset[str] | None = None,
) -> Matches:
    """Whether a resource meets the expression. `attributes` says which may be named, `operators` which there
    are. Raises `Refused` (400 E0000031) for what is none.
    """
    parser = _Parser(expression, attributes or (lambda _: True), operators or frozenset({*COMPARED, "pr"}))
    return parser.whole()


def value_at(resource: Mapping[str, Any], path: str) -> Any:
    value: Any = resource
    for name in path.split("."):
        if isinstance(value, list):
            value = [each.get(name) for each in value if isinstance(each, Mapping)]
        else:
            value = value.get(name) if isinstance(value, Mapping) else None
    return value


class _Parser:
    def __init__(self, text: str, attributes: Callable[[str], bool], operators: frozenset[str]) -> None:
        self._attributes = attributes
        self._operators = operators
        self._tokens: list[tuple[str, str]] = []
        self._place = 0
        end = len(text.rstrip())
        at = 0
        while at < end:
            match = TOKEN.match(text, at)
            if match is None:
                raise _bad()
            self._tokens.append((match.lastgroup or "", match[match.lastgroup or 0]))
            at = match.end()

    def whole(self) -> Matches:
        found = self._either()
        if self._place != len(self._tokens):
            raise _bad()
        return found

    def _next(self) -> tuple[str, str]:
        if self._place >= len(self._tokens):
            raise _bad()
        self._place += 1
        return self._tokens[self._place - 1]

    def _take(self, word: str) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place][1].lower() == word:
            self._place += 1
            return True
        return False

    def _either(self) -> Matches:
        found = self._both()
        while self._take("or"):
            found = _or(found, self._both())
        return found

    def _both(self) -> Matches:
        found = self._one()
        while self._take("and"):
            found = _and(found, self._one())
        return found

    def _one(self) -> Matches:
        if self._take("not"):
            inner = self._one()
            return lambda resource: not inner(resource)
        if self._take("("):
            inner = self._either()
            if not self._take(")"):
                raise _bad()
            return inner
        return self._comparison()

    def _comparison(self) -> Matches:
        kind, path = self._next()
        _, operator = self._next()
        operator = operator.lower()
        if kind != "word" or not self._attributes(path) or operator not in self._operators:
            raise _bad()
        if operator == "pr":
            return lambda resource: value_at(resource, path) not in (None, "", [])
        value = self._value()
        return lambda resource: _holds(operator, value_at(resource, path), value)

    def _value(self) -> Any:
        kind, text = self._next()
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "number":
            return float(text)
        if text in CONSTANTS:
            return CONSTANTS[text]
        raise _bad()


def _holds(operator: str, found: Any, wanted: Any) -> bool:
    """Text is compared without regard to case, and of several values one is enough."""
    if isinstance(found, list):
        return any(_holds(operator, each, wanted) for each in found)
    if isinstance(found, str) and isinstance(wanted, str):
        return COMPARED[operator](found.casefold(), wanted.casefold())
    if operator in {"eq", "ne"}:
        return COMPARED[operator](found, wanted)
    return found is not None and type(found) is type(wanted) and COMPARED[operator](found, wanted)


def _or(left: Matches, right: Matches) -> Matches:
    return lambda resource: left(resource) or right(resource)


def _and(left: Matches, right: Matches) -> Matches:
    return lambda resource: left(resource) and right(resource)


def _bad() -> Exception:
    return errors.refused("E0000031")
