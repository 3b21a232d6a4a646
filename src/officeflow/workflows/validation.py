"""Everything that is wrong with a definition, at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from officeflow.counts import counted
from officeflow.errors import InvalidDefinition, Problem, did_you_mean
from officeflow.events.topics import KINDS
from officeflow.workflows import (
    check_calls,
    check_expressions,
    check_flow,
    check_form,
    check_graph,
    check_loops,
    check_nodes,
    check_undo,
    draft,
)
from officeflow.workflows.check_expressions import Shown
from officeflow.workflows.check_nodes import Connections
from officeflow.workflows.models import MAX_EDGES, MAX_NODES, Definition

MAX_PROBLEMS = 200
MAX_TEXT = 4 * 1024 * 1024
"""Bytes of a definition."""


def validate(
    definition_json: Any, connections: Connections | None = None, shown: Shown | None = None
) -> list[Problem]:
    """Every problem, each with its path, reason and, where there is one, a suggestion; empty where the
    definition can be published.

    `connections` gives the organization's connections (name to provider); without it, that they exist is not
    checked. `shown` are the fields of events that it shows; without it, each that no schema names may be one.
    More than `MAX_PROBLEMS` are cut off, which the last one says.
    """
    problems = list(dict.fromkeys(_problems(definition_json, connections, shown)))
    if len(problems) > MAX_PROBLEMS:
        more = Problem(
            "", f"and {counted(len(problems) - MAX_PROBLEMS, 'problem')} more", "correct these first"
        )
        return [*problems[:MAX_PROBLEMS], more]
    return problems


def parse(
    definition_json: Any, connections: Connections | None = None, shown: Shown | None = None
) -> Definition:
    """The definition; `InvalidDefinition` with all its problems, as `validate` finds them."""
    problems = validate(definition_json, connections, shown)
    if problems:
        slug = definition_json.get("slug") if isinstance(definition_json, dict) else None
        name = f"workflow {slug!r}" if isinstance(slug, str) else "workflow definition"
        raise InvalidDefinition(f"the {name} has {counted(len(problems), 'problem')}", problems=problems)
    return Definition.model_validate(definition_json)


def from_text(text: str | bytes) -> Any:
    """The JSON in `text`; `InvalidDefinition` where it is none, is too large, or says a field twice."""
    if len(text) > MAX_TEXT:
        raise InvalidDefinition(f"the definition is larger than {MAX_TEXT // 1024**2} MiB")
    twice: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice.extend(sorted({name for name in names if names.count(name) > 1}))
        return found

    try:
        value = json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise InvalidDefinition(
            f"the definition is not JSON: {error.msg} in line {error.lineno}, column {error.colno}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InvalidDefinition(
            "the definition is not JSON that can be read: text that is not UTF-8, a number or nesting beyond"
            " limits"
        ) from error
    if twice:
        raise InvalidDefinition(f"the definition says a field of one object twice: {', '.join(twice[:10])}")
    return value


def _problems(raw: Any, connections: Connections | None, shown: Shown | None) -> Iterator[Problem]:
    yield from check_form.check(raw)
    if not isinstance(raw, dict) or _too_large(raw) or check_form.too_deep(raw):
        return
    found = draft.read(raw)
    yield from _events(found, raw)
    yield from check_graph.check(found)
    yield from check_flow.check(found)
    yield from check_loops.check(found)
    yield from check_undo.check(found)
    yield from check_nodes.check(found, None if connections is None else connections())
    yield from check_calls.check(found)
    yield from check_expressions.check(found, shown)


def _too_large(raw: dict[str, Any]) -> bool:
    return any(
        isinstance(raw.get(name), list) and len(raw[name]) > limit
        for name, limit in (("nodes", MAX_NODES), ("edges", MAX_EDGES))
    )


def _events(found: draft.Draft, raw: dict[str, Any]) -> Iterator[Problem]:
    """That there are none is told where the list is there; that it is not is told with the form."""
    trigger = raw.get("trigger")
    if isinstance(trigger, dict) and trigger.get("events") == [] and not isinstance(raw.get("inputs"), dict):
        yield Problem(
            "trigger.events",
            "at least 1 item is needed where no other workflow calls this one",
            f"one of {', '.join(KINDS)}, or declare inputs",
        )
    for index, kind in enumerate(found.events):
        if kind not in KINDS:
            yield Problem(
                f"trigger.events[{index}]",
                f"there is no kind of event {kind!r}",
                did_you_mean(kind, KINDS) or f"there are {', '.join(KINDS)}",
            )
        elif kind in found.events[:index]:
            yield Problem(f"trigger.events[{index}]", f"{kind!r} is there already")
