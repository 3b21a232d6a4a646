"""Lists in pages: a token says where the next one begins, and is good for the same question alone."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any, TypeVar

from counterparts.google.failures import invalid
from counterparts.vendors.routes import Request

Item = TypeVar("Item")
NOT_ASKED = frozenset({"pageToken", "maxResults", "pageSize", "alt", "fields", "prettyPrint", "quotaUser"})


def page(
    request: Request, items: Sequence[Item], *, usual: int, most: int, size: str = "maxResults"
) -> tuple[list[Item], dict[str, str]]:
    """The items of the page that is asked for, and `nextPageToken` where a further one follows. `size` is the
    parameter that says how many there are on one. Raises `Refused` for a token of another question.
    """
    begin = _begin(request)
    count = min(int(request.query.get(size) or usual), most)
    if "empty_page" in request.told:
        return [], {"nextPageToken": _token(request, begin)}
    chunk = list(items[begin : begin + count])
    if "repeated_page" in request.told:
        return chunk, {"nextPageToken": _token(request, begin)}
    more = begin + count < len(items)
    return chunk, {"nextPageToken": _token(request, begin + count)} if more else {}


def _begin(request: Request) -> int:
    token = request.query.get("pageToken")
    if not token:
        return 0
    try:
        place, question = json.loads(base64.urlsafe_b64decode(token.encode()))
    except ValueError as error:
        raise invalid("pageToken") from error
    if question != _question(request) or not isinstance(place, int) or place < 0:
        raise invalid("pageToken")
    return place


def _token(request: Request, place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([place, _question(request)]).encode()).decode()


def _question(request: Request) -> str:
    asked: list[Any] = sorted(pair for pair in request.seen.query if pair[0] not in NOT_ASKED)
    return hashlib.sha256(json.dumps([request.seen.path, asked]).encode()).hexdigest()[:16]
