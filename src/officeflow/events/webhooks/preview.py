"""What would come of a delivery, for who sets a source up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from officeflow.errors import InvalidExpression, Problem
from officeflow.events.webhooks import formats
from officeflow.events.webhooks.definition import Definition
from officeflow.events.webhooks.identity import digest, source_name
from officeflow.events.webhooks.mapping import Delivery, EventMapping

MOST_UNUSED = 200


def preview(definition: Definition, slug: str, headers: Mapping[str, str], raw: bytes) -> dict[str, Any]:
    """`events` that would come, `problems` of what would not be one, how much is `ignored`, and every field
    of the body that is `unused`. `InvalidEvent` where the body cannot be read.
    """
    body = formats.read(definition, headers, raw)
    mapping = EventMapping(definition)
    try:
        outcome = mapping.apply(Delivery(body, headers, digest(raw)))
    except InvalidExpression as error:
        return {"events": [], "ignored": 0, "problems": _shown([Problem("", str(error))]), "unused": []}
    events = [{"source": source_name(slug), **asdict(event)} for event in outcome.events]
    for event in events:
        event.pop("index")
    problems = [
        Problem(f"item {failure.index}: {problem.path}", problem.reason, problem.suggestion)
        for failure in outcome.failures
        for problem in failure.problems
    ]
    return {
        "events": events,
        "ignored": outcome.ignored,
        "problems": _shown(problems),
        "unused": unused(body, mapping.reads, definition.each),
    }


def unused(body: Any, reads: Iterable[tuple[str, ...]], each: str | None) -> list[str]:
    """The fields that no expression reads, by their paths; those of all items as one (`[]`)."""
    prefix = tuple((each or "body").split("."))
    read = {path for raw in reads for path in _in_body(raw, prefix)}
    found = dict.fromkeys(
        ".".join(path).replace(".[]", "[]")
        for path in _leaves(body, ("body",))
        if not _is_read(tuple(part for part in path if part != "[]"), read)
    )
    return list(found)[:MOST_UNUSED]


def _in_body(path: tuple[str, ...], prefix: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield (*prefix, *path[1:]) if path[0] == "item" else path


def _is_read(path: tuple[str, ...], read: set[tuple[str, ...]]) -> bool:
    """Whether the field, or what it is in, is read as a whole: nothing that is read lies deeper there."""
    for length in range(1, len(path) + 1):
        start = path[:length]
        if start in read and (
            length == len(path) or not any(len(o) > length and o[:length] == start for o in read)
        ):
            return True
    return False


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif isinstance(value, list) and value:
        for inner in value:
            yield from _leaves(inner, (*path, "[]"))
    else:
        yield path


def _shown(problems: Iterable[Problem]) -> list[dict[str, str]]:
    return [asdict(problem) for problem in problems]
