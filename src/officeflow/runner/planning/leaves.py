"""A node's parameters as a run would compute them, as far as that is known before: text by text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from officeflow.errors import InvalidExpression, Problem
from officeflow.expressions import templates
from officeflow.expressions.cel import Expression, compile_all, compile_expression
from officeflow.expressions.evaluator import pool
from officeflow.expressions.names import ALL_NAMES
from officeflow.expressions.values import dump
from officeflow.marks import SENSITIVE_MARK
from officeflow.runner.resolve import Leaf
from officeflow.runs.acts import MASK
from officeflow.sdk.places import CONDITION, Place, Schema

NOT_KNOWN = "(only a run knows)"
"""Stands in parameters for what is not known."""

WHOLE = "*"


@dataclass(frozen=True, slots=True)
class Known:
    """What expressions see. `values` are as they are, `masked` the same with everything sensitive replaced.

    `nodes` are those whose outputs are there, or that are certain not to run.
    """

    values: Mapping[str, Any]
    masked: Mapping[str, Any]
    nodes: frozenset[str]

    def lacks(self, names: frozenset[str], nodes: frozenset[str]) -> list[str]:
        """What only a run knows of what is read, such as `nodes.order` or `input`."""
        others = [name for name in sorted(names - set(self.values)) if name != "nodes"]
        if "nodes" not in names:
            return others
        unknown = sorted((nodes or {WHOLE}) - self.nodes)
        return [*others, *("nodes" if each == WHOLE else f"nodes.{each}" for each in unknown)]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A text of the parameters, and what it reads that only a run knows."""

    path: str
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Computed:
    """`shown` are the parameters for people: `MASK` where a value is sensitive, `NOT_KNOWN` where only a run
    knows it. `real` and `masked` are whole, or None where anything in them is not known, or wrong.

    `private` are the values at the paths that are `hidden`.
    """

    shown: Mapping[str, Any]
    real: Mapping[str, Any] | None
    masked: Mapping[str, Any] | None
    unknown: tuple[Unknown, ...] = ()
    hidden: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    private: tuple[Any, ...] = field(default=(), repr=False)


def compute(params: Mapping[str, Any], schema: Schema, known: Known) -> Computed:
    """In three round trips to an evaluator at most."""
    leaves = list(_leaves(dict(params), Place(schema, schema), "params"))
    reads = _reads([leaf for leaf, _ in leaves])
    open_ones = {
        leaf.path: known.lacks(*found)
        for (leaf, _), found in zip(leaves, reads, strict=True)
        if not isinstance(found, InvalidExpression) and known.lacks(*found)
    }
    asked = [leaf for leaf, _ in leaves if leaf.path not in open_ones]
    real, masked = _answers(asked, known.values), _answers(asked, known.masked)
    problems = [
        _problem(path, told, masked[path])
        for path, told in real.items()
        if isinstance(told, InvalidExpression)
    ]
    marked = {leaf.path for leaf, place in leaves if place.is_marked(SENSITIVE_MARK)}
    hidden = sorted(path for path in real if path in marked or not _same(real[path], masked[path]))
    shown = {
        **dict.fromkeys(open_ones, NOT_KNOWN),
        **{path: MASK if path in hidden else _plain(value) for path, value in real.items()},
    }
    whole = not open_ones and not problems
    masked_whole = {
        path: MASK if isinstance(value, InvalidExpression) else value for path, value in masked.items()
    }
    return Computed(
        shown=_filled(dict(params), "params", shown),
        real=_filled(dict(params), "params", real) if whole else None,
        masked=_filled(dict(params), "params", masked_whole) if whole else None,
        unknown=tuple(Unknown(path, tuple(lacks)) for path, lacks in open_ones.items()),
        hidden=tuple(hidden),
        problems=tuple(problems),
        private=tuple(real[path] for path in hidden if not isinstance(real[path], InvalidExpression)),
    )


