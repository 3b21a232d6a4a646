"""What a filter asks, whether the directory answers it, and what fulfils it.

Texts are compared as the directory does: without regard to case.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping
from typing import Any

from counterparts.entra.errors import malformed, unsupported_query
from counterparts.entra.odata import grammar
from counterparts.entra.odata.grammar import (
    AnyOf,
    Call,
    Combination,
    Comparison,
    Counted,
    Literal,
    Membership,
    Moment,
    Negation,
    Node,
    Path,
)
from counterparts.entra.schema.types import EXTENSION, Kind, ResourceType, Support

Document = Mapping[str, Any]
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_EXTENSION_SUPPORT = Support(frozenset({"eq", "in", "startswith"}), frozenset({"null"}))


class Filter:
    """A parsed `$filter` over resources of one type.

    Raises the vendor's 400 for what cannot be parsed, for unknown properties and for a literal of another
    type than the property's.
    """

    def __init__(self, text: str, resource: ResourceType) -> None:
        self._resource = resource
        self._node = grammar.parse(text)
        self._used: list[tuple[Path, str]] = []
        self._negates = False
        self._collect(self._node, prefix=None)

    def require_support(self, *, advanced: bool) -> None:
        """Raise `Request_UnsupportedQuery` where the directory does not answer this."""
        if self._negates and not advanced:
            raise unsupported_query()
        for path, use in self._used:
            support = _EXTENSION_SUPPORT if EXTENSION.fullmatch(path[0]) else None
            support = support or self._resource.filters.get(path[0], Support())
            if use in support.default or (advanced and use in support.advanced):
                continue
            if use in support.advanced:
                raise unsupported_query()
            raise unsupported_query(
                "The request uses a filter property that is not indexed"
                if advanced
                else f"Unsupported or invalid query filter clause specified for property '{path[0]}' of"
                f" resource '{self._resource.name}'."
            )

    def matches(self, document: Document) -> bool:
        return _matches(self._node, document)

    def _collect(self, node: Node, prefix: tuple[str, Path] | None) -> None:
        match node:
            case Combination(operands=operands):
                for operand in operands:
                    self._collect(operand, prefix)
            case Negation(operand=operand):
                self._negates = True
                self._collect(operand, prefix)
            case AnyOf(path=path, variable=variable, predicate=predicate):
                self._use(path, "any", prefix)
                if predicate is not None and variable is not None:
                    self._collect(predicate, (variable, path))
            case Counted(path=path):
                self._use(path, "count", prefix)
            case Comparison():
                self._collect_comparison(node, prefix)
            case Membership(path=path, values=values):
                self._collect_plain(path, "in", values, prefix)
            case Call(function=function, path=path, value=value):
                self._collect_plain(path, function, (value,), prefix)

    def _collect_plain(
        self, path: Path, use: str, values: tuple[Literal, ...], prefix: tuple[str, Path] | None
    ) -> None:
        self._use(path, use, prefix)
        for value in values:
            self._check(path, value, prefix)

    def _collect_comparison(self, node: Comparison, prefix: tuple[str, Path] | None) -> None:
        use = {"ne": "eq", "gt": "ge", "lt": "le"}.get(node.operator, node.operator)
        self._negates = self._negates or node.operator == "ne"
        self._use(node.path, "null" if node.value is None else use, prefix)
        self._check(node.path, node.value, prefix)

    def _use(self, path: Path, use: str, prefix: tuple[str, Path] | None) -> None:
        if prefix is not None and path[0] == prefix[0]:
            self._used.append((prefix[1], "eq" if use == "null" else use))
            return
        if path[0] not in self._resource.properties and not EXTENSION.fullmatch(path[0]):
            raise malformed(
                f"Invalid filter clause: Could not find a property named '{path[0]}' on type"
                f" '{self._resource.cast}'."
            )
        self._used.append((path, use))

    def _check(self, path: Path, value: Literal, prefix: tuple[str, Path] | None) -> None:
        """A literal that cannot be compared with the property is the client's mistake."""
        inside = prefix is not None and path[0] == prefix[0]
        if value is None or len(path) > 1 or inside or path[0] not in self._resource.properties:
            return
        kind = self._resource.properties[path[0]]
        fits = {
            Kind.TEXT: isinstance(value, str),
            Kind.FLAG: isinstance(value, bool),
            Kind.NUMBER: isinstance(value, float),
            Kind.TIME: isinstance(value, Moment),
        }
        if not fits.get(kind, False):
            raise malformed(
                "Invalid filter clause: A binary operator with incompatible types was detected for property"
                f" '{path[0]}'."
            )


def _matches(node: Node, document: Document) -> bool:
    match node:
        case Combination(every=every, operands=operands):
            found = (all if every else any)(_matches(operand, document) for operand in operands)
        case Negation(operand=operand):
            found = not _matches(operand, document)
        case Comparison(path=path, operator=name, value=value):
            found = _compare(name, _value(document, path), value)
        case Membership(path=path, values=values):
            found = any(_compare("eq", _value(document, path), value) for value in values)
        case Call(function=function, path=path, value=value):
            found = _call(function, _value(document, path), value)
        case Counted(path=path, operator=name, value=value):
            found = _compare(name, float(len(_value(document, path) or [])), value)
        case AnyOf():
            found = _any_of(node, document)
    return found


def _any_of(node: AnyOf, document: Document) -> bool:
    each = _value(document, node.path) or []
    if node.predicate is None or node.variable is None:
        return bool(each)
    return any(_matches(node.predicate, {**document, node.variable: item}) for item in each)


def _value(document: Document, path: Path) -> Any:
    value: Any = document
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _compare(name: str, left: Any, right: Literal) -> bool:
    mine, other = _comparable(left), _comparable(right)
    if mine is None or other is None:
        return _ORDER[name](mine, other) if name in {"eq", "ne"} else False
    if isinstance(mine, bool) != isinstance(other, bool) or isinstance(mine, str) != isinstance(other, str):
        return name == "ne"
    return _ORDER[name](mine, other)


def _comparable(value: Any) -> str | float | bool | None:
    if isinstance(value, Moment):
        value = value.text
    if isinstance(value, str):
        return _moment(value) or value.casefold()
    if value is None or isinstance(value, bool | int | float):
        return value
    return None


def _moment(text: str) -> str | None:
    """Times in one form, so that their order is that of their texts."""
    if len(text) < 10 or text[4:5] != "-":
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or dt.UTC).astimezone(dt.UTC).isoformat()


def _call(function: str, left: Any, right: Literal) -> bool:
    if not isinstance(left, str) or not isinstance(right, str):
        return False
    mine, other = left.casefold(), right.casefold()
    match function:
        case "startswith":
            return mine.startswith(other)
        case "endswith":
            return mine.endswith(other)
        case _:
            return other in mine
