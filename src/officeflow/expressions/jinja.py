"""The template language: Jinja's sandbox, narrowed to a closed list of constructs, over plain data,
counted.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Literal, cast

from jinja2 import Environment as JinjaEnvironment
from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined, meta, nodes
from jinja2.exceptions import TemplateRuntimeError, UndefinedError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as DEFAULT_TESTS
from jinja2.visitor import NodeTransformer

from officeflow.errors import InvalidExpression, Problem, did_you_mean
from officeflow.expressions.budget import budget, charge, weight
from officeflow.expressions.filters import FILTERS, Quoted
from officeflow.expressions.values import to_text

Kind = Literal["text", "html", "url"]
LEADS_ELSEWHERE = re.compile(r"[/\\?#%&;\x00-\x20\x7f]|\A\.{1,2}\Z")
MAX_DEPTH = 100
EACH, CONCAT, READ = "officeflow each", "officeflow concat", "officeflow read"
"""Filters that the compiler of templates puts in; no template can spell them."""

TEST_NAMES = (
    *(
        "defined",
        "undefined",
        "none",
        "string",
        "number",
        "integer",
        "float",
        "boolean",
        "mapping",
        "sequence",
        "iterable",
        "true",
    ),
    *(
        "false",
        "even",
        "odd",
        "divisibleby",
        "lower",
        "upper",
        "in",
        "eq",
        "equalto",
        "ne",
        "lt",
        "lessthan",
        "le",
        "gt",
        "greaterthan",
        "ge",
    ),
    *("==", "!=", "<", "<=", ">", ">="),
)


def _counted_test(function: Callable[..., Any]) -> Callable[..., bool]:
    @functools.wraps(function)
    def test(*values: Any) -> bool:
        charge(sum(map(weight, values)))
        return bool(function(*values))

    return test


TESTS = {name: _counted_test(cast("Callable[..., Any]", DEFAULT_TESTS[name])) for name in TEST_NAMES}
NODES: tuple[type[nodes.Node], ...] = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.Assign, nodes.With),
    *(
        nodes.Name,
        nodes.Const,
        nodes.Tuple,
        nodes.List,
        nodes.Dict,
        nodes.Pair,
        nodes.Keyword,
        nodes.CondExpr,
    ),
    *(
        nodes.Filter,
        nodes.Test,
        nodes.Getattr,
        nodes.Getitem,
        nodes.Slice,
        nodes.Concat,
        nodes.Compare,
        nodes.Operand,
    ),
    *(
        nodes.Add,
        nodes.Sub,
        nodes.Mul,
        nodes.Div,
        nodes.FloorDiv,
        nodes.Mod,
        nodes.And,
        nodes.Or,
        nodes.Not,
        nodes.Neg,
        nodes.Pos,
    ),
)
LOOP_FIELDS = frozenset(
    {"index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "previtem", "nextitem"}
)
ADVICE: Mapping[type[nodes.Node], str] = {
    nodes.Call: (
        "nothing can be called in a template; use a filter, or compute the value in a `${{ }}` parameter"
    ),
    nodes.Pow: "there are no powers in a template",
    nodes.AssignBlock: "use {% set name = value %}",
}
OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


class Environment(ImmutableSandboxedEnvironment):
    """Attributes and items are keys of objects and indexes of lists, nothing else; operators work on numbers,
    `+` on text and lists too.
    """

    intercepted_binops = frozenset(OPERATORS)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext) and attribute in LOOP_FIELDS:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Undefined):
            raise UndefinedError(getattr(obj, "_undefined_message", "a value is not there"))
        try:
            if isinstance(obj, Mapping) or (
                isinstance(obj, list | tuple | str) and isinstance(argument, int | slice)
            ):
                return obj[argument]
        except (LookupError, TypeError):
            pass  # answered by undefined, which knows how to say it
        return self.undefined(f"there is no {'field' if isinstance(argument, str) else 'item'} {argument!r}")

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002 - Jinja's signature
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if not numbers and not (
            operator == "+"
            and any(isinstance(left, kind) and isinstance(right, kind) for kind in (str, list))
        ):
            raise InvalidExpression(
                f"`{operator}` needs numbers, not {type(left).__name__} and {type(right).__name__}"
            )
        charge(weight(left) + weight(right))
        result = OPERATORS[operator](left, right)
        if numbers and abs(result) >= 2**63:
            raise InvalidExpression(f"`{operator}` gives a number that is too large")
        return result


def _each(value: Any) -> list[Any]:
    if isinstance(value, Undefined):
        raise UndefinedError(value._undefined_message)  # noqa: SLF001 - Jinja has no other way to ask
    if not isinstance(value, list | tuple | dict):
        raise InvalidExpression(f"a loop needs a list or an object, not {type(value).__name__}")
    charge(weight(value))
    return list(value)


def _read(value: Any) -> Any:
    """A value that is compared, which takes as long as it is large."""
    charge(weight(value))
    return value


def _concat(parts: list[Any]) -> str:
    texts = [_finalize(part) for part in parts]
    charge(sum(map(len, texts)))
    return "".join(texts)


def _finalize(value: Any) -> str:
    if isinstance(value, Undefined):
        return str(value)  # StrictUndefined raises here
    if value is None:
        raise InvalidExpression("a value is null", hint="write {{ value or '…' }}")
    text = value if isinstance(value, str) else to_text(list(value) if isinstance(value, tuple) else value)
    charge(len(text))
    return text


def _finalize_url(value: Any) -> str:
    """A value is a part of the address, and none of its characters leads elsewhere."""
    text = _finalize(value)
    if not isinstance(value, Quoted) and (found := LEADS_ELSEWHERE.search(text)):
        raise InvalidExpression(
            f"a value that is put into an address holds {found[0]!r}", hint="write {{ value | urlencode }}"
        )
    return text


@functools.cache
def environment(kind: Kind = "text") -> Environment:
    made = Environment(
        undefined=StrictUndefined,
        autoescape=kind == "html",
        finalize=_finalize_url if kind == "url" else _finalize,
        optimized=False,
        cache_size=0,
        keep_trailing_newline=True,
    )
    made.globals.clear()
    made.filters.clear()
    made.filters.update({**FILTERS, EACH: _each, CONCAT: _concat, READ: _read})
    made.tests.clear()
    made.tests.update(TESTS)
    return made


def _filtered(value: nodes.Node, name: str) -> nodes.Filter:
    return nodes.Filter(value, name, [], [], None, None, lineno=value.lineno)


class _Counted(NodeTransformer):
    """Puts the counting filters around what loops run over, what is compared and what `~` joins."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja's visitor names methods by class
        self.generic_visit(node)
        node.iter = _filtered(node.iter, EACH)
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802 - named by class
        self.generic_visit(node)
        node.expr = _filtered(node.expr, READ)
        for operand in node.ops:
            operand.expr = _filtered(operand.expr, READ)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - named by class
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), CONCAT)


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
        tree = _Counted().visit(tree)
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
