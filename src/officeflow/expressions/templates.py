"""Jinja templates for the bodies of messages and documents: text with values, conditions and loops. Logic belongs into `${{ }}`.

What a template may say is a closed list (`NODES`, `FILTERS`, `TESTS`); everything that it reads is plain data; and what it does is
counted: at most `budget.MAX_STEPS` characters worked on, rounds of loops counted in, at most `MAX_OUTPUT` characters.
Counting, not a clock, stops it, so that a template that works once works always.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from officeflow.errors import InvalidExpression
from officeflow.expressions.names import TOP_LEVEL
from officeflow.expressions.values import to_cel

if TYPE_CHECKING:
    from jinja2 import Template

MAX_SOURCE = 100_000
"""Characters of a template."""
MAX_OUTPUT = 1_000_000
"""Characters that it may write."""


def check(source: str) -> None:
    """Refuse a template that could not be rendered whatever the values: `InvalidExpression` with the line of each problem."""
    _compiled(source, html=False)


def render(source: str, values: Mapping[str, Any], *, html: bool) -> str:
    """The template with `values` put in; with `html`, every value is escaped.

    `InvalidExpression`, with the line, for a template that is not valid, a value that is not there, or one that does too much.
    """
    from officeflow.expressions import jinja

    template = _compiled(source, html=html)
    data = {name: to_cel(values[name], nul=True) for name in TOP_LEVEL if name in values}
    return jinja.run(template, data, MAX_OUTPUT)


def _compiled(source: str, *, html: bool) -> Template:
    if len(source) > MAX_SOURCE:
        raise InvalidExpression(f"the template has {len(source)} characters, more than {MAX_SOURCE}")
    return _cached(source, html)


@functools.lru_cache(maxsize=256)
def _cached(source: str, html: bool) -> Template:  # positional, for the cache
    from officeflow.expressions import jinja

    return jinja.compile_template(source, html=html)


def references(source: str) -> set[str]:
    """The top-level names that a template reads and nobody sets in it."""
    from jinja2 import meta

    from officeflow.expressions import jinja

    return set(meta.find_undeclared_variables(jinja.parse(source)))


def nodes_read(source: str) -> set[str]:
    """The ids in `nodes.<id>`, and "*" where `nodes` is read whole."""
    from officeflow.expressions import jinja

    return jinja.fields_of("nodes", jinja.parse(source))
