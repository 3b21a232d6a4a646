"""What pydantic finds wrong with a node's parameters, in words of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from officeflow.errors import Problem, did_you_mean, path_to, plain_words
from officeflow.sdk.places import Place, Schema


def worded(
    error: ValidationError, params: Mapping[str, Any], schema: Schema
) -> tuple[tuple[Problem, ...], frozenset[str]]:
    """Every problem with its field, and the paths of those that are a name which `schema` has not: no value
    could mend them.
    """
    problems, unknown = list[Problem](), set[str]()
    for found in error.errors(include_url=False, include_context=False, include_input=False):
        path, known = (
            path_to("params", found["loc"]),
            _around(found["loc"], params, Place(schema, schema)).names(),
        )
        if found["type"] == "extra_forbidden" and found["loc"][-1] not in known:
            unknown.add(path)
        problems.append(Problem(path, *_reason(found["type"], found["msg"], found["loc"], known)))
    return tuple(problems), frozenset(unknown)


def _reason(kind: str, message: str, location: tuple[int | str, ...], known: list[str]) -> tuple[str, str]:
    if kind == "extra_forbidden":
        what = "parameter" if len(location) == 1 else "field"
        return f"there is no such {what}", did_you_mean(
            str(location[-1]), known
        ) or f"there are {', '.join(known)}"
    return ("is missing", "") if kind == "missing" else (plain_words(message), "")


def _around(location: tuple[int | str, ...], value: Any, place: Place) -> Place:
    """Where the object stands that the location's last part is in.

    Pydantic's names for the members of a union are no parts.
    """
    for part in location[:-1]:
        if isinstance(part, int) and isinstance(value, list | tuple) and part < len(value):
            value, place = value[part], place.item()
        elif isinstance(value, Mapping) and part in value:
            value, place = value[part], place.field(str(part))
    return place
