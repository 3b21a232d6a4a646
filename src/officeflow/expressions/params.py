"""`${{ expression }}` in parameters.

A value that is one expression and nothing else keeps the expression's type; inside a longer text it becomes text (`values.to_text`).
`$${{` stands for a literal `${{`. Keys of objects are taken as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from officeflow.errors import InvalidExpression, Problem
from officeflow.expressions.cel import compile_expression
from officeflow.expressions.values import to_json, to_text

OPENING = re.compile(r"\$?\$\{\{")
TOKEN = re.compile(
    r"""(?P<text>[rR]?(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))"""
    r"|(?P<open>\{)|(?P<close>\})|(?P<other>.)",
    re.DOTALL,
)
"""Enough of CEL's lexis to tell a closing `}}` from one inside a string or a map."""


@dataclass(frozen=True, slots=True)
class Code:
    """An expression's source, and the offset of `${{` in the text."""

    source: str
    offset: int


def split(text: str) -> list[str | Code]:
    """The literal pieces and expressions of a text, in order. `InvalidExpression` where a `${{` is not closed."""
    parts: list[str | Code] = []
    at = 0
    while (opening := OPENING.search(text, at)) is not None:
        parts.append(text[at : opening.start()])
        at = opening.end()
        if opening[0] == "$${{":
            parts.append("${{")
            continue
        end = _closing(text, at)
        parts.append(Code(text[at:end].strip(), opening.start()))
        at = end + 2
    return _joined([*parts, text[at:]])


def _closing(text: str, start: int) -> int:
    depth = 0
    for token in TOKEN.finditer(text, start):
        if token["open"]:
            depth += 1
        elif token["close"] and depth:
            depth -= 1
        elif token["close"] and text.startswith("}}", token.start()):
            return token.start()
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) - 2
    raise InvalidExpression("an expression is not closed", problems=[Problem(f"{line}:{column}", "`${{` without `}}`")])


def _joined(parts: list[str | Code]) -> list[str | Code]:
    joined: list[str | Code] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part:
            joined.append(part)
    return joined


def expressions(params: Any, path: str = "params") -> Iterator[tuple[str, str]]:
    """Every expression in `params`, with the path of the value that holds it (`params.attendees[0]`)."""
    for place, text in _texts(params, path):
        for part in split(text):
            if isinstance(part, Code):
                yield place, part.source


def has_expression(value: Any) -> bool:
    """Whether a value is text that holds an expression (or a `${{` that is not closed)."""
    if not isinstance(value, str):
        return False
    try:
        return any(isinstance(part, Code) for part in split(value))
    except InvalidExpression:
        return True


def resolve(params: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """`params` with every expression replaced by its value, as JSON says it; `params` itself is left alone.

    `InvalidExpression` has a problem for each value that cannot be computed, with its path.
    """
    problems: list[Problem] = []
    resolved = {key: _resolve(value, values, f"params.{key}", problems) for key, value in params.items()}
    if problems:
        raise InvalidExpression("parameters cannot be computed", problems=problems)
    return resolved


def _resolve(value: Any, values: Mapping[str, Any], path: str, problems: list[Problem]) -> Any:
    if isinstance(value, Mapping):
        return {key: _resolve(item, values, f"{path}.{key}", problems) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_resolve(item, values, f"{path}[{index}]", problems) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    try:
        return resolve_text(value, values)
    except InvalidExpression as error:
        problems.append(Problem(path, error.message, error.hint))
        return None


def resolve_text(text: str, values: Mapping[str, Any]) -> Any:
    """One text with its expressions replaced: any JSON value where it is a single expression, otherwise text."""
    parts = split(text)
    if len(parts) == 1 and isinstance(parts[0], Code):
        return to_json(compile_expression(parts[0].source).evaluate(values))
    return "".join(part if isinstance(part, str) else to_text(compile_expression(part.source).evaluate(values)) for part in parts)


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")
