"""ETag and If-Match (RFC 9110): who changes something says which state of it they have seen."""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import Request

from officeflow import canonical_json
from officeflow.errors.requests import ChangedMeanwhile, MatchNeeded


def etag_of(state: Any) -> str:
    """A strong one, of what is JSON."""
    return f'"{hashlib.sha256(canonical_json.encode(state)).hexdigest()[:32]}"'


def matched(request: Request) -> frozenset[str]:
    """What If-Match names, `*` too; `MatchNeeded` where it names nothing."""
    named = frozenset(part.strip() for part in request.headers.get("if-match", "").split(",") if part.strip())
    if not named:
        hint = "send the ETag that reading it gave; `*` for any state"
        raise MatchNeeded("a change needs If-Match", hint=hint)
    return named


def require_match(request: Request, current: str) -> None:
    """`MatchNeeded` without If-Match; `ChangedMeanwhile` where it names another state than `current`."""
    named = matched(request)
    if "*" not in named and current not in named:
        raise ChangedMeanwhile("it was changed meanwhile", etag=current)


def is_unchanged(request: Request, current: str) -> bool:
    """Whether whoever reads has this state already (If-None-Match): then 304 is enough."""
    named = {part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")}
    return current in named or "*" in named
