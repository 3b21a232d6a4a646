"""Whom a message is about that could not be taken: as far as it says so, under whose key it is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from officeflow.events.message import Headers

LONGEST = 255
MOST_BYTES = 1024 * 1024
"""A larger message is not read for this: it is kept under the organization's key."""


def person_of(value: bytes | None, headers: Headers = ()) -> str:
    """The HR system's identifier of the person; "" where the message names none, or cannot be read."""
    for name, text in headers:
        if name.lower() == "ce_subject" and text:
            return _usable(text.decode("utf-8", "replace"))
    return person_in(_object(value))


def person_in(body: Mapping[str, Any]) -> str:
    """The same, of a message's JSON: the bare event, a CloudEvent, or what asks for a run."""
    data = body.get("data")
    inner = data if isinstance(data, Mapping) else {}
    for found in (body.get("employeeId"), body.get("subject"), inner.get("employeeId"), body.get("employee")):
        if isinstance(found, str) and _usable(found):
            return found
    return ""


def _usable(text: str) -> str:
    """A work address is no identifier."""
    return text if 0 < len(text) <= LONGEST and "\0" not in text and "@" not in text else ""


def _object(value: bytes | None) -> Mapping[str, Any]:
    if not value or len(value) > MOST_BYTES:
        return {}
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
