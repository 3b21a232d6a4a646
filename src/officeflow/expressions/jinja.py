"""The template language: Jinja's sandbox, narrowed to a closed list of constructs, over plain data,
counted.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from jinja2 import Environment as JinjaEnvironment
from jinja2 import Template, TemplateSyntaxError, meta, nodes
from jinja2.exceptions import TemplateRuntimeError, UndefinedError

from officeflow.errors import InvalidExpression, Problem, TooCostly, did_you_mean
from officeflow.expressions.budget import budget
from officeflow.expressions.filters import FILTERS
from officeflow.expressions.met import met
from officeflow.expressions.names import TOP_LEVEL
from officeflow.expressions.sandbox import ADVICE, NODES, TESTS, Counted, Kind, environment

MAX_DEPTH = 100
LONGEST_LINE = 200
"""Characters of a template's line that an error shows."""


def parse(source: str) -> nodes.Template:
    """The template's tree; `InvalidExpression` names every construct, filter and test that templates do not
    have, with its line.
    """
    tree = tree_of(source)
    problems = [problem for node in _all(tree) if (problem := _problem(node)) is not None]
    if problems:
        raise _invalid(problems)
    return tree


def tree_of(source: str) -> nodes.Template:
    """The tree of any template of Jinja's; `InvalidExpression` for what is none."""
    try:
        tree = environment().parse(source)
        _all(tree)
    except TemplateSyntaxError as error:
        raise _invalid([Problem(f"line {error.lineno}", _said(error))]) from error
    except (RecursionError, ValueError, OverflowError) as error:
        raise _invalid(
            [Problem("line 1", "it is nested too deep or holds a number that is too long")]
        ) from error
    return tree


def compile_template(source: str, kind: Kind = "text") -> Template:
    """`kind` "html" escapes every value; "url" lets none lead elsewhere, unless the address is one value and
    nothing else.
    """
    tree = parse(source)
    made = environment("text" if kind == "url" and _is_one_value(tree) else kind)
    try:
        tree = Counted().visit(tree)
        with budget():
            code = made.compile(tree, filename="<template>")
    except TemplateSyntaxError as error:
        raise _invalid([Problem(f"line {error.lineno}", _said(error))]) from error
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise _invalid([Problem("line 1", "it is nested too deep")]) from error
    return Template.from_code(made, code, made.make_globals(None))


def _is_one_value(tree: nodes.Template) -> bool:
    match tree.body:
        case [nodes.Output(nodes=[only])]:
            return not isinstance(only, nodes.TemplateData)
    return False


compiled = functools.lru_cache(maxsize=256)(compile_template)


def facts(source: str) -> dict[str, list[str]]:
    """`names`: those that a template reads and nobody sets in it.

    `nodes`: the ids in `nodes.<id>`, "*" where it reads `nodes` whole.
    """
    return facts_of(parse(source))


def facts_of(tree: nodes.Template) -> dict[str, list[str]]:
    """The same of any tree, whatever its filters and tests are."""
    try:
        return {"names": sorted(names_read(tree)), "nodes": sorted(fields_of("nodes", tree))}
    except TemplateSyntaxError as error:
        raise _invalid([Problem(f"line {error.lineno}", _said(error))]) from error


class _Any(dict[str, Any]):
    """Filters, or tests: every name is one."""

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ARG002 - dict's signature
        return str


def names_read(tree: nodes.Template) -> set[str]:
    """The names that a template reads and nobody sets in it. The tree can only be looked at afterwards."""
    reading = JinjaEnvironment(autoescape=False, optimized=False)  # noqa: S701 - it renders nothing
    reading.filters, reading.tests = _Any(), _Any()
    tree.set_environment(reading)
    return meta.find_undeclared_variables(tree)


def run(template: Template, data: Mapping[str, Any], limit: int) -> str:
    """What the template writes, at most `limit` characters."""
    pieces: list[str] = []
    size = 0
    with budget():
        try:
            for piece in template.generate(data):
                size += len(piece)
                _within(size, limit)
                _not_empty(template, piece, pieces)
                pieces.append(piece)
        except InvalidExpression as error:
            raise _failed(error.message, error, error.hint) from error
        except (UndefinedError, TemplateRuntimeError) as error:
            hint = (
                "where a value may be missing, write {{ value | default('…') }}"
                if isinstance(error, UndefinedError)
                else ""
            )
            raise _failed(error.message or "it failed", error, hint) from error
        except (
            TypeError,
            ValueError,
            ArithmeticError,
            LookupError,
            AttributeError,
            RecursionError,
            AssertionError,
        ) as error:
            raise _failed(f"{type(error).__name__}: {error}", error, "") from error
    return "".join(pieces)


