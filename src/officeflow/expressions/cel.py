"""CEL, the Common Expression Language (https://cel.dev): conditions of edges, filters of triggers, `${{ }}` in parameters.

    compile_expression('event.payload.department == "Engineering"').evaluate(values)

Source text is at most `MAX_SOURCE` characters, loops together at most 10,000 rounds (the runtime's own limit), and what an expression
could build is bounded before it runs (`officeflow.expressions.cost`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from officeflow.errors import InvalidExpression, Problem, did_you_mean
from officeflow.expressions import cost
from officeflow.expressions.ast import References, Tree, parse, references
from officeflow.expressions.names import TOP_LEVEL, Names, Types, build_types
from officeflow.expressions.overloads import hint_of
from officeflow.expressions.values import to_cel

if TYPE_CHECKING:
    from cel_expr_python import cel

MAX_SOURCE = 4096
FUNCTIONS = (
    *("size", "contains", "startsWith", "endsWith", "matches", "string", "int", "uint", "double", "bool", "bytes", "timestamp", "duration"),
    *("dyn", "type", "has", "all", "exists", "exists_one", "map", "filter", "getFullYear", "getMonth", "getDate", "getDayOfMonth"),
    *("getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds", "charAt", "indexOf", "lastIndexOf"),
    *("join", "lowerAscii", "upperAscii", "replace", "split", "substring", "trim", "format", "reverse", "strings.quote", "math.greatest"),
    *(
        "math.least",
        "math.abs",
        "math.ceil",
        "math.floor",
        "math.round",
        "optional.of",
        "optional.none",
        "orValue",
        "hasValue",
        "or",
        "cel.bind",
    ),
)
"""For suggestions."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression. It may be kept and shared between threads."""

    source: str
    references: References
    tree: Tree
    program: cel.Expression
    grows: bool

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """Its value: None, bool, int, float, str, bytes, datetime (aware, UTC), timedelta, list or dict of these.

        `values` has the top-level names; one that is missing is an empty object. `InvalidExpression` where it cannot be computed, for
        instance because a field is not there.
        """
        data = {name: to_cel(values.get(name) or {}) for name in self.references.names & set(TOP_LEVEL)}
        if self.grows:
            self._bounded(data)
        try:
            result = self.program.eval(data=data)
            kind, value = result.type().name(), result.plain_value()
        except TypeError as error:
            raise self._failed("it gives an optional value", "end it with `.orValue(…)`") from error
        except RuntimeError as error:
            raise self._failed(*_runtime_reason(str(error))) from error
        if kind == "ERROR":
            raise self._failed(*_runtime_reason(str(value)))
        return value

    def test(self, values: Mapping[str, Any]) -> bool:
        """Its value as a condition; `InvalidExpression` unless it is true or false."""
        value = self.evaluate(values)
        if not isinstance(value, bool):
            raise self._failed(f"a condition must give true or false, this gives {type(value).__name__}", "")
        return value

    def _bounded(self, data: Mapping[str, Any]) -> None:
        try:
            cost.bound(self.tree, data)
        except InvalidExpression as error:
            raise self._failed(error.message, error.hint) from error

    def _failed(self, reason: str, hint: str) -> InvalidExpression:
        return InvalidExpression(f"cannot evaluate `{self.source}`: {reason}", hint=hint)


def compile_expression(source: str, names: Names | None = None, *, condition: bool = False) -> Expression:
    """Compile; with `names`, also check every name, field and type against them, and with `condition` that it gives true or false.

    `InvalidExpression` names each problem with `line:column` in the source.
    """
    if len(source) > MAX_SOURCE:
        raise InvalidExpression(f"the expression has {len(source)} characters, more than {MAX_SOURCE}")
    if not source.strip():
        raise InvalidExpression("the expression is empty")
    if names is not None:
        _check(source, names, condition=condition)
    return _compiled(source)


def _check(source: str, names: Names, *, condition: bool) -> None:
    checker = _checker(names)
    kind = _compile(checker.env, source, checker).return_type().name()
    if kind.startswith("optional_type"):
        raise _invalid(source, [Problem("1:1", "it gives an optional value", "end it with `.orValue(…)`")])
    if condition and kind not in {"BOOL", "DYN"} and not kind.endswith("BoolValue"):
        raise _invalid(source, [Problem("1:1", f"a condition must give true or false, this gives {_type_name(kind, checker)}")])


@dataclass(frozen=True, slots=True)
class _Checker:
    env: cel.Env
    names: Names
    types: Types


_checkers: dict[int, _Checker] = {}


