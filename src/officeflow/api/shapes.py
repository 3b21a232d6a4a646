"""What bodies and answers of several routes have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, JsonValue, Strict

from officeflow.errors import InvalidInput, Problem

JsonObject = dict[str, JsonValue]
"""An object whose names are its author's, such as a JSON Schema or an event's payload."""

Whole = Annotated[int, Strict()]
"""A number in a body: `true` is none, nor is a text."""
Number = Annotated[float, Strict()]

LONGEST_NAME = 320
Named = Annotated[str, Path(max_length=LONGEST_NAME)]
"""A part of a path that names something."""

CREATED: dict[int | str, dict[str, Any]] = {
    201: {"headers": {"Location": {"description": "Where it is.", "schema": {"type": "string"}}}}
}
ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"headers": {"Location": {"description": "Where its end is told.", "schema": {"type": "string"}}}}
}
TAGGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": {"description": "Names this state.", "schema": {"type": "string"}}}}
}
IF_MATCH: dict[str, Any] = {
    "parameters": [
        {
            "name": "If-Match",
            "in": "header",
            "required": True,
            "description": "The ETag of the state that was seen; `*` for any.",
            "schema": {"type": "string", "pattern": "^[ -~]+$"},
        }
    ]
}
"""`openapi_extra` of what changes something that people edit."""


class Body(BaseModel):
    """What is sent; a name that it does not have is refused."""

    model_config = ConfigDict(extra="forbid")


@contextmanager
def of_body(place: str = "body", *, instead_of: str = "") -> Iterator[None]:
    """Within it, a service's problems are told as being at `place`, which it calls `instead_of`."""
    try:
        yield
    except InvalidInput as error:
        error.problems = tuple(
            Problem(_within(place, each.path.removeprefix(instead_of)), each.reason, each.suggestion)
            for each in error.problems
        )
        raise


def _within(place: str, path: str) -> str:
    return f"{place}.{path.removeprefix('.')}" if path.strip(".") else place
