"""A long answer of which the query parameter `fields` selects parts, which it does before it is written.

https://developers.google.com/workspace/admin/directory/v1/guides/performance#partial-response
"""

from __future__ import annotations

import json
from typing import Any

from counterparts.google.failures import invalid
from counterparts.vendors import fields
from counterparts.vendors.routes import Request, Response


class Selected(Response):
    """An answer that has no more than what was selected."""


def selected(request: Request, value: Any) -> Response:
    """The parts of it that the request selects; all of it where it names none. Raises `Refused`."""
    return Selected(
        json.dumps(part(value, request.query.get("fields", "")), ensure_ascii=False),
        mimetype="application/json",
    )


def selects(request: Request, *path: str) -> bool:
    """Whether it has this field, named from the outside to the inside: what nobody selects need not be made.
    Raises `Refused`.
    """
    value: Any = ""
    for name in reversed(path):
        value = {name: value}
    return bool(part(value, request.query.get("fields", "")) == value)


def part(value: Any, mask: str) -> Any:
    """What the mask selects of the value; an empty one selects everything. Raises `Refused`."""
    try:
        return fields.select(value, fields.parse(mask)) if mask else value
    except fields.WrongMask as error:
        raise invalid("fields") from error
