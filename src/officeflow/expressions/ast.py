"""The syntax tree of a compiled CEL expression.

The runtime hands a tree out only as a serialized `cel.expr.CheckedExpr` (cel-spec,
proto/cel/expr/syntax.proto, whose field numbers stand below). Macros (`has`, `map`, `exists`, `cel.bind` …)
are expanded in it: all that is left of them is `Fold`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True, slots=True)
class Const:
    value: bool | int | float | str | bytes | None


@dataclass(frozen=True, slots=True)
class Ident:
    name: str


@dataclass(frozen=True, slots=True)
class Select:
    operand: Tree
    field: str


@dataclass(frozen=True, slots=True)
class Call:
    """`arguments` begin with the target where it is a member call."""

    function: str
    arguments: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list's elements, or a map's keys and values in turn."""

    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """A loop: for each `variable` in `over`, `accumulator` (at first `start`) becomes `step` while
    `condition` holds; then `result`.
    """

    variable: str
    over: Tree
    accumulator: str
    start: Tree
    condition: Tree
    step: Tree
    result: Tree


Tree: TypeAlias = Const | Ident | Select | Call | Items | Fold
Message: TypeAlias = dict[int, list[int | bytes]]


def parse(serialized: bytes) -> Tree:
    """The tree in a serialized expression (an `Any` around a `CheckedExpr`)."""
    checked = _message(_bytes(_message(serialized), 2))
    return _tree(_bytes(checked, 4))


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        size = {FIXED64: 8, FIXED32: 4}.get(tag & 7)
        if tag & 7 == VARINT:
            value, at = _varint(data, at)
            yield tag >> 3, value
            continue
        if size is None:
            size, at = _varint(data, at)
        yield tag >> 3, data[at : at + size]
        at += size


def _message(data: bytes) -> Message:
    message: Message = {}
    for number, value in _fields(data):
        message.setdefault(number, []).append(value)
    return message


def _bytes(message: Message, number: int) -> bytes:
    value = message.get(number, [b""])[-1]
    return value if isinstance(value, bytes) else b""


def _text(message: Message, number: int) -> str:
    return _bytes(message, number).decode()


def _trees(message: Message, number: int) -> tuple[Tree, ...]:
    return tuple(_tree(value) for value in message.get(number, []) if isinstance(value, bytes))


def _tree(data: bytes) -> Tree:
    message = _message(data)
    kind = next(number for number in message if number != 2)  # 2 is the expression's id; the rest is a oneof
    return READERS[kind](_message(_bytes(message, kind)))


def _entries(inner: Message) -> Items:
    entries = [_message(entry) for entry in inner.get(2, []) if isinstance(entry, bytes)]
    return Items(tuple(tree for entry in entries for tree in _trees(entry, 3) + _trees(entry, 4)))


def _fold(inner: Message) -> Fold:
    return Fold(
        variable=_text(inner, 1),
        over=_tree(_bytes(inner, 2)),
        accumulator=_text(inner, 3),
        start=_tree(_bytes(inner, 4)),
        condition=_tree(_bytes(inner, 5)),
        step=_tree(_bytes(inner, 6)),
        result=_tree(_bytes(inner, 7)),
    )


def _constant(inner: Message) -> bool | int | float | str | bytes | None:
    number, values = next(iter(inner.items()))
    value = values[-1]
    if isinstance(value, int):
        numbers = {2: bool(value), 3: value - 2**64 if value >= 2**63 else value, 4: value}
        return numbers.get(number)
    if number == 5:
        return float(struct.unpack("<d", value)[0])
    return value.decode() if number == 6 else value


READERS: Mapping[int, Callable[[Message], Tree]] = {
    3: lambda inner: Const(_constant(inner)),
    4: lambda inner: Ident(_text(inner, 1)),
    5: lambda inner: Select(_tree(_bytes(inner, 1)), _text(inner, 2)),
    6: lambda inner: Call(_text(inner, 2), _trees(inner, 1) + _trees(inner, 3)),
    7: lambda inner: Items(_trees(inner, 1)),
    8: _entries,
    9: _fold,
}
"""The number of each kind in the oneof `Expr.expr_kind` to its reader."""