def _checker(names: Names) -> _Checker:
    """The checker for `names`; the last few are kept, by identity, since a whole definition is checked against the same names."""
    known = _checkers.get(id(names))
    if known is not None and known.names is names:
        return known
    from cel_expr_python import cel

    pool, variables, types = build_types(names)
    declared = {name: cel.Type(type_name.removeprefix(".")) for name, type_name in variables.items()}
    checker = _Checker(cel.NewEnv(descriptor_pool=pool, variables=declared, extensions=_extensions()), names, types)
    while len(_checkers) >= 8:
        _checkers.pop(next(iter(_checkers)), None)
    _checkers[id(names)] = checker
    return checker


def _extensions() -> list[Any]:
    from cel_expr_python.ext import ext_bindings, ext_math, ext_optional, ext_strings

    return [ext_strings.ExtStrings(), ext_math.ExtMath(), ext_optional.ExtOptional(), ext_bindings.ExtBindings()]


@functools.cache
def _environment() -> cel.Env:
    from cel_expr_python import cel

    anything = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    return cel.NewEnv(variables=dict.fromkeys(TOP_LEVEL, anything), extensions=_extensions())


@functools.lru_cache(maxsize=2048)
def _compiled(source: str) -> Expression:
    program = _compile(_environment(), source, None)
    tree = parse(program.serialize())
    return Expression(source, references(tree), tree, program, cost.can_grow(tree))


def _compile(env: cel.Env, source: str, checker: _Checker | None) -> cel.Expression:
    try:
        return env.compile(source)
    except RuntimeError as error:
        raise _invalid(source, _problems(str(error), checker)) from error
    except TypeError as error:
        raise _invalid(source, [Problem("1:1", "it holds a character that is not valid Unicode")]) from error


def _invalid(source: str, problems: list[Problem]) -> InvalidExpression:
    return InvalidExpression(f"the expression `{source}` is not valid", problems=problems)


MESSAGE = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
UNDEFINED = re.compile(r"undefined field '([^']*)' not found in struct '([^']*)'")
FOLLOW_UP = ("'*error*'", "parsetree")


def _problems(message: str, checker: _Checker | None) -> list[Problem]:
    """The runtime's messages as problems, each once, without those that only follow from another."""
    found: dict[str, Problem] = {}
    for line, column, reason in MESSAGE.findall(message):
        if not any(sign in reason for sign in FOLLOW_UP):
            place = f"{line}:{column}" if int(line) > 0 else "1:1"
            found.setdefault(f"{place}{reason}", Problem(place, *_reason(reason, checker)))
    if not found:
        first = message.partition(" [")[0].partition(": ")[2] or message
        return [Problem("1:1", "it is nested too deep" if "recursion" in first else first.splitlines()[0])]
    return list(found.values())[:10]


def _reason(reason: str, checker: _Checker | None) -> tuple[str, str]:
    if match := UNDEFINED.search(reason):
        path, fields = checker.types.described.get(match[2], (match[2], ())) if checker else (match[2], ())
        if path == "nodes":
            return f"there is no node {match[1]!r}", did_you_mean(match[1], fields)
        return f"{path} has no field {match[1]!r}", did_you_mean(match[1], fields) or f"it has {', '.join(fields)}"
    if match := UNDECLARED.search(reason):
        name = match[1].partition(".")[0]
        known = checker.names.top_level() if checker else list(TOP_LEVEL)
        return f"{name!r} is not known here", did_you_mean(name, [*known, *FUNCTIONS]) or f"known are {', '.join(known)}"
    if "recursion" in reason:
        return "it is nested too deep, or chains more than 30 operators", "build the text with format() or join()"
    readable = _readable(reason, checker)
    return readable, hint_of(readable, numbers_only=True)


def _readable(reason: str, checker: _Checker | None) -> str:
    text = re.sub(r" expecting (\{.*\}|'.*')", "", reason).replace(" (in container '')", "").removesuffix(" [INVALID_ARGUMENT]")
    for name, (path, _) in checker.types.described.items() if checker else ():
        text = re.sub(rf"\b{re.escape(name)}\b", path, text)
    return text


def _type_name(kind: str, checker: _Checker) -> str:
    described = checker.types.described.get(kind)
    return f"the object {described[0]}" if described else kind.lower()


MISSING_KEY = re.compile(r"Key not found in map : \"(.*)\"")
MISSING_HINT = (
    "where it may be missing, test it with has(…) or read it as `.?name.orValue(…)`; "
    "a field of an event that no schema names is private and is read as employee.NAME"
)


def _runtime_reason(message: str) -> tuple[str, str]:
    """Reason and hint of a failed evaluation; never a value, which may be personal."""
    text = re.sub(r"^[A-Z_]+: |\s*\[[A-Z_]+\]$", "", message)
    if match := MISSING_KEY.search(text):
        return f"there is no field {match[1]!r}", MISSING_HINT
    if "budget exceeded" in text:
        return "it takes too many steps", "loops may take 10,000 rounds in all"
    return text, hint_of(text)
