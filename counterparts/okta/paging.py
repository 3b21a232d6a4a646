"""Lists in pages: `limit`, an opaque `after`, and Link headers."""

from __future__ import annotations

import base64
import binascii
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
    start = _place(request.query.get("after"))
    end = min(start + limit, len(found))
    shown = found[start:end]
    if "empty_page" in request.told:
        shown, end = [], start
    links = [_link(request, None, "self")]
    if end < len(found) or always_next or "empty_page" in request.told:
        links.append(_link(request, start if "repeated_page" in request.told else end, "next"))
    response = answer([show(each) for each in shown])
    for link in links:
        response.headers.add("Link", link)
    return response


def _link(request: Request, after: int | None, relation: str) -> str:
    query = [(name, value) for name, value in request.seen.query if after is None or name != "after"]
    if after is not None:
        query.append(("after", base64.urlsafe_b64encode(f"at:{after}".encode()).decode().rstrip("=")))
    address = f"{request.base}{request.seen.path}"
    return f'<{address}{"?" + urlencode(query) if query else ""}>; rel="{relation}"'


def _place(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return int(text.removeprefix("at:"))
    except (ValueError, binascii.Error) as error:
        raise errors.refused("E0000029") from error