def holds(condition: str, known: Known) -> bool | InvalidExpression | None:
    """Whether the condition is true; None where only a run knows, the error where it cannot be computed."""
    try:
        expression = compile_expression(condition)
    except InvalidExpression as error:
        return error
    if known.lacks(expression.references.names, expression.references.nodes):
        return None
    try:
        return expression.test(known.values)
    except InvalidExpression as error:
        return _told(error, _error_of(expression, known.masked))


def _error_of(expression: Expression, values: Mapping[str, Any]) -> InvalidExpression | None:
    try:
        expression.test(values)
    except InvalidExpression as error:
        return error
    return None


def _told(error: InvalidExpression, masked: Any) -> InvalidExpression:
    """An error whose text depends on a sensitive value does not say it."""
    if isinstance(masked, InvalidExpression) and masked.message == error.message:
        return error
    return InvalidExpression("it cannot be computed with this person's sensitive values")


def _problem(path: str, error: InvalidExpression, masked: Any) -> Problem:
    told = _told(error, masked)
    return Problem(path, told.message, told.hint)


def _leaves(value: Any, place: Place, path: str) -> Any:
    if isinstance(value, str):
        yield Leaf(path, value, place.template()), place
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _leaves(item, place.field(name), f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, place.item(), f"{path}[{index}]")


def _filled(value: Any, path: str, told: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return told.get(path)
    if isinstance(value, Mapping):
        return {name: _filled(item, f"{path}.{name}", told) for name, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, f"{path}[{index}]", told) for index, item in enumerate(value)]
    return value


def _reads(leaves: list[Leaf]) -> list[tuple[frozenset[str], frozenset[str]] | InvalidExpression]:
    """The names and nodes that each reads; what cannot be understood is told when it is computed."""
    sources = [_sources(leaf) for leaf in leaves]
    bodies = templates.check_all([leaf.text for leaf in leaves if leaf.is_template])
    rendered = iter(bodies)
    compiled = iter(compile_all([source for each in sources for source in each]))
    found: list[tuple[frozenset[str], frozenset[str]] | InvalidExpression] = []
    for leaf, each in zip(leaves, sources, strict=True):
        if leaf.is_template:
            facts = next(rendered)
            found.append(facts if isinstance(facts, InvalidExpression) else (facts.names, facts.nodes))
            continue
        expressions = [next(compiled) for _ in each]
        good = [one.references for one in expressions if isinstance(one, Expression)]
        names = frozenset(name for one in good for name in one.names)
        found.append((names, frozenset(node for one in good for node in one.nodes)))
    return found


def _sources(leaf: Leaf) -> list[str]:
    if leaf.is_template:
        return []
    try:
        return leaf.sources()
    except InvalidExpression:
        return []


def _answers(leaves: list[Leaf], values: Mapping[str, Any]) -> dict[str, Any]:
    """The value of each by its path, or the `InvalidExpression` that it is."""
    jobs = [leaf.job() for leaf in leaves]
    seen = dump({name: values[name] for name in ALL_NAMES if name in values})
    told = iter(pool.ask([job for job in jobs if isinstance(job, list)], values=seen))
    found: dict[str, Any] = {}
    for leaf, job in zip(leaves, jobs, strict=True):
        answer = next(told) if isinstance(job, list) else job
        try:
            found[leaf.path] = answer if leaf.template == CONDITION else _checked(leaf, answer)
        except InvalidExpression as error:
            found[leaf.path] = error
    return found


def _checked(leaf: Leaf, answer: Any) -> Any:
    return answer if isinstance(answer, InvalidExpression) else leaf.checked(answer)


def _same(real: Any, masked: Any) -> bool:
    """Two errors are the same: neither shows a value."""
    if isinstance(real, InvalidExpression) and isinstance(masked, InvalidExpression):
        return True
    return type(real) is type(masked) and bool(real == masked)


def _plain(value: Any) -> Any:
    return None if isinstance(value, InvalidExpression) else value