def walk(tree: Tree, bound: frozenset[str] = frozenset()) -> Iterator[tuple[Tree, frozenset[str]]]:
    """Every subtree, each with the names that loops around it have bound."""
    yield tree, bound
    match tree:
        case Select():
            yield from walk(tree.operand, bound)
        case Call():
            for argument in tree.arguments:
                yield from walk(argument, bound)
        case Items():
            for item in tree.items:
                yield from walk(item, bound)
        case Fold():
            for outside in (tree.over, tree.start):
                yield from walk(outside, bound)
            inside = bound | {tree.accumulator}
            yield from walk(tree.result, inside)
            for part in (tree.condition, tree.step):
                yield from walk(part, inside | {tree.variable})
        case Const() | Ident():
            pass


@dataclass(frozen=True, slots=True)
class References:
    """`names`: the top-level names that are read.

    `nodes`: the ids in `nodes.<id>`, and "*" where `nodes` is read whole.
    """

    names: frozenset[str]
    nodes: frozenset[str]


def references(tree: Tree) -> References:
    names: list[str] = []
    selected: list[str] = []
    for part, bound in walk(tree):
        match part:
            case Ident(name) if name not in bound:
                names.append(name)
            case Select(Ident("nodes"), field) if "nodes" not in bound:
                selected.append(field)
            case Call("_[_]" | "_[?_]" | "_?._", (Ident("nodes"), Const(str(field)))) if "nodes" not in bound:
                selected.append(field)
    whole = ["*"] if names.count("nodes") > len(selected) else []
    return References(frozenset(names), frozenset(selected + whole))


@dataclass(frozen=True, slots=True)
class Read:
    """A field that an expression reads: `("event", "payload", "title")`.

    `literally`: by its name as a text, as in `payload["title"]`.
    """

    path: tuple[str, ...]
    literally: bool


def reads(tree: Tree, bound: Mapping[str, tuple[str, ...] | None] | None = None) -> Iterator[Read]:
    """Every field that is read of a top-level name, however deep, also by a name that `cel.bind` has given
    it, and by `in`.
    """
    known = bound or {}
    match tree:
        case Select(operand, field):
            yield from _read(operand, field, known, literally=False)
        case Call("_?._", (operand, Const(str(field)))):
            yield from _read(operand, field, known, literally=False)
        case Call("_[_]" | "_[?_]", (operand, Const(str(field)))) | Call("@in", (Const(str(field)), operand)):
            yield from _read(operand, field, known, literally=True)
        case Call(_, parts) | Items(parts):
            for part in parts:
                yield from reads(part, known)
        case Fold():
            yield from _reads_of_loop(tree, known)
        case Const() | Ident():
            pass


def _read(
    operand: Tree, field: str, known: Mapping[str, tuple[str, ...] | None], *, literally: bool
) -> Iterator[Read]:
    yield from reads(operand, known)
    if (path := _path(operand, known)) is not None:
        yield Read((*path, field), literally)


def _reads_of_loop(tree: Fold, known: Mapping[str, tuple[str, ...] | None]) -> Iterator[Read]:
    for outside in (tree.over, tree.start):
        yield from reads(outside, known)
    is_binding = tree.over == Items(())
    inside = {**known, tree.accumulator: _path(tree.start, known) if is_binding else None}
    yield from reads(tree.result, inside)
    for part in (tree.condition, tree.step):
        yield from reads(part, {**inside, tree.variable: None})


def _path(tree: Tree, known: Mapping[str, tuple[str, ...] | None]) -> tuple[str, ...] | None:
    """The way from a top-level name to this value; None where it is computed."""
    match tree:
        case Ident(name):
            return known.get(name, (name,))
        case Select(operand, field) | Call("_?._" | "_[_]" | "_[?_]", (operand, Const(str(field)))):
            path = _path(operand, known)
            return None if path is None else (*path, field)
    return None
