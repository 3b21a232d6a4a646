"""What is wrong with the form of a definition: fields, their types and sizes, characters that cannot be
stored.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from officeflow.errors import Problem, did_you_mean, path_to, plain_words
from officeflow.sdk import RetryPolicy
from officeflow.workflows.models import (
    MAX_EDGES,
    MAX_NODES,
    Definition,
    Edge,
    Node,
    Position,
    Trigger,
)

MAX_DEPTH = 32
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL's jsonb holds neither."""

MODELS: Mapping[str, type[BaseModel]] = {"trigger": Trigger, "retryPolicy": RetryPolicy, "position": Position}
NAMES = {
    "slug": "lower-case letters, digits and single hyphens, a letter first, at most 41 characters",
    "id": "lower-case letters, digits and underscores, a letter first, at most 61 characters",
    "tags": "letters, digits, blank and . _ : -, at most 50 characters",
}
STAND_IN = {"id": "stand_in", "type": "audit.record"}


def check(raw: Any) -> Iterator[Problem]:
    """Every problem of form.

    Nodes and edges are looked at one by one, so that one that is wrong hides no other.
    """
    if not isinstance(raw, Mapping):
        yield Problem("", f"a definition is a JSON object, not {_json_type(raw)}")
        return
    yield from _storable(raw, "", 0)
    yield from _model_problems(Definition, {**raw, "nodes": [STAND_IN], "edges": []}, "")
    yield from _list_problems(raw, "nodes", MAX_NODES, required=True)
    yield from _list_problems(raw, "edges", MAX_EDGES, required=False)
    for model, name, limit in ((Node, "nodes", MAX_NODES), (Edge, "edges", MAX_EDGES)):
        items = raw.get(name)
        for index, item in enumerate(items[:limit] if isinstance(items, list) else []):
            yield from _model_problems(model, item, f"{name}[{index}]")


def _list_problems(raw: Mapping[str, Any], name: str, limit: int, *, required: bool) -> Iterator[Problem]:
    if name not in raw:
        if required:
            yield Problem(name, "is missing", "a workflow has at least one node")
    elif not isinstance(raw[name], list):
        yield Problem(name, f"is a list, not {_json_type(raw[name])}")
    elif required and not raw[name]:
        yield Problem(name, "a workflow has at least one node")
    elif len(raw[name]) > limit:
        yield Problem(name, f"there are {len(raw[name])}, more than {limit}", "split the workflow")


def _model_problems(model: type[BaseModel], value: Any, path: str) -> Iterator[Problem]:
    try:
        model.model_validate(value)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=False, include_input=False):
            location = detail["loc"]
            yield Problem(path_to(path, location), *_reason(model, detail["type"], detail["msg"], location))


def _reason(
    model: type[BaseModel], kind: str, message: str, location: tuple[int | str, ...]
) -> tuple[str, str]:
    names = [part for part in location if isinstance(part, str)]
    if kind == "missing":
        return "is missing", ""
    if kind == "extra_forbidden":
        parent = MODELS.get(names[-2], model) if len(names) > 1 else model
        known = [field.alias or name for name, field in parent.model_fields.items()]
        return "there is no such field", did_you_mean(names[-1], known) or f"there are {', '.join(known)}"
    if kind == "string_pattern_mismatch" and names:
        return "is not a valid name", NAMES.get(names[-1], NAMES["id"])
    if kind in {"model_type", "dict_type"}:
        return "is not an object", ""
    return plain_words(message), ""


def _storable(value: Any, path: str, depth: int) -> Iterator[Problem]:
    if depth > MAX_DEPTH:
        yield Problem(path, f"is nested more than {MAX_DEPTH} levels deep")
    elif isinstance(value, str) and UNSTORABLE.search(value):
        yield Problem(path, "holds a character that cannot be stored (NUL, or half of a surrogate pair)")
    elif isinstance(value, float) and not math.isfinite(value):
        yield Problem(path, f"{value} is not a number that JSON knows")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _storable(str(key), path, depth)
            yield from _storable(item, path_to(path, (str(key),)), depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _storable(item, path_to(path, (index,)), depth + 1)


def too_deep(value: Any, depth: int = 0) -> bool:
    """Whether values are nested more than `MAX_DEPTH` levels: nothing looks into such a definition."""
    if depth > MAX_DEPTH:
        return True
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(too_deep(item, depth + 1) for item in items)


def _json_type(value: Any) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        type(None): "null",
    }
    return names.get(type(value), type(value).__name__)
