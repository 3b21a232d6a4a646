"""How large an expression's value could get and how long it could take, found before it runs.

The runtime limits rounds of loops and nothing else: thirty nested `cel.bind(b, a + a, …)`, or a few
`replace`, would fill any memory. So each part of the tree gets an upper bound, starting from the sizes of the
values that are really there; a bound is never too small. Work is counted in nanoseconds of a processor of
2024: where a function compares everything with everything, it is a product.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from officeflow.errors import TooCostly
from officeflow.expressions.ast import Call, Const, Fold, Ident, Items, Select, Tree, walk
from officeflow.expressions.patterns import program_size

MAX_SIZE = 4_000_000
"""Characters and items that any part of an expression may come to."""
MAX_WORK = 500_000_000
"""Nanoseconds that all parts together may take, loops counted."""
ITEM_WORK = 20
"""For comparing an item of a list; a character takes one."""
COPY_WORK = 60
"""For copying one, which also takes memory until the expression ends."""
INSTRUCTION_WORK = 500
"""For compiling an instruction of a pattern."""
COMPARED_AT_ONCE = 16
"""Characters that are compared in a nanosecond while one text is looked for in another."""
MAX_ROUNDS = 10_000
"""The runtime stops a program after so many rounds of loops."""
FORMAT_VERB = 512
"""Characters that one character of a format string can give: `%f` has a precision of up to 1000."""


@dataclass(frozen=True, slots=True)
class Bound:
    """`total`: characters and items; `count`: items of the list or map; `item`: the total of its largest
    item.
    """

    total: int
    count: int = 0
    item: int = 0

    def __add__(self, other: Bound) -> Bound:
        return Bound(self.total + other.total, self.count + other.count, max(self.item, other.item))

    def times(self, rounds: int) -> Bound:
        return Bound(self.total * rounds, self.count * rounds, max(self.item, self.total))

    def element(self) -> Bound:
        """Any item, of which nothing more is known."""
        return Bound(self.item, self.item, self.item)


ONE = Bound(1)
Names = Mapping[str, Any]
"""Name to its value, or to the bound of what a loop gives it."""

SCALAR = frozenset({
    *("_&&_", "_||_", "!_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_-_", "_*_", "_/_", "_%_", "-_",
    "@in", "@not_strictly_false"),
    *("size", "contains", "startsWith", "endsWith", "matches", "indexOf", "lastIndexOf", "hasValue", "int",
    "uint", "double", "bool"),
    *("timestamp", "duration", "type", "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek",
    "getDayOfYear", "getHours"),
    *("getMinutes", "getSeconds", "getMilliseconds", "math.@max", "math.@min", "math.abs", "math.ceil",
    "math.floor", "math.round"),
})  # fmt: skip
"""Functions that give a number, a moment or a truth value."""

GROWING = frozenset({"_+_", "replace", "join", "format", "split", "strings.quote"})


SEARCHING = frozenset({"contains", "indexOf", "lastIndexOf", "split", "replace"})
COMPARING = frozenset({"_==_", "_!=_", "@in", "join", "format"})
CHARACTER_WORK: Mapping[str, int] = {
    "strings.quote": 10,
    "reverse": 5,
    "trim": 4,
    "split": 100,
    "format": 10,
    "replace": 10,
}
"""Nanoseconds for a character of the arguments, where it is more than one."""


def depends_on_values(tree: Tree) -> bool:
    """Whether there is anything in it that could make something large, or take long."""
    return any(
        isinstance(part, Fold) or (isinstance(part, Call) and part.function in COSTLY)
        for part, _ in walk(tree)
    )


COSTLY = GROWING | SEARCHING | {"matches"}


def bound(tree: Tree, values: Mapping[str, Any]) -> Bound:
    """What the expression's value cannot exceed with these values (JSON).

    `TooCostly` where a part of it might get too large, or all of it take too long.
    """
    return _Estimate(values).bound(tree, {}, 1)


@dataclass(slots=True)
class _Estimate:
    values: Mapping[str, Any]
    work: int = 0
    sizes: dict[int, Bound] = field(default_factory=dict)

    def bound(self, tree: Tree, names: Names, rounds: int) -> Bound:
        """An upper bound of what `tree` gives where it is computed `rounds` times."""
        found = self._of(tree, names, rounds)
        result = found if isinstance(found, Bound) else self._measured(found)
        self._work(result.total * rounds)
        if result.total > MAX_SIZE:
            why = "it could get too large"
            raise TooCostly(why, limit=why, hint="fewer and smaller loops, joins and replacements")
        return result

    def _work(self, nanoseconds: int) -> None:
        self.work += nanoseconds
        if self.work > MAX_WORK:
            why = "it could take too long"
            raise TooCostly(why, limit=why, hint="fewer and smaller loops, searches and replacements")

    def _of(self, tree: Tree, names: Names, rounds: int) -> Any:
        match tree:
            case Const(value):
                return Bound(len(value)) if isinstance(value, str | bytes) else ONE
            case Ident(name):
                return names[name] if name in names else self.values.get(name)
            case Select(operand, key):
                return self._field(operand, key, names, rounds)
            case Call():
                return self._call(tree, names, rounds)
            case Items(items):
                bounds = [self.bound(item, names, rounds) for item in items]
                return Bound(
                    sum(b.total for b in bounds) + 1, len(bounds), max((b.total for b in bounds), default=0)
                )
            case Fold():
                return self._fold(tree, names, rounds)

    def _field(self, operand: Tree, key: str, names: Names, rounds: int) -> Any:
        """A field of a value that is there is that field; of anything else, no larger than the whole."""
        whole = self._of(operand, names, rounds)
        if isinstance(whole, Mapping):
            return whole.get(key)
        bound = whole if isinstance(whole, Bound) else self._measured(whole)
        return Bound(bound.total, bound.total, bound.total)

    def _call(self, call: Call, names: Names, rounds: int) -> Any:
        match call:
            case Call("_[_]" | "_[?_]" | "_?._", (whole, Const(str(key)))):
                return self._field(whole, key, names, rounds)
        arguments = [self.bound(argument, names, rounds) for argument in call.arguments]
        self._work(_work_of(call, arguments) * rounds)
        if call.function in SCALAR:
            return ONE
        special = SPECIAL.get(call.function)
        if special is not None:
            return special(arguments)
        total = sum(argument.total for argument in arguments)
        return Bound(2 * total + 64, total, max((argument.total for argument in arguments), default=0))

    def _fold(self, fold: Fold, names: Names, rounds: int) -> Bound:
        """What the loop begins with, and in each round what a round adds: no macro uses what it has gathered
        more than once.
        """
        over = self.bound(fold.over, names, rounds)
        start = self.bound(fold.start, names, rounds)
        times = min(over.count, MAX_ROUNDS)
        inside = {**names, fold.variable: over.element()}
        inner = min(rounds * max(times, 1), MAX_ROUNDS)
        gathered = start
        if times:
            self.bound(fold.condition, {**inside, fold.accumulator: ONE}, inner)
            gathered = start + self.bound(fold.step, {**inside, fold.accumulator: Bound(0)}, inner).times(
                times
            )
            self._work(
                COPY_WORK * gathered.count * times * rounds
            )  # a list is copied for each item that is added to it
        return self.bound(fold.result, {**names, fold.accumulator: gathered}, rounds)

    def _measured(self, value: Any) -> Bound:
        if isinstance(value, str | bytes):
            return Bound(len(value))
        if not isinstance(value, Mapping | list):
            return ONE
        known = self.sizes.get(id(value))
        if known is None:
            parts = [
                self._measured(item).total
                for item in (value.values() if isinstance(value, Mapping) else value)
            ]
            keys = [len(key) for key in value] if isinstance(value, Mapping) else [0]
            known = Bound(sum(parts) + sum(keys) + 1, len(value), max([*parts, *keys], default=0))
            self.sizes[id(value)] = known
        return known


def _work_of(call: Call, arguments: list[Bound]) -> int:
    """Nanoseconds of one call, beside one for each character and item of its arguments."""
    name = call.function
    work = (CHARACTER_WORK.get(name, 1) - 1) * sum(argument.total for argument in arguments)
    if name in SEARCHING and len(arguments) > 1:
        work += arguments[0].total * arguments[1].total // COMPARED_AT_ONCE
    if name in COMPARING:
        work += ITEM_WORK * sum(argument.count for argument in arguments)
    if name == "_+_":
        work += 2 * COPY_WORK * sum(argument.count for argument in arguments)
    match call:
        case Call("matches", (_, Const(str(pattern)))):
            work += INSTRUCTION_WORK * program_size(pattern) + 100 * arguments[0].total
    return work


def _added(arguments: list[Bound]) -> Bound:
    return arguments[0] + arguments[1]


def _either(arguments: list[Bound]) -> Bound:
    _, yes, no = arguments
    return Bound(max(yes.total, no.total), max(yes.count, no.count), max(yes.item, no.item))


def _replaced(arguments: list[Bound]) -> Bound:
    text, _, new = arguments[:3]
    return Bound(text.total + (text.total + 1) * new.total)


def _joined(arguments: list[Bound]) -> Bound:
    items = arguments[0]
    return Bound(items.total + items.count * (arguments[1].total if len(arguments) > 1 else 0))


def _formatted(arguments: list[Bound]) -> Bound:
    return Bound(FORMAT_VERB * arguments[0].total + 4 * arguments[1].total)


def _split(arguments: list[Bound]) -> Bound:
    text = arguments[0].total
    return Bound(2 * text + 1, text + 1, text)


def _element(arguments: list[Bound]) -> Bound:
    return arguments[0].element()


SPECIAL: Mapping[str, Callable[[list[Bound]], Bound]] = {
    "_+_": _added,
    "_?_:_": _either,
    "_[_]": _element,
    "_[?_]": _element,
    "replace": _replaced,
    "join": _joined,
    "format": _formatted,
    "split": _split,
}
