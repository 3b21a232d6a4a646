"""Requests that do not fit, derived from a vendor's description and one request that does."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from counterparts.vendors.description import Operation, Seen, Shape

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WRONG: dict[str, Any] = {
    "string": {"wrong": True},
    "integer": "many",
    "number": "many",
    "boolean": "perhaps",
    "object": "flat",
    "array": "single",
}
SURPRISE = "officeflowSurprise"
Place = tuple[str, ...]


@dataclass(frozen=True)
class Mutant:
    """`statuses` are those with which it may be refused."""

    name: str
    request: Seen
    statuses: frozenset[int] = frozenset({400})


def mutants(operation: Operation, fits: Seen, described: Iterable[Operation] = ()) -> Iterator[Mutant]:
    """Each breaks one demand of the operation. `described` are all operations: the methods of the path that
    none of them has are wrong ones.
    """
    yield Mutant("unknown query parameter", replace(fits, query=[*fits.query, (SURPRISE, "1")]))
    yield from _query(operation, fits)
    yield from _methods(operation, fits, described)
    if operation.body is not None and fits.body:
        yield from _body(operation, operation.body, fits)


def _query(operation: Operation, fits: Seen) -> Iterator[Mutant]:
    for each in operation.parameters:
        if each.where != "query":
            continue
        others = [pair for pair in fits.query if pair[0] != each.name]
        if each.required:
            yield Mutant(f"without query {each.name}", replace(fits, query=others))
        if each.shape.enum or each.shape.type in {"integer", "boolean"}:
            yield Mutant(f"wrong query {each.name}", replace(fits, query=[*others, (each.name, SURPRISE)]))


def _methods(operation: Operation, fits: Seen, described: Iterable[Operation]) -> Iterator[Mutant]:
    known = {each.method for each in described if each.template == operation.template}
    if known and (wrong := next((method for method in METHODS if method not in known), None)):
        yield Mutant(f"method {wrong}", replace(fits, method=wrong), frozenset({400, 404, 405}))


def _body(operation: Operation, shape: Shape, fits: Seen) -> Iterator[Mutant]:
    plain = {**fits.headers, "content-type": "text/plain"}
    yield Mutant("wrong content type", replace(fits, headers=plain), frozenset({400, 415}))
    yield Mutant("not JSON", replace(fits, body=b'{"cut'))
    if operation.body_required:
        yield Mutant("without a body", replace(fits, body=b""))
    value = json.loads(fits.body)
    for name, place, changed in _values(shape, value):
        text = json.dumps(changed).encode()
        yield Mutant(f"{name} {'.'.join(place)}".strip(), replace(fits, body=text))


def _values(shape: Shape, whole: Any, place: Place = ()) -> Iterator[tuple[str, Place, Any]]:
    value = _at(whole, place)
    if not isinstance(value, dict):
        return
    if not shape.open:
        yield "unknown property", (*place, SURPRISE), _with(whole, (*place, SURPRISE), 1)
    for name in sorted(shape.required & set(value)):
        yield "without", (*place, name), _without(whole, (*place, name))
    for name, each in sorted(shape.properties.items()):
        if each.ignored:
            continue
        here = (*place, name)
        if each.type in WRONG:
            yield "wrong type of", here, _with(whole, here, WRONG[each.type])
        if each.enum and each.type == "string":
            yield "not among the values of", here, _with(whole, here, SURPRISE)
        if name in value:
            yield from _values(each, whole, here)


def _at(value: Any, place: Place) -> Any:
    for name in place:
        value = value[name]
    return value


def _with(whole: Any, place: Place, value: Any) -> Any:
    changed = copy.deepcopy(whole)
    _at(changed, place[:-1])[place[-1]] = value
    return changed


def _without(whole: Any, place: Place) -> Any:
    changed = copy.deepcopy(whole)
    del _at(changed, place[:-1])[place[-1]]
    return changed
