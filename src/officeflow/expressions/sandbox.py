"""The sandbox in which templates run: a closed list of constructs, over plain data, counted."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, cast

from jinja2 import StrictUndefined, Undefined, nodes
from jinja2.exceptions import UndefinedError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as DEFAULT_TESTS
from jinja2.visitor import NodeTransformer

from officeflow.errors import InvalidExpression
from officeflow.expressions.budget import charge, weight
from officeflow.expressions.filters import FILTERS, Quoted
from officeflow.expressions.values import to_text

Kind = Literal["text", "html", "url"]
LEADS_ELSEWHERE = re.compile(r"[/\\?#%&;\x00-\x20\x7f]|\A\.{1,2}\Z")
EACH, CONCAT, READ = "officeflow each", "officeflow concat", "officeflow read"
"""Filters that the compiler of templates puts in; no template can spell them."""

TEST_NAMES = [
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
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
]


def _counted_test(function: Callable[..., Any]) -> Callable[..., bool]:
    @functools.wraps(function)
    def test(*values: Any) -> bool:
        charge(sum(map(weight, values)))
        return bool(function(*values))

    return test


TESTS = {name: _counted_test(cast("Callable[..., Any]", DEFAULT_TESTS[name])) for name in TEST_NAMES}
NODES = tuple(
    getattr(nodes, name)
    for name in [
        "Template",
        "Output",
        "TemplateData",
        "For",
        "If",
        "Assign",
        "With",
        "Name",
        "Const",
        "Tuple",
        "List",
        "Dict",
        "Pair",
        "Keyword",
        "CondExpr",
        "Filter",
        "Test",
        "Getattr",
        "Getitem",
        "Slice",
        "Concat",
        "Compare",
        "Operand",
        "Add",
        "Sub",
        "Mul",
        "Div",
        "FloorDiv",
        "Mod",
        "And",
        "Or",
        "Not",
        "Neg",
        "Pos",
    ]
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


class Counted(NodeTransformer):
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
