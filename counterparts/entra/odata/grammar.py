"""`$filter` as a tree. The grammar is OData 4.01's, as far as Microsoft Graph takes it.

https://learn.microsoft.com/graph/filter-query-parameter
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, TypeAlias

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import LarkError

from counterparts.entra.errors import malformed

GRAMMAR = r"""
?start: either
?either: both ("or"i both)*
?both: negated ("and"i negated)*
?negated: "not"i atom -> negation
        | atom
?atom: "(" either ")"
     | path COMPARISON literal -> comparison
     | path "in"i "(" literal ("," literal)* ")" -> membership
     | FUNCTION "(" path "," literal ")" -> call
     | path _ANY "(" [NAME ":" either] ")" -> any_of
     | path _COUNT COMPARISON literal -> counted
path: NAME ("/" NAME)*
literal: TEXT -> text
       | GUID -> guid
       | TIME -> time
       | NUMBER -> number
       | "true"i -> yes
       | "false"i -> no
       | "null"i -> null

COMPARISON: /(eq|ne|gt|ge|lt|le)(?![A-Za-z0-9_])/i
FUNCTION.2: /(startswith|endswith|contains)(?=\s*\()/i
_ANY.2: /\/any(?=\s*\()/i
_COUNT.2: /\/\$count/
TEXT: /'(?:[^']|'')*'/
GUID.3: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i
TIME.2: /\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?/
NUMBER: /-?\d+(?:\.\d+)?/
NAME: /(?!(?:and|or|not|in|any|true|false|null)(?![A-Za-z0-9_]))[A-Za-z_][A-Za-z0-9_]*/i
%ignore /\s+/
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as it was written, ISO 8601."""

    text: str


Literal: TypeAlias = str | float | bool | Moment | None
Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    path: Path
    operator: str
    value: Literal


@dataclass(frozen=True, slots=True)
class Membership:
    path: Path
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    path: Path
    value: Literal


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Something in the collection fulfils the predicate; without one: there is something."""

    path: Path
    variable: str | None
    predicate: Node | None


@dataclass(frozen=True, slots=True)
class Counted:
    path: Path
    operator: str
    value: Literal


@dataclass(frozen=True, slots=True)
class Negation:
    operand: Node


@dataclass(frozen=True, slots=True)
class Combination:
    """`every`: and; otherwise or."""

    every: bool
    operands: tuple[Node, ...]


Node: TypeAlias = Comparison | Membership | Call | AnyOf | Counted | Negation | Combination


@v_args(inline=True)
class _Tree(Transformer[Token, Any]):
    def either(self, *operands: Node) -> Combination:
        return Combination(every=False, operands=operands)

    def both(self, *operands: Node) -> Combination:
        return Combination(every=True, operands=operands)

    def negation(self, operand: Node) -> Negation:
        return Negation(operand)

    def comparison(self, path: Path, operator: Token, value: Literal) -> Comparison:
        return Comparison(path, operator.lower(), value)

    def membership(self, path: Path, *values: Literal) -> Membership:
        return Membership(path, values)

    def call(self, function: Token, path: Path, value: Literal) -> Call:
        return Call(function.lower(), path, value)

    def any_of(self, path: Path, variable: Token | None, predicate: Node | None) -> AnyOf:
        return AnyOf(path, None if variable is None else str(variable), predicate)

    def counted(self, path: Path, operator: Token, value: Literal) -> Counted:
        return Counted(path, operator.lower(), value)

    def path(self, *names: Token) -> Path:
        return tuple(str(name) for name in names)

    def text(self, token: Token) -> str:
        return token[1:-1].replace("''", "'")

    def guid(self, token: Token) -> str:
        return token.lower()

    def time(self, token: Token) -> Moment:
        return Moment(str(token))

    def number(self, token: Token) -> float:
        return float(token)

    def yes(self) -> bool:
        return True

    def no(self) -> bool:
        return False

    def null(self) -> None:
        return None


@functools.cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=True)


def parse(text: str) -> Node:
    """The tree of a filter; 400 where it is none."""
    try:
        tree = _parser().parse(text)
    except LarkError as error:
        raise malformed(f"Invalid filter clause: syntax error in '{text}'.") from error
    node: Node = _Tree().transform(tree)
    return node
