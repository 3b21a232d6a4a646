"""Jinja templates for the bodies of messages and documents: text with values, conditions and loops.

Logic belongs into `${{ }}`.

What a template may say is a closed list (`jinja.NODES`, `filters.FILTERS`, `jinja.TESTS`); everything that it
reads is plain data; and what it does is counted: at most `budget.MAX_STEPS` characters worked on, rounds of
loops counted in, at most `MAX_OUTPUT` characters. It is compiled and rendered in an evaluator
(`officeflow.expressions.evaluator`), which is ended when it takes too long or too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from officeflow.errors import InvalidExpression, Problem
from officeflow.expressions.budget import MAX_OUTPUT
from officeflow.expressions.cel import only, told_of
from officeflow.expressions.evaluator import pool
from officeflow.expressions.names import ALL_NAMES, Names

MAX_SOURCE = 100_000
"""Characters of a template."""
MOST_KNOWN = 1024
__all__ = [
    "MAX_OUTPUT",
    "MAX_SOURCE",
    "Facts",
    "check",
    "check_all",
    "field_problems",
    "nodes_read",
    "read",
    "references",
    "render",
]


@dataclass(frozen=True, slots=True)
class Facts:
    """`names`: the top-level names that a template reads and nobody sets in it.

    `nodes`: the ids in `nodes.<id>`, "*" for the whole.
    """

    names: frozenset[str]
    nodes: frozenset[str]


_known: dict[str, Facts] = {}


def check(source: str) -> None:
    """Refuse a template that could not be rendered whatever the values: `InvalidExpression` with the line of
    each problem.
    """
    _facts(source)


def field_problems(source: str, names: Names) -> list[Problem]:
    """Each field that the template reads and that is never there, with its line.

    `InvalidExpression` for what is no template of Jinja's.
    """
    return [Problem(*found) for found in pool.ask_one(["fields", source], names=told_of(names))]


def check_all(sources: Iterable[str]) -> list[Facts | InvalidExpression]:
    """What each reads, or why it is none, in one round trip."""
    listed = list(sources)
    found: dict[str, Facts | InvalidExpression] = {
        source: _known[source] for source in listed if source in _known
    }
    found.update({source: too_long for source in listed if (too_long := _too_long(source)) is not None})
    rest = [source for source in dict.fromkeys(listed) if source not in found]
    for source, told in zip(rest, pool.ask([["check", source] for source in rest]), strict=True):
        found[source] = told if isinstance(told, InvalidExpression) else _remembered(source, told)
    return [found[source] for source in listed]


def render(source: str, values: Mapping[str, Any], *, html: bool = False, url: bool = False) -> str:
    """The template with `values` put in; with `html`, every value is escaped, and with `url`, none may lead
    to another address.

    `InvalidExpression`, with the line, for a template that is not valid, a value that is not there, or one
    that does too much.
    """
    job = job_of(source, "html" if html else "url" if url else "text")
    if isinstance(job, InvalidExpression):
        raise job
    text: str = pool.ask_one(job, values=only(ALL_NAMES, values))
    return text


def job_of(source: str, kind: str) -> list[Any] | InvalidExpression:
    """What an evaluator is asked to render it; `kind` is "text", "html" or "url"."""
    return _too_long(source) or ["render", source, kind]


def references(source: str) -> set[str]:
    """The top-level names that a template reads and nobody sets in it."""
    return set(_facts(source).names)


def nodes_read(source: str) -> set[str]:
    """The ids in `nodes.<id>`, and "*" where `nodes` is read whole."""
    return set(_facts(source).nodes)


def read(source: str) -> Facts:
    """What a template reads, also one with filters and the like that templates do not have;
    `InvalidExpression` for what is none.
    """
    if source in _known:
        return _known[source]
    if (too_long := _too_long(source)) is not None:
        raise too_long
    told = pool.ask_one(["read", source])
    return Facts(frozenset(told["names"]), frozenset(told["nodes"]))


def _facts(source: str) -> Facts:
    (found,) = check_all([source])
    if isinstance(found, InvalidExpression):
        raise found
    return found


def _too_long(source: str) -> InvalidExpression | None:
    if len(source) > MAX_SOURCE:
        return InvalidExpression(f"the template has {len(source)} characters, more than {MAX_SOURCE}")
    return None


def _remembered(source: str, told: Mapping[str, Any]) -> Facts:
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[source] = facts = Facts(frozenset(told["names"]), frozenset(told["nodes"]))
    return facts
