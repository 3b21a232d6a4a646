"""Lists in pages: a cursor names the last row that was seen, so that no row is skipped or seen twice while
others come and go, and page 1,000 costs what page 1 does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlakeyset import BadBookmark, InvalidPage, select_page
from sqlalchemy import Select
from sqlalchemy.exc import DataError, StatementError
from sqlalchemy.orm import Session

from officeflow.errors import InvalidInput, Problem

Row = TypeVar("Row")
MOST = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which page: at most `limit` rows after `cursor`, which is the `next` of the page before; "" for the
    first.
    """

    limit: int = 50
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: Sequence[Row]
    next: str | None
    """The cursor of the next page; None where this is the last."""


def every(fetch: Callable[[Wanted], Page[Row]]) -> Iterator[Row]:
    """The rows of all pages, fetched as they are wanted."""
    wanted = Wanted(MOST)
    while True:
        page = fetch(wanted)
        yield from page.rows
        if page.next is None:
            return
        wanted = Wanted(MOST, page.next)


def page_of(session: Session, statement: Select[*tuple[Any, ...]], wanted: Wanted) -> Page[Any]:
    """A page of `statement`, whose ORDER BY ends in something unique; `rows` are SQLAlchemy's.

    `InvalidInput` where the cursor is none of this list's.
    """
    try:
        found = select_page(session, statement, per_page=wanted.limit, page=wanted.cursor or None)
    except (BadBookmark, InvalidPage, ValueError, DataError, StatementError) as error:
        if not wanted.cursor:
            raise
        problem = Problem("query.cursor", "it is not one of this list's", "begin without a cursor")
        raise InvalidInput("there is no such page", problems=[problem]) from error
    paging = found.paging
    return Page(found, paging.bookmark_next if paging.has_next else None)
