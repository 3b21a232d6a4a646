"""Lists in pages: a token says where the next one begins, and is good for the same question alone.

It stays there when what came before goes away: who empties a group page by page misses nobody.
"""

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
NAMES = ("id", "memberId", "roleAssignmentId", "roleId", "resourceId", "skuId", "userId")
"""What tells items of a list apart; without any of them, it is `name`."""


def page(
    request: Request, items: Sequence[Item], *, usual: int, most: int, size: str = "maxResults"
) -> tuple[list[Item], dict[str, str]]:
    """The items of the page that is asked for, and `nextPageToken` where a further one follows. `size` is the
    parameter that says how many there are on one. Raises `Refused` for a token of another question.
    """
    begin = _begin(request, items)
    count = int(request.query.get(size) or 0)
    if count < 0:
        raise invalid(size)
    end = begin + min(count or usual, most)
    if "empty_page" in request.told:
        return [], {"nextPageToken": _token(request, items, begin)}
    chunk = list(items[begin:end])
    if "repeated_page" in request.told:
        return chunk, {"nextPageToken": _token(request, items, begin)}
    return chunk, {"nextPageToken": _token(request, items, end)} if end < len(items) else {}


def _begin(request: Request, items: Sequence[Any]) -> int:
    token = request.query.get("pageToken")
    if not token:
        return 0
    try:
        place, before, after, question = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError) as error:
        raise invalid("pageToken") from error
    if question != _question(request) or not isinstance(place, int) or place < 0:
        raise invalid("pageToken")
    places = {_name(item): number for number, item in enumerate(items)}
    if after in places:
        return places[after]
    return places[before] + 1 if before in places else min(place, len(items))


def _token(request: Request, items: Sequence[Any], place: int) -> str:
    """The place by its neighbours, and by its number where both are gone."""
    before = _name(items[place - 1]) if place else ""
    after = _name(items[place]) if place < len(items) else ""
    token = json.dumps([place, before, after, _question(request)]).encode()
    return base64.urlsafe_b64encode(token).decode()


def _name(item: Any) -> str:
    if isinstance(item, str):
        return item
    named = "/".join(str(item[name]) for name in NAMES if name in item)
    return named or str(item["name"])


def _question(request: Request) -> str:
    asked: list[Any] = sorted(pair for pair in request.seen.query if pair[0] not in NOT_ASKED)
    return hashlib.sha256(json.dumps([request.seen.path, asked]).encode()).hexdigest()[:16]
