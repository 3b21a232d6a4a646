"""From a node's parameters as they are drawn to those that it acts with.

`${{ expression }}` is replaced by its value; a field that is marked as a template is rendered. A value that came out of an expression is
never read as a template: what a person typed into an HR system stays data.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from officeflow.catalog.places import CONDITION, Place, Schema
from officeflow.errors import InvalidExpression, InvalidParameters, Problem
from officeflow.expressions import params as expressions
from officeflow.expressions import templates
from officeflow.expressions.cel import compile_expression


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text in the parameters. `template` is its mark: "text", "html", "condition", or None where it is none of these."""

    path: str
    text: str
    template: str | None

    @property
    def is_template(self) -> bool:
        """Whether it is rendered: a marked field that is one whole expression is that expression's value instead."""
        return self.template not in {None, CONDITION} and not self._is_one_expression

    @property
    def _is_one_expression(self) -> bool:
        parts = expressions.split(self.text.strip())
        return len(parts) == 1 and isinstance(parts[0], expressions.Code)

    def names(self) -> set[str]:
        """The top-level names that it reads. `InvalidExpression` for text that cannot be understood."""
        if self.template == CONDITION:
            return set(compile_expression(self.text).references.names)
        if self.is_template:
            return set(templates.references(self.text))
        found: set[str] = set()
        for _, source in expressions.expressions(self.text):
            found |= compile_expression(source).references.names
        return found

    def value(self, values: Mapping[str, Any]) -> Any:
        if self.template == CONDITION:
            return self.text
        if self.is_template:
            if expressions.has_expression(self.text):
                raise InvalidExpression("this field is a template, in which `${{ … }}` does nothing", hint="write {{ … }} without the $")
            return templates.render(self.text, values, html=self.template == "html")
        value = expressions.resolve_text(self.text if self.template is None else self.text.strip(), values)
        return html.escape(value) if self.template == "html" and isinstance(value, str) else value


def resolve(params: Mapping[str, Any], values: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """The parameters to act with, JSON. `schema` is the JSON Schema of the node's parameters.

    `InvalidParameters` has a problem for each field that cannot be computed.
    """
    problems: list[Problem] = []

    def replaced(leaf: Leaf) -> Any:
        try:
            return leaf.value(values)
        except InvalidExpression as error:
            problems.extend(_problems(leaf.path, error))
            return None

    resolved: dict[str, Any] = _walk(dict(params), Place(schema, schema), "params", replaced)
    if problems:
        raise InvalidParameters("the parameters cannot be computed", problems=problems)
    return resolved


def names_read(params: Mapping[str, Any], conditions: Mapping[str, str], schema: Schema) -> frozenset[str]:
    """The top-level names (`employee`, `nodes`, …) that parameters and conditions read: only these need to be there.

    Text that cannot be understood reads nothing here; `resolve` says what is wrong with it.
    """
    names: set[str] = set()

    def read(leaf: Leaf) -> None:
        with suppress(InvalidExpression):
            names.update(leaf.names())

    _walk(dict(params), Place(schema, schema), "params", read)
    for condition in conditions.values():
        with suppress(InvalidExpression):
            names.update(compile_expression(condition).references.names)
    return frozenset(names)


def _problems(path: str, error: InvalidExpression) -> list[Problem]:
    if not error.problems:
        return [Problem(path, error.message, error.hint)]
    return [
        Problem(path, f"{error.message}: {problem.path} {problem.reason}", problem.suggestion or error.hint) for problem in error.problems
    ]


def _walk(value: Any, place: Place, path: str, visit: Callable[[Leaf], Any]) -> Any:
    """A copy of `value` in which every text is what `visit` gives for it."""
    if isinstance(value, str):
        return visit(Leaf(path, value, place.template()))
    if isinstance(value, Mapping):
        return {name: _walk(item, place.field(name), f"{path}.{name}", visit) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(item, place.item(), f"{path}[{index}]", visit) for index, item in enumerate(value)]
    return value
