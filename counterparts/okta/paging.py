"""Lists in pages: `limit`, an opaque `after`, and Link headers.

A cursor is where the next page begins, and stays there when what came before it goes away.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from counterparts.okta import errors
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document


def page(
    request: Request,
    found: Sequence[Document],
    show: Callable[[Document], Any] = lambda document: document,
    *,
    usual: int,
    most: int,
    always_next: bool = False,
) -> Response:
    """The page of what was found that the request asks for. `always_next`: the last page names a next one,
    too, on which will be what comes later.
    """
    limit = min(int(request.query.get("limit", usual)), most)
    limit = usual if limit <= 0 else limit
    start = _place(request.query.get("after"), found)
    end = min(start + limit, len(found))
    shown = found[start:end]
    if "empty_page" in request.told:
        shown, end = [], start
    links = [_link(request, None, "self")]
    if end < len(found) or always_next or "empty_page" in request.told:
        place = start if "repeated_page" in request.told else end
        cursor = _cursor(place, found, twice="empty_page" in request.told)
        links.append(_link(request, cursor, "next"))
    response = answer([show(each) for each in shown])
    for link in links:
        response.headers.add("Link", link)
    return response


def _link(request: Request, after: str | None, relation: str) -> str:
    query = [(name, value) for name, value in request.seen.query if after is None or name != "after"]
    if after is not None:
        query.append(("after", after))
    address = f"{request.base}{request.seen.path}"
    return f'<{address}{"?" + urlencode(query) if query else ""}>; rel="{relation}"'


def _cursor(place: int, found: Sequence[Document], *, twice: bool = False) -> str:
    """The place by the neighbours that it lies between, and by its number where they are gone. `twice` is
    that of a page with the same place as the one before it, and has another name.
    """
    before = _name(found[place - 1]) if place else ""
    after = _name(found[place]) if place < len(found) else ""
    return base64.urlsafe_b64encode(json.dumps([before, after, place, twice]).encode()).decode().rstrip("=")


def _place(cursor: str | None, found: Sequence[Document]) -> int:
    if cursor is None:
        return 0
    try:
        before, after, place, _ = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error) as error:
        raise errors.refused("E0000029") from error
    places = {_name(document): number for number, document in enumerate(found)}
    if after in places:
        return places[after]
    return places[before] + 1 if before in places else min(int(place), len(found))


def _name(document: Document) -> str:
    names = ("id", "uuid", "appId", "userId", "groupId")
    return "/".join(str(document[name]) for name in names if name in document)
