"""CEL programs, compiled and run where they are asked for: in the process of an evaluator.

Source text is at most `MAX_SOURCE` characters, loops together at most 10,000 rounds (the runtime's own
limit), and what an expression could build and how long it could take is bounded before it runs
(`officeflow.expressions.cost`, `officeflow.expressions.patterns`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from officeflow.errors import InvalidExpression, Problem, TooCostly
from officeflow.expressions import cost, reasons
from officeflow.expressions.ast import (
    Call,
    Const,
    Ident,
    References,
    Select,
    Tree,
    parse,
    reads,
    references,
    walk,
)
from officeflow.expressions.lookups import Lookup, lookup_of
from officeflow.expressions.met import TYPES, met
from officeflow.expressions.names import (
    EACH,
    ITEM,
    ITEM_INDEX,
    OF_DELIVERIES,
    TOP_LEVEL,
    Names,
    Types,
    build_types,
)
from officeflow.expressions.patterns import MAX_PATTERN, MAX_PROGRAM, program_size
from officeflow.expressions.person_fields import EMPLOYEE, PAYLOAD

if TYPE_CHECKING:
    from cel_expr_python import cel

MAX_SOURCE = 4096


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled expression.

    `costs`: whether what it builds, and how long it takes, depends on the values.
    """

    source: str
    references: References
    tree: Tree
    runtime: cel.Expression
    costs: bool
    needs_zones: bool

    @property
    def is_false(self) -> bool:
        return self.tree == Const(value=False)

    @property
    def is_plain(self) -> bool:
        """Whether it only names a value that is there."""
        tree = self.tree
        while True:
            match tree:
                case Ident():
                    return True
                case Select(inner) | Call("_[_]", (inner, Const())):
                    tree = inner
                case _:
                    return False

    @property
    def lookup(self) -> Lookup | None:
        """What it looks up, where it does nothing else."""
        return lookup_of(self.source, self.tree)

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """Its value: None, bool, int, float, str, bytes, datetime (aware, UTC), timedelta, list or dict of
        these.

        `values` has the top-level names in CEL's terms (`values.to_cel`). `InvalidExpression` where it cannot
        be computed, for instance because a field is not there; `TooCostly` where it would take too much.
        """
        data: dict[str, Any] = {
            name: values.get(name) or {} for name in self.references.names & set(TOP_LEVEL)
        }
        anything = self.references.names & {*EACH, *OF_DELIVERIES}
        data |= {name: values[name] for name in anything if name in values}
        if self.costs:
            self._bounded(data)
        try:
            result = self.runtime.eval(data=data)
            kind, value = result.type().name(), result.plain_value()
        except TypeError as error:
            raise self._failed("it gives an optional value", "end it with `.orValue(…)`", data) from error
        except RuntimeError as error:
            raise self._stopped(str(error), data) from error
        if kind == "ERROR":
            raise self._stopped(str(value), data)
        return value

    def test(self, values: Mapping[str, Any]) -> bool:
        """Its value as a condition; `InvalidExpression` unless it is true or false."""
        value = self.evaluate(values)
        if isinstance(value, bool):
            return value
        kind = TYPES.get(type(value), type(value).__name__)
        raise self._failed(f"a condition must give true or false, this gives {kind}", "", values)

    def _bounded(self, data: Mapping[str, Any]) -> None:
        try:
            cost.bound(self.tree, data)
        except TooCostly as error:
            raise TooCostly(
                f"cannot evaluate `{self.source}`: {error.message}", limit=error.limit, hint=error.hint
            ) from error

    def _stopped(self, message: str, data: Mapping[str, Any]) -> InvalidExpression:
        if "budget exceeded" in message:
            why = "it takes too many steps"
            return TooCostly(
                f"cannot evaluate `{self.source}`: {why}",
                limit=why,
                hint="loops may take 10,000 rounds in all",
            )
        return self._failed(*reasons.runtime_reason(message), data)

    def _failed(self, reason: str, hint: str, data: Mapping[str, Any]) -> InvalidExpression:
        """With the types of what it has read, which tell what the reason is about."""
        types = met((read.path for read in reads(self.tree)), data)
        return InvalidExpression(
            f"cannot evaluate `{self.source}`: {reason}{f'; {types}' if types else ''}", hint=hint
        )


@functools.lru_cache(maxsize=1024)
def compile_program(source: str) -> Program:
    """`InvalidExpression` names each problem with `line:column` in the source."""
    runtime = _compile(_environment(), source, None)
    tree = parse(runtime.serialize())
    for pattern in _patterns(tree):
        _check_pattern(source, pattern)
    return Program(source, references(tree), tree, runtime, cost.depends_on_values(tree), _names_zones(tree))


def check_types(source: str, names: Names, *, condition: bool) -> None:
    """Every name, field and type against `names`, and with `condition` that it gives true or false."""
    checker = _checker(names)
    kind = _compile(checker.env, source, checker).return_type().name()
    if kind.startswith("optional_type"):
        raise _invalid(source, [Problem("1:1", "it gives an optional value", "end it with `.orValue(…)`")])
    if condition and kind not in {"BOOL", "DYN"} and not kind.endswith("BoolValue"):
        raise _invalid(
            source,
            [
                Problem(
                    "1:1",
                    f"a condition must give true or false, this gives {reasons.type_name(kind, checker)}",
                )
            ],
        )
    if problems := list(dict.fromkeys(_never_there(source, names))):
        raise _invalid(source, problems)


