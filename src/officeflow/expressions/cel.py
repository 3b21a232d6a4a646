"""CEL, the Common Expression Language (https://cel.dev): conditions of edges, filters of triggers, `${{ }}`
in parameters.

    compile_expression('event.payload.department == "Engineering"').evaluate(values)

Compiling and evaluating happen in an evaluator (`officeflow.expressions.evaluator`), which is ended when it
takes too long or too much.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from officeflow.errors import InvalidExpression, TooCostly
from officeflow.expressions.ast import References
from officeflow.expressions.evaluator import pool, wire
from officeflow.expressions.lookups import Lookup
from officeflow.expressions.names import ALL_NAMES, Names
from officeflow.expressions.values import dump

MAX_SOURCE = 4096
MOST_KNOWN = 4096


@dataclass(frozen=True, slots=True)
class Expression:
    """A valid expression. It may be kept and shared between threads."""

    source: str
    references: References
    is_false: bool
    """Whether it is the word `false`."""
    is_plain: bool
    """Whether it only names a value that is there: `nodes.order.output.link`."""
    lookup: Lookup | None = field(default=None, compare=False)
    """Where it does nothing but look things up and compare them: what (`lookups.reader`)."""
    reads: tuple[tuple[str, ...], ...] = field(default=(), compare=False)
    """Every field that it reads, each by its path."""

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """Its value: None, bool, int, float, str, bytes, datetime (aware, UTC), timedelta, list or dict of
        these; of a type its name.

        `values` has the top-level names; one that is missing is an empty object. `InvalidExpression` where it
        cannot be computed, for instance because a field is not there; `TooCostly` where it takes more than it
        may.
        """
        return wire.unpack(pool.ask_one(["value", self.source], values=only(self.references.names, values)))

    def test(self, values: Mapping[str, Any]) -> bool:
        """Its value as a condition; `InvalidExpression` unless it is true or false."""
        told: bool = pool.ask_one(["truth", self.source], values=only(self.references.names, values))
        return told


_known: dict[str, Expression] = {}


def compile_expression(source: str, names: Names | None = None, *, condition: bool = False) -> Expression:
    """Compile; with `names`, also check every name, field and type against them, and with `condition` that it
    gives true or false.

    `InvalidExpression` names each problem with `line:column` in the source; `TooCostly` where even that takes
    more than it may.
    """
    (found,) = compile_all([source], names, condition=condition)
    if isinstance(found, InvalidExpression):
        raise found
    return found


def compile_all(
    sources: Iterable[str], names: Names | None = None, *, condition: bool = False
) -> list[Expression | InvalidExpression]:
    """Each source compiled, or why it cannot be, in one round trip."""
    listed = list(sources)
    found: dict[str, Expression | InvalidExpression] = {}
    for source in listed:
        known = _known.get(source) if names is None else None
        if known is not None:
            found[source] = known
        elif (refused := not_acceptable(source)) is not None:
            found[source] = refused
    rest = [source for source in dict.fromkeys(listed) if source not in found]
    jobs = [["compile", source, condition] for source in rest]
    for source, told in zip(
        rest, pool.ask(jobs, names=None if names is None else told_of(names)), strict=True
    ):
        found[source] = told if isinstance(told, InvalidExpression) else _remembered(source, told)
    return [found[source] for source in listed]


def answers(conditions: Iterable[str], values: Mapping[str, Any]) -> list[bool | InvalidExpression]:
    """Each as a condition, or why it cannot be told, in at most two round trips."""
    compiled = compile_all(conditions)
    good = [found for found in compiled if isinstance(found, Expression)]
    needed = {name for expression in good for name in expression.references.names}
    told = iter(pool.ask([["truth", expression.source] for expression in good], values=only(needed, values)))
    return [next(told) if isinstance(found, Expression) else found for found in compiled]


def truths(conditions: Iterable[str], values: Mapping[str, Any], *, places: Iterable[str] = ()) -> list[bool]:
    """As `answers`; `InvalidExpression` for the first that cannot be told, with its place of `places`, which
    has as many where it has any.
    """
    told: list[bool] = []
    where = list(places)
    for index, answer in enumerate(answers(conditions, values)):
        if isinstance(answer, InvalidExpression):
            raise placed(answer, where[index]) if where else answer
        told.append(answer)
    return told


def placed(error: InvalidExpression, place: str) -> InvalidExpression:
    """The error with the place of its expression in front."""
    message = f"{place}: {error.message}"
    if isinstance(error, TooCostly):
        return TooCostly(message, limit=error.limit, problems=error.problems, hint=error.hint)
    return InvalidExpression(message, problems=error.problems, hint=error.hint)


def only(names: Iterable[str], values: Mapping[str, Any]) -> bytes:
    """The values of those names, for an evaluator."""
    return dump({name: values[name] for name in ALL_NAMES if name in names and name in values})


def not_acceptable(source: str) -> InvalidExpression | None:
    """Why it is not even compiled."""
    if len(source) > MAX_SOURCE:
        return InvalidExpression(f"the expression has {len(source)} characters, more than {MAX_SOURCE}")
    return None if source.strip() else InvalidExpression("the expression is empty")


def _remembered(source: str, told: Mapping[str, Any]) -> Expression:
    references = References(frozenset(told["names"]), frozenset(told["nodes"]))
    paths = tuple(tuple(path) for path in told["reads"])
    expression = Expression(source, references, told["never"], told["plain"], told["lookup"], paths)
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[source] = expression
    return expression


@functools.lru_cache(maxsize=8)
def _by_identity(names: _Same) -> str:
    told = names.names
    nodes = None if told.nodes is None else dict(told.nodes)
    parts = {
        "nodes": nodes,
        "visible": sorted(told.visible),
        "person": told.person.as_json(),
        "given": told.given,
    }
    return json.dumps(parts, default=dict)


@dataclass(frozen=True, eq=False)
class _Same:
    """Names, which are not hashable, by identity: a whole definition is checked against the same ones."""

    names: Names


_last: list[_Same] = []


def told_of(names: Names) -> str:
    """As JSON, for an evaluator; a whole definition is checked against the same names."""
    same = next((same for same in _last if same.names is names), None)
    if same is None:
        same = _Same(names)
        _last[:] = [same, *_last[:3]]
    return _by_identity(same)
