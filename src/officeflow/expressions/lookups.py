"""Expressions that only look values up and compare them with texts, which needs no evaluator: they have no
loop, build nothing, and take no longer than reading the field does.

    body.employee.id        body.type == "employee.left"        "endDate" in body.changed && body.n != "x"

An evaluator finds out whether an expression is one of these (`lookup_of`) and tells what it looks up, as
JSON; `reader` makes a function of it. Where such a function gives a value, CEL gives the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from officeflow.expressions.ast import Call, Const, Ident, Items, Select, Tree

Lookup = list[Any]
"""`["path", name or index …]`, `["==", path, text]`, `["!=", …]`, `["in", text, path]`,
`["of", path, texts]`, `["&&", …]`, `["||", …]` or `["!", …]`.
"""

Reader = Callable[[Mapping[str, Any]], Any]
"""Takes the top-level names' values."""

HAS = re.compile(r"\bhas\s*\(")
"""The tree does not tell the macro from the field that it asks for."""


class NotThere(Exception):
    """A field that is read is not there, or is of no type that has fields. Its text is the path."""


def lookup_of(source: str, tree: Tree) -> Lookup | None:
    """None where the expression does anything else."""
    return None if HAS.search(source) else (_path(tree) or _condition(tree))


def _path(tree: Tree) -> Lookup | None:
    match tree:
        case Ident(name):
            return ["path", name]
        case Select(operand, step) | Call("_[_]", (operand, Const(str(step)))):
            before = _path(operand)
        case Call("_[_]", (operand, Const(int(step)))) if not isinstance(step, bool):
            before = _path(operand)
        case _:
            return None
    return None if before is None else [*before, step]


def _condition(tree: Tree) -> Lookup | None:
    match tree:
        case Call("_==_" | "_!=_" as name, (value, Const(str(text)))):
            return _with_path(name.strip("_"), value, text)
        case Call("@in", (Const(str(text)), value)) if (path := _path(value)) is not None:
            return ["in", text, path]
        case Call("@in", (value, Items(items))):
            texts = [item.value for item in items if isinstance(item, Const)]
            wanted = len(texts) == len(items) and all(isinstance(text, str) for text in texts)
            return _with_path("of", value, texts) if wanted else None
        case Call("_&&_" | "_||_" as name, parts):
            found = [_condition(part) for part in parts]
            return None if None in found else [name.strip("_"), *found]
        case Call("!_", (part,)):
            inner = _condition(part)
            return None if inner is None else ["!", inner]
    return None


def _with_path(name: str, value: Tree, compared: Any) -> Lookup | None:
    path = _path(value)
    return None if path is None else [name, path, compared]


def reader(lookup: Lookup) -> Reader:
    """What gives the value that CEL gives; it raises `NotThere` where CEL ends with an error."""
    kind, *parts = lookup
    match kind:
        case "path":
            return _follow(tuple(parts))
        case "==" | "!=" | "of":
            return _comparison(kind, reader(parts[0]), parts[1])
        case "in":
            return _membership(parts[0], reader(parts[1]))
        case "!":
            inner = reader(parts[0])
            return lambda values: not inner(values)
    return _either(kind == "||", tuple(map(reader, parts)))


def _follow(path: tuple[str | int, ...]) -> Reader:
    def read(values: Mapping[str, Any]) -> Any:
        found: Any = values
        step: Any
        for step in path:
            if isinstance(found, dict if isinstance(step, str) else list):
                try:
                    found = found[step]
                    continue
                except LookupError:
                    pass
            raise NotThere(".".join(map(str, path)))
        return found

    if any(isinstance(step, int) and step < 0 for step in path):
        return _never(".".join(map(str, path)))
    return read


def _never(path: str) -> Reader:
    def read(_: Mapping[str, Any]) -> Any:
        raise NotThere(path)

    return read


def _comparison(kind: str, value: Reader, compared: Any) -> Reader:
    if kind == "of":
        texts = frozenset(compared)
        return lambda values: isinstance(found := value(values), str) and found in texts
    wanted = kind == "=="
    return lambda values: bool(value(values) == compared) is wanted


def _membership(text: str, container: Reader) -> Reader:
    def read(values: Mapping[str, Any]) -> bool:
        found = container(values)
        if not isinstance(found, dict | list):
            raise NotThere(f"{text!r} in something that is neither a list nor an object")
        return bool(text in found)

    return read


def _either(decides: bool, parts: tuple[Reader, ...]) -> Reader:
    """CEL's `||` and `&&`: one part that decides is enough, whatever the others end with."""

    def read(values: Mapping[str, Any]) -> bool:
        failed = None
        for part in parts:
            try:
                if part(values) is decides:
                    return bool(decides)
            except NotThere as error:
                failed = error
        if failed is not None:
            raise failed
        return not decides

    return read
