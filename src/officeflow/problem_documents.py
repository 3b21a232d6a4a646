"""What a refusal looks like over HTTP: a problem document (RFC 9457), with all problems at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from officeflow.errors import Problem

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:officeflow:problem:"

TITLES: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Not offered here",
    408: "The request took too long to arrive",
    409: "Not possible as things are",
    410: "Too late",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Not a kind of content that is taken",
    422: "Not valid",
    428: "Say which state you have seen",
    429: "Too many requests",
    500: "Something went wrong here",
    502: "A system did not do it",
    503: "Not possible at the moment",
}


def document(
    status: int,
    code: str,
    detail: str,
    *,
    title: str = "",
    hint: str = "",
    problems: Sequence[Problem] = (),
    request_id: str | None = None,
) -> dict[str, Any]:
    """`code` is stable, and what programs decide by; `title` that of the status where none is given."""
    return {
        "type": TYPE + code,
        "title": title or TITLES.get(status, "Not done"),
        "status": status,
        "detail": detail,
        "code": code,
        "hint": hint,
        "problems": [
            {"path": each.path, "reason": each.reason, "suggestion": each.suggestion} for each in problems
        ],
        "request_id": request_id,
    }
