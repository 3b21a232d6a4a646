"""From a node's parameters as they are drawn to those that it acts with.

`${{ expression }}` is replaced by its value; a field that is marked as a template is rendered. A value that
came out of an expression is never read as a template, and a `Verbatim` text is taken as it is: what a person
typed into an HR system stays data.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from officeflow.errors import InvalidExpression, InvalidParameters, Problem
from officeflow.expressions import params as expressions
from officeflow.expressions import templates
from officeflow.expressions.cel import Expression, compile_all, compile_expression
from officeflow.expressions.data import Verbatim
from officeflow.expressions.evaluator import pool
from officeflow.expressions.names import ALL_NAMES
from officeflow.expressions.values import dump
from officeflow.sdk.places import CONDITION, URL, Place, Schema


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text in the parameters.

    `template` is its mark: "text", "html", "url", "condition", or None where it is none of these.
    """

    path: str
    text: str
    template: str | None

    @property
    def is_template(self) -> bool:
        """Whether it is rendered: a marked field that is one whole expression is that expression's value
        instead.
        """
        return not self.is_data and self.template not in {None, CONDITION} and not self._is_one_expression

    @property
    def is_data(self) -> bool:
        return isinstance(self.text, Verbatim)

    @property
    def _is_one_expression(self) -> bool:
        if self.is_data:
            return False
        parts = expressions.split(self.text.strip())
        return len(parts) == 1 and isinstance(parts[0], expressions.Code)

    def sources(self) -> list[str]:
        """The conditions and expressions in it, where it is no template.

        `InvalidExpression` for text that cannot be understood.
        """
        if self.is_data:
            return []
        if self.template == CONDITION:
            return [self.text]
        return [source for _, source in expressions.expressions(self.text)]

    def job(self) -> Any:
        """What an evaluator is asked for it; otherwise its value, or the `InvalidExpression` that it is."""
        if self.template == CONDITION or self.is_data:
            return str(self.text)
        if not self.is_template:
            return expressions.job_of(self.text if self.template is None else self.text.strip())
        if expressions.has_expression(self.text):
            return InvalidExpression(
                "this field is a template, in which `${{ … }}` does nothing",
                hint="write {{ … }} without the $",
            )
        return templates.job_of(self.text, str(self.template))

    def checked(self, value: Any) -> Any:
        """`value` as the field takes it; `InvalidExpression` where it does not."""
        if self.is_template or not isinstance(value, str):
            return value
        if self.template == URL and self._is_one_expression:
            check_address(expressions.split(self.text.strip()))
        return html.escape(value) if self.template == "html" else value


def resolve(params: Mapping[str, Any], values: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """The parameters to act with, JSON.

    `schema` is the JSON Schema of the node's parameters. At most two round trips to an evaluator.

    `InvalidParameters` has a problem for each field that cannot be computed.
    """
    problems: list[Problem] = []
    jobs: list[Any] = []
    _walk(dict(params), Place(schema, schema), "params", lambda leaf: jobs.append(leaf.job()))
    asked = [job for job in jobs if isinstance(job, list)]
    answers = iter(pool.ask(asked, values=dump({name: values[name] for name in ALL_NAMES if name in values})))
    told = iter([next(answers) if isinstance(job, list) else job for job in jobs])

    def replaced(leaf: Leaf) -> Any:
        answer = next(told)
        try:
            if isinstance(answer, InvalidExpression):
                raise answer
            return leaf.checked(answer)
        except InvalidExpression as error:
            problems.extend(_problems(leaf.path, error))
            return None

    resolved: dict[str, Any] = _walk(dict(params), Place(schema, schema), "params", replaced)
    if problems:
        raise InvalidParameters("the parameters cannot be computed", problems=problems)
    return resolved


def names_read(params: Mapping[str, Any], conditions: Mapping[str, str], schema: Schema) -> frozenset[str]:
    """The top-level names (`employee`, `nodes`, …) that parameters and conditions read: only these need to be
    there.

    Text that cannot be understood reads nothing here; `resolve` says what is wrong with it. At most two round
    trips to an evaluator, and none for what this process has seen before.
    """
    sources: list[str] = list(conditions.values())
    bodies: list[str] = []

    def read(leaf: Leaf) -> None:
        with suppress(InvalidExpression):
            if leaf.is_template:
                bodies.append(leaf.text)
            else:
                sources.extend(leaf.sources())

    _walk(dict(params), Place(schema, schema), "params", read)
    expressed = {
        name
        for found in compile_all(sources)
        if isinstance(found, Expression)
        for name in found.references.names
    }
    rendered = {
        name
        for found in templates.check_all(bodies)
        if isinstance(found, templates.Facts)
        for name in found.names
    }
    return frozenset(expressed | rendered)


def expressions_by_path(params: Mapping[str, Any]) -> dict[str, str]:
    """Every text of the parameters that holds an expression, by its path."""
    found: dict[str, str] = {}

    def keep(leaf: Leaf) -> None:
        if not leaf.is_data and expressions.has_expression(leaf.text):
            found[leaf.path] = leaf.text

    _walk(dict(params), Place({}, {}), "params", keep)
    return found


def check_address(parts: list[str | expressions.Code]) -> None:
    """An address that is one expression is a value from elsewhere, whole.

    `InvalidExpression` for one that is put together.

    In an expression nothing tells what is written out from what a value brings along, so that a value could
    lead to another address.
    """
    (part,) = parts
    if isinstance(part, expressions.Code) and not compile_expression(part.source).is_plain:
        why = "an address is put together in a template, where a value cannot lead elsewhere"
        raise InvalidExpression(why, hint="write /users/{{ employee.external_id | urlencode }}")


def _problems(path: str, error: InvalidExpression) -> list[Problem]:
    if not error.problems:
        return [Problem(path, error.message, error.hint)]
    return [
        Problem(path, f"{error.message}: {problem.path} {problem.reason}", problem.suggestion or error.hint)
        for problem in error.problems
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
