"""What the CEL runtime says of an expression, in words for people."""

from __future__ import annotations

import re
from typing import Protocol

from officeflow.errors import Problem, did_you_mean
from officeflow.expressions.names import EACH, IN_LOOPS, TOP_LEVEL, Names, Types
from officeflow.expressions.overloads import hint_of

FUNCTIONS = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "string",
    "int",
    "uint",
    "double",
    "bool",
    "bytes",
    "timestamp",
    "duration",
    "dyn",
    "type",
    "has",
    "all",
    "exists",
    "exists_one",
    "map",
    "filter",
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getHours",
    "getMinutes",
    "getSeconds",
    "getMilliseconds",
    "charAt",
    "indexOf",
    "lastIndexOf",
    "join",
    "lowerAscii",
    "upperAscii",
    "replace",
    "split",
    "substring",
    "trim",
    "format",
    "reverse",
    "strings.quote",
    "math.greatest",
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
]
"""For suggestions."""


class Checked(Protocol):
    """What an expression was checked against."""

    @property
    def names(self) -> Names: ...
    @property
    def types(self) -> Types: ...


MESSAGE = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
UNDEFINED = re.compile(r"undefined field '([^']*)' not found in struct '([^']*)'")
FOLLOW_UP = ("'*error*'", "parsetree")


def problems(message: str, checker: Checked | None) -> list[Problem]:
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


def _reason(reason: str, checker: Checked | None) -> tuple[str, str]:
    if match := UNDEFINED.search(reason):
        path, fields = checker.types.described.get(match[2], (match[2], ())) if checker else (match[2], ())
        if path == "nodes":
            return f"there is no node {match[1]!r}", did_you_mean(match[1], fields)
        return f"{path} has no field {match[1]!r}", did_you_mean(
            match[1], fields
        ) or f"it has {', '.join(fields)}"
    if match := UNDECLARED.search(reason):
        name = match[1].partition(".")[0]
        known = checker.names.top_level() if checker else list(TOP_LEVEL)
        if name in EACH:
            return f"{name!r} is not known here", IN_LOOPS
        return f"{name!r} is not known here", did_you_mean(
            name, [*known, *FUNCTIONS]
        ) or f"known are {', '.join(known)}"
    if "recursion" in reason:
        return (
            "it is nested too deep, or chains more than 30 operators",
            "build the text with format() or join()",
        )
    readable = _readable(reason, checker)
    return readable, hint_of(readable, numbers_only=True)


def _readable(reason: str, checker: Checked | None) -> str:
    text = (
        re.sub(r" expecting (\{.*\}|'.*')", "", reason)
        .replace(" (in container '')", "")
        .removesuffix(" [INVALID_ARGUMENT]")
    )
    for name, (path, _) in checker.types.described.items() if checker else ():
        text = re.sub(rf"\b{re.escape(name)}\b", path, text)
    return text


def type_name(kind: str, checker: Checked) -> str:
    described = checker.types.described.get(kind)
    return f"the object {described[0]}" if described else kind.lower()


MISSING_KEY = re.compile(r"Key not found in map : \"(.*)\"")
MISSING_HINT = (
    "where it may be missing, test it with has(…) or read it as `.?name.orValue(…)`; "
    "a field of an event that no schema names is private and is read as employee.NAME"
)


def runtime_reason(message: str) -> tuple[str, str]:
    """Reason and hint of a failed evaluation; never a value, which may be personal."""
    text = re.sub(r"^[A-Z_]+: |\s*\[[A-Z_]+\]$", "", message)
    if match := MISSING_KEY.search(text):
        return f"there is no field {match[1]!r}", MISSING_HINT
    return text, hint_of(text)