def fields_of(name: str, tree: nodes.Template) -> set[str]:
    """The fields that a template reads of a top-level object, and "*" where it reads the object itself."""
    read = [(part.node, part.attr) for part in tree.find_all(nodes.Getattr)]
    read += [
        (part.node, part.arg.value)
        for part in tree.find_all(nodes.Getitem)
        if isinstance(part.arg, nodes.Const)
    ]
    fields = [str(key) for owner, key in read if isinstance(owner, nodes.Name) and owner.name == name]
    whole = sum(found.name == name and found.ctx == "load" for found in tree.find_all(nodes.Name)) > len(
        fields
    )
    return {*fields, "*"} if whole else set(fields)


def _within(size: int, limit: int) -> None:
    if size > limit:
        raise InvalidExpression(f"the template writes more than {limit} characters")


def _not_empty(template: Template, piece: str, before: list[str]) -> None:
    """`/users/{{ x }}` with an empty x would be all of them; behind the question mark nothing depends on
    it.
    """
    if (
        not piece
        and template.environment is environment("url")
        and not any("?" in earlier for earlier in before)
    ):
        raise InvalidExpression(
            "a value that is put into an address is empty", hint="test it before, or write default('…', true)"
        )


def _all(tree: nodes.Node) -> list[nodes.Node]:
    found: list[nodes.Node] = []
    waiting = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise RecursionError
        found.append(node)
        waiting.extend((child, depth + 1) for child in node.iter_child_nodes())
    return sorted(found, key=lambda node: node.lineno or 0)


def _problem(node: nodes.Node) -> Problem | None:
    place = f"line {node.lineno}"
    if not isinstance(node, NODES):
        advice = ADVICE.get(type(node), "templates have values, if, for, set and with")
        return Problem(place, f"templates have no {type(node).__name__}", advice)
    if isinstance(node, nodes.For) and node.recursive:
        return Problem(place, "templates have no recursive loops")
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        return Problem(place, f"there is no filter {node.name!r}", did_you_mean(node.name, FILTERS))
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        return Problem(place, f"there is no test {node.name!r}", did_you_mean(node.name, TESTS))
    return None


def _invalid(problems: list[Problem]) -> InvalidExpression:
    return InvalidExpression("the template is not valid", problems=problems[:20])


def _said(error: TemplateSyntaxError) -> str:
    return (error.message or "it is not a template").rstrip(".")


def _failed(reason: str, error: BaseException, hint: str) -> InvalidExpression:
    problem = Problem(f"line {_line(error.__traceback__)}", reason, hint)
    return InvalidExpression("the template cannot be rendered", problems=[problem])


def with_types(error: InvalidExpression, source: str, data: Mapping[str, Any]) -> InvalidExpression:
    """The error of a template that could not be rendered, with what stands in its line, and the types of what
    is read there.
    """
    if isinstance(error, TooCostly):
        return error
    problems = [
        Problem(problem.path, _in_line(problem, source, data), problem.suggestion)
        for problem in error.problems
    ]
    return InvalidExpression(error.message, problems=problems, hint=error.hint)


def _in_line(problem: Problem, source: str, data: Mapping[str, Any]) -> str:
    number, lines = problem.path.removeprefix("line "), source.splitlines()
    if not number.isdigit() or not 1 <= int(number) <= len(lines):
        return problem.reason
    here = [
        node
        for node in tree_of(source).find_all((nodes.Getattr, nodes.Getitem))
        if node.lineno == int(number)
    ]
    types = met(filter(None, map(_path, here)), data)
    text = lines[int(number) - 1].strip()[:LONGEST_LINE]
    return f"{problem.reason}, in `{text}`{f'; {types}' if types else ''}"


def _path(node: nodes.Expr) -> tuple[str, ...] | None:
    """The way from a top-level name to this value; None where it is computed."""
    match node:
        case nodes.Name():
            return (node.name,) if node.name in TOP_LEVEL else None
        case nodes.Getattr():
            owner, name = _path(node.node), node.attr
        case nodes.Getitem(arg=nodes.Const(value=str(name))):
            owner = _path(node.node)
        case _:
            return None
    return None if owner is None else (*owner, name)


def _line(traceback: TracebackType | None) -> int:
    """The line of the template in which it happened: Jinja rewrites tracebacks so that its frames carry the
    template's own lines.
    """
    line = 1
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == "<template>":
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
