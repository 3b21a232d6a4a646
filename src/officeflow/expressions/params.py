"""`${{ expression }}` in parameters.

A value that is one expression and nothing else keeps the expression's type; inside a longer text it becomes
text (`values.to_text`). `$${{` stands for a literal `${{`. Keys of objects are taken as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from officeflow.errors import InvalidExpression, Problem
from officeflow.expressions.cel import Expression, compile_all, not_acceptable, only
from officeflow.expressions.evaluator import pool

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
    """The literal pieces and expressions of a text, in order.

    `InvalidExpression` where a `${{` is not closed.
    """
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
    raise InvalidExpression(
        "an expression is not closed", problems=[Problem(f"{line}:{column}", "`${{` without `}}`")]
    )


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
    told = iter(resolve_all([text for _, text in _texts(params, "params")], values))
    resolved = {key: _resolve(value, told, f"params.{key}", problems) for key, value in params.items()}
    if problems:
        raise InvalidExpression("parameters cannot be computed", problems=problems)
    return resolved


def _resolve(value: Any, told: Iterator[Any], path: str, problems: list[Problem]) -> Any:
    if isinstance(value, Mapping):
        return {key: _resolve(item, told, f"{path}.{key}", problems) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_resolve(item, told, f"{path}[{index}]", problems) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    answer = next(told)
    if isinstance(answer, InvalidExpression):
        problems.append(Problem(path, answer.message, answer.hint))
        return None
    return answer


def resolve_all(texts: Iterable[str], values: Mapping[str, Any]) -> list[Any]:
    """Each text with its expressions replaced: any JSON value where it is a single expression, otherwise
    text; an `InvalidExpression` for one that cannot be computed. In at most two round trips.
    """
    jobs = [job_of(text) for text in texts]
    asked = [job for job in jobs if isinstance(job, list)]
    told = iter(pool.ask(asked, values=only(names_read(asked), values)))
    return [next(told) if isinstance(job, list) else job for job in jobs]


def job_of(text: str) -> list[Any] | str | InvalidExpression:
    """What an evaluator is asked for the text: a job, or the text itself where there is no expression in
    it.
    """
    try:
        parts = split(text)
    except InvalidExpression as error:
        return error
    if not any(isinstance(part, Code) for part in parts):
        return "".join(part for part in parts if isinstance(part, str))
    for part in parts:
        if isinstance(part, Code) and (refused := not_acceptable(part.source)) is not None:
            return refused
    return ["text", [[part.source] if isinstance(part, Code) else part for part in parts]]


def names_read(jobs: Iterable[list[Any]]) -> set[str]:
    """The top-level names that jobs of `job_of` read.

    What is not valid reads nothing: the evaluator says why.
    """
    sources = [part[0] for job in jobs for part in job[1] if isinstance(part, list)]
    return {
        name
        for found in compile_all(sources)
        if isinstance(found, Expression)
        for name in found.references.names
    }


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")
