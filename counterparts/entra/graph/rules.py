"""Rules of dynamic groups.

https://learn.microsoft.com/entra/identity/users/groups-dynamic-membership, as far as one property is compared
with a text, a list of texts, true, false or null, and comparisons are joined.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import LarkError

from counterparts.entra.errors import bad_request

GRAMMAR = r"""
?start: either
?either: both ("-or"i both)*
?both: negated ("-and"i negated)*
?negated: "-not"i atom -> negation
        | atom
?atom: "(" either ")"
     | PROPERTY OPERATOR value -> comparison
?value: TEXT -> text
      | "[" TEXT ("," TEXT)* "]" -> texts
      | "true"i -> yes
      | "false"i -> no
      | "null"i -> null

PROPERTY: /user\.[A-Za-z][A-Za-z0-9_]*/
OPERATOR: /-(eq|ne|startsWith|notStartsWith|contains|notContains|in|notIn)(?![A-Za-z])/i
TEXT: /"(?:[^"`]|`.)*"/
%ignore /\s+/
"""
Fits = Callable[[Mapping[str, Any]], bool]
_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda mine, other: bool(mine == other),
    "startswith": lambda mine, other: str(mine or "").startswith(str(other)),
    "contains": lambda mine, other: str(other) in str(mine or ""),
    "in": lambda mine, other: mine in other,
}


@v_args(inline=True)
class _Rule(Transformer[Token, Any]):
    def either(self, *operands: Fits) -> Fits:
        return lambda user: any(operand(user) for operand in operands)

    def both(self, *operands: Fits) -> Fits:
        return lambda user: all(operand(user) for operand in operands)

    def negation(self, operand: Fits) -> Fits:
        return lambda user: not operand(user)

    def comparison(self, named: Token, operator: Token, value: Any) -> Fits:
        name = named.partition(".")[2]
        asked = operator.lower().lstrip("-")
        negated = asked.startswith("n") and asked not in _TESTS
        positive = "eq" if asked == "ne" else asked.removeprefix("not") if negated else asked
        test = _TESTS[positive]
        return lambda user: test(_folded(user.get(name)), value) != negated

    def text(self, token: Token) -> str:
        return _unquoted(token)

    def texts(self, *tokens: Token) -> tuple[str, ...]:
        return tuple(_unquoted(token) for token in tokens)

    def yes(self) -> bool:
        return True

    def no(self) -> bool:
        return False

    def null(self) -> None:
        return None


def _unquoted(token: Token) -> str:
    return token[1:-1].replace("`", "").casefold()


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


@functools.lru_cache(maxsize=256)
def parsed(rule: str) -> Fits:
    """Who fits; the vendor's 400 for what is no rule. Letters count without case."""
    try:
        fits: Fits = _Rule().transform(_parser().parse(rule))
    except LarkError as error:
        raise bad_request(f"Membership rule '{rule}' is not valid.") from error
    return fits


@functools.cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=True)
