"""The life of an evaluator: it loads the languages, gives up its rights, and then answers what it is asked on
file descriptor 0.

Started by `pool` as `python -I -S`, so that it has neither environment nor anything of the folder it is
started in.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, get_args

from officeflow.errors import InvalidExpression, TooCostly
from officeflow.expressions import jinja, program, sandbox, template_names, zones
from officeflow.expressions.ast import reads
from officeflow.expressions.budget import MAX_OUTPUT
from officeflow.expressions.evaluator import confine, wire
from officeflow.expressions.names import Names
from officeflow.expressions.person_fields import PersonFields
from officeflow.expressions.values import to_cel, to_json, to_template, to_text

OUT_OF_MEMORY = 77
"""Exit status."""

WARMING = (
    "{% for x in ['b', 'a'] | sort %}{{ x | title | urlencode }}{{ loop.index | tojson }}{% endfor %}",
    "{{ event.missing }}",
    "{{ 1 | }}",
)
JSON = Any


class Request:
    """What one frame asks: jobs over the same values, against the same names."""

    def __init__(self, frame: bytes) -> None:
        self._asked = json.loads(frame)
        self.jobs: list[list[Any]] = self._asked["jobs"]

    @functools.cached_property
    def cel(self) -> Mapping[str, Any]:
        values: dict[str, Any] = to_cel(self._asked["values"])
        return values

    @functools.cached_property
    def template(self) -> Mapping[str, Any]:
        values: dict[str, Any] = to_template(self._asked["values"])
        return values

    @property
    def names(self) -> Names | None:
        text = self._asked["names"]
        return None if text is None else _names(text)


@functools.lru_cache(maxsize=8)
def _names(text: str) -> Names:
    """The same for the same text: checkers are kept by identity."""
    told = json.loads(text)
    return Names(
        nodes=told["nodes"],
        visible=frozenset(told["visible"]),
        person=PersonFields.of_json(told["person"]),
        given=told["given"],
    )


def _compile(request: Request, source: str, condition: bool) -> JSON:  # positional, as the wire has it
    compiled = program.compile_program(source)
    if request.names is not None:
        program.check_types(source, request.names, condition=condition)
    read = compiled.references
    return {
        "names": sorted(read.names),
        "nodes": sorted(read.nodes),
        "never": compiled.is_false,
        "plain": compiled.is_plain,
        "lookup": compiled.lookup,
        "reads": sorted({read.path for read in reads(compiled.tree)}),
    }


def _value(request: Request, source: str) -> JSON:
    return wire.pack(_evaluated(request, source))


def _truth(request: Request, source: str) -> JSON:
    return _ready(source).test(request.cel)


def _text(request: Request, parts: list[Any]) -> JSON:
    """Parts of a text, an expression in a list of its own."""
    if len(parts) == 1 and isinstance(parts[0], list):
        return to_json(_evaluated(request, parts[0][0]))
    return "".join(part if isinstance(part, str) else to_text(_evaluated(request, part[0])) for part in parts)


def _evaluated(request: Request, source: str) -> Any:
    return _ready(source).evaluate(request.cel)


def _ready(source: str) -> program.Program:
    compiled = program.compile_program(source)
    if compiled.needs_zones and not zones.loaded():
        raise zones.NotLoaded
    return compiled


def _render(request: Request, source: str, kind: sandbox.Kind) -> JSON:
    try:
        return jinja.run(jinja.compiled(source, kind), request.template, MAX_OUTPUT)
    except InvalidExpression as error:
        raise jinja.with_types(error, source, request.template) from error


def _check(_: Request, source: str) -> JSON:
    jinja.compiled(source)
    return jinja.facts(source)


def _read(_: Request, source: str) -> JSON:
    return jinja.facts_of(jinja.tree_of(source))


def _fields(request: Request, source: str) -> JSON:
    problems = template_names.problems_of(jinja.tree_of(source), request.names or Names())
    return [[problem.path, problem.reason, problem.suggestion] for problem in problems]


JOBS: Mapping[str, Callable[..., JSON]] = {
    "compile": _compile,
    "value": _value,
    "truth": _truth,
    "text": _text,
    "render": _render,
    "check": _check,
    "read": _read,
    "fields": _fields,
}


def main() -> None:
    """Never returns. Its one argument says what it may have: {memory, parent, zones}."""
    given = json.loads(sys.argv[1])
    link = socket.socket(fileno=0)
    try:
        confine.prepare()
        _load(with_zones=given["zones"])
        confine.give_up_rights(given["memory"], given["parent"])
    except Exception as error:  # noqa: BLE001 - told to who started it
        wire.send(link, json.dumps({"failed": f"{type(error).__name__}: {error}"}).encode())
        os._exit(1)
    with contextlib.suppress(wire.Closed):
        wire.send(link, b"{}")
        while True:
            wire.send(link, _answers(Request(wire.receive(link))))
    os._exit(0)


def _load(*, with_zones: bool) -> None:
    program.warm_up()
    for source in (
        WARMING
    ):  # libraries import some of their parts when they first need them, which is too late afterwards
        for kind in get_args(sandbox.Kind):
            with contextlib.suppress(InvalidExpression):
                jinja.run(jinja.compiled(source, kind), {}, MAX_OUTPUT)
    if with_zones:
        zones.load()
        program.load_zones(zones.names())


def _answers(request: Request) -> bytes:
    """Together: an answer of its own for each job would cost more than most jobs."""
    answers, size, began = [], 0, time.process_time()
    for seconds, kind, *arguments in request.jobs:
        confine.limit(seconds)
        answers.append(_answer(request, kind, arguments))
        confine.limit(0)
        size += len(answers[-1]) + 1
        if size > wire.MAX_FRAME - 100:
            os._exit(OUT_OF_MEMORY)
    return b'{"answers":[%b],"seconds":%f}' % (b",".join(answers), time.process_time() - began)


def _answer(request: Request, kind: str, arguments: list[Any]) -> bytes:
    try:
        answer = {"is": JOBS[kind](request, *arguments)}
        return json.dumps(answer).encode()
    except zones.NotLoaded:
        answer = {"needs": "zones"}
    except InvalidExpression as error:
        answer = {"error": _told(error)}
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception as error:  # noqa: BLE001 - the edge of the process: whatever a tenant's text makes of us is that text's error
        answer = {"error": _told(InvalidExpression(f"it cannot be computed: {type(error).__name__}"))}
    return json.dumps(answer).encode()


def _told(error: InvalidExpression) -> JSON:
    return {
        "message": error.message,
        "hint": error.hint,
        "limit": error.limit if isinstance(error, TooCostly) else None,
        "problems": [[problem.path, problem.reason, problem.suggestion] for problem in error.problems],
    }
