"""Lists in pages: to the end, also past an empty one, and never round in a circle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from officeflow.connectors.call import Call
from officeflow.connectors.google.errors import NotGoogle
from officeflow.errors import Rejected

MAX_PAGES = 20_000
"""A list that is longer than this has no end."""
MAX_EMPTY = 20
"""Pages one after the other with nothing on them."""

Ask = Callable[[str | None], Mapping[str, Any]]
"""The page of a token; the first one for None."""


def pages(ask: Ask, items: str, call: Call) -> Iterator[list[Any]]:
    """`items` is what the answer calls the list.

    `Rejected` where the list contradicts itself: a page that comes again, or no end.
    """
    token: str | None = None
    seen: set[str] = set()
    empty = 0
    for _ in range(MAX_PAGES):
        answer = ask(token)
        page = answer.get(items) or []
        if not isinstance(page, list):
            raise call.not_in("the language of its API", f"{items}: no list", NotGoogle)
        empty = 0 if page else empty + 1
        yield page
        following = answer.get("nextPageToken")
        if not following:
            return
        if not isinstance(following, str):
            raise call.not_in("the language of its API", "nextPageToken: no text", NotGoogle)
        repeats = following in seen and not (following == token and not page)
        if repeats or empty > MAX_EMPTY:
            raise call.error(Rejected, f"the list of {items} comes round in a circle: a page repeats")
        seen.add(following)
        token = following
    raise call.error(Rejected, f"the list of {items} has no end after {MAX_PAGES} pages")