def _never_there(source: str, names: Names) -> Iterator[Problem]:
    """Fields of the person's that are read and never there."""
    for read in reads(compile_program(source).tree):
        owner, name = ".".join(read.path[:-1]), read.path[-1]
        if owner in {PAYLOAD, EMPLOYEE} and (
            problem := names.person.problem(owner, name, literally=read.literally)
        ):
            yield Problem(_place(source, name), *problem)


def _place(source: str, name: str) -> str:
    """Line and column of the first place where the name stands as a field."""
    found = re.search(rf"(?:\.\s*\??\s*|[\"'])({re.escape(name)})\b", source)
    at = found.start(1) if found else 0
    return f"{source.count(chr(10), 0, at) + 1}:{at - source.rfind(chr(10), 0, at)}"


def warm_up() -> None:
    """Load the runtime. What is not loaded afterwards is not needed."""
    _pattern_tester()
    _checker(Names())


def load_zones(names: Iterable[str]) -> None:
    """The runtime reads a time zone's file when it first needs it, and keeps it."""
    program = compile_program("timestamp('2026-01-01T00:00:00Z').getHours(run.zone)")
    for name in names:
        program.runtime.eval(data={"run": {"zone": name}})


def _names_zones(tree: Tree) -> bool:
    """Whether it asks for a part of a moment in a time zone: `t.getHours("Europe/Berlin")`."""
    return any(
        isinstance(part, Call)
        and part.function.startswith("get")
        and len(part.arguments) == 2
        and part.function in reasons.FUNCTIONS
        for part, _ in walk(tree)
    )


def _patterns(tree: Tree) -> Iterator[str | None]:
    """The pattern of every `matches`; None for one that is not written out."""
    for part, _ in walk(tree):
        match part:
            case Call("matches", (_, Const(str(pattern)))):
                yield pattern
            case Call("matches"):
                yield None


def _check_pattern(source: str, pattern: str | None) -> None:
    if pattern is None:
        why = "the pattern of matches() is computed: it must be written out as a text"
        hint = "write one text in quotes, or use contains, startsWith, endsWith or =="
        raise _too_costly(source, why, hint)
    if len(pattern) > MAX_PATTERN:
        raise _too_costly(
            source,
            f"a pattern of {len(pattern)} characters is longer than {MAX_PATTERN}",
            "split it into several",
        )
    if program_size(pattern) > MAX_PROGRAM:
        why = "a pattern of matches() is too large once its repetitions are written out"
        raise _too_costly(
            source, why, r"fewer {n,m}, and no \p{…} or \pL inside of one; [A-Za-z] or \w is small"
        )
    tried = _pattern_tester().eval(data={"run": {"pattern": pattern}})
    if tried.type().name() == "ERROR":
        raise _invalid(source, [Problem("1:1", reasons.runtime_reason(str(tried.plain_value()))[0])])


def _too_costly(source: str, why: str, hint: str) -> TooCostly:
    return TooCostly(
        f"the expression `{source}` is not valid", limit=why, problems=[Problem("1:1", why, hint)]
    )


@functools.cache
def _pattern_tester() -> cel.Expression:
    return _environment().compile("''.matches(run.pattern)")


@dataclass(frozen=True, slots=True)
class _Checker:
    env: cel.Env
    names: Names
    types: Types


_checkers: dict[int, _Checker] = {}


def _checker(names: Names) -> _Checker:
    """The checker for `names`; the last few are kept, by identity, since a whole definition is checked
    against the same names.
    """
    known = _checkers.get(id(names))
    if known is not None and known.names is names:
        return known
    from cel_expr_python import cel

    pool, variables, types = build_types(names)
    declared = {name: cel.Type(type_name.removeprefix(".")) for name, type_name in variables.items()}
    of_the_round = {**dict.fromkeys((ITEM, *OF_DELIVERIES), cel.Type.DYN), ITEM_INDEX: cel.Type.INT}
    declared |= {name: kind for name, kind in of_the_round.items() if name in names.visible}
    checker = _Checker(
        cel.NewEnv(descriptor_pool=pool, variables=declared, extensions=_extensions()), names, types
    )
    while len(_checkers) >= 8:
        _checkers.pop(next(iter(_checkers)), None)
    _checkers[id(names)] = checker
    return checker


def _extensions() -> list[Any]:
    from cel_expr_python.ext import ext_bindings, ext_math, ext_optional, ext_strings

    return [
        ext_strings.ExtStrings(),
        ext_math.ExtMath(),
        ext_optional.ExtOptional(),
        ext_bindings.ExtBindings(),
    ]


@functools.cache
def _environment() -> cel.Env:
    from cel_expr_python import cel

    anything = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    variables = {**dict.fromkeys(TOP_LEVEL, anything), **dict.fromkeys((*EACH, *OF_DELIVERIES), cel.Type.DYN)}
    return cel.NewEnv(variables=variables, extensions=_extensions())


def _compile(env: cel.Env, source: str, checker: _Checker | None) -> cel.Expression:
    try:
        return env.compile(source)
    except RuntimeError as error:
        raise _invalid(source, reasons.problems(str(error), checker)) from error
    except TypeError as error:
        raise _invalid(source, [Problem("1:1", "it holds a character that is not valid Unicode")]) from error


def _invalid(source: str, problems: list[Problem]) -> InvalidExpression:
    return InvalidExpression(f"the expression `{source}` is not valid", problems=problems)
