"""Pages of a list: `@odata.nextLink` with a `$skiptoken` that nobody but the directory reads."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from counterparts.entra.odata.query import Query, expired_page_token

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    documents: list[Document]
    link: str = ""


def cut(asked: Query, found: list[Document], address: str, told: frozenset[str]) -> Page:
    """The page that the token asks for: what stands behind the last object of the page before.

    With `empty_page` there is nothing on it and it names a further one; with `repeated_page` it names itself.
    """
    start = _start(asked.skiptoken, found)
    if "empty_page" in told:
        return Page([], _link(asked, address, _token(found, start, twice=True)))
    page = found[start : start + asked.top]
    if "repeated_page" in told:
        return Page(page, _link(asked, address, _token(found, start)))
    end = start + len(page)
    return Page(page, _link(asked, address, _token(found, end)) if end < len(found) else "")


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def decoded(token: str) -> Any:
    """Raises `ValueError` for what was never issued."""
    try:
        return json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("not a token") from error


def _token(found: list[Document], place: int, *, twice: bool = False) -> str:
    """`twice` is that of a page with the same place as the one before it, and has another name."""
    return encoded([place, str(found[place - 1]["id"]) if place else "", twice])


def _start(token: str, found: list[Document]) -> int:
    if not token:
        return 0
    try:
        place, last, _ = decoded(token)
    except (ValueError, TypeError) as error:
        raise expired_page_token() from error
    if not last:
        return 0
    known = next((number for number, each in enumerate(found) if each["id"] == last), None)
    return int(place) if known is None else known + 1


def _link(asked: Query, address: str, token: str) -> str:
    options = [f"{name}={quote(value, safe='')}" for name, value in (*asked.given, ("$skiptoken", token))]
    return f"{address}?{'&'.join(options)}"
