"""Lists in pages: a cursor names the last row that was seen, so that no row is skipped or seen twice while
others come and go, and page 1,000 costs what page 1 does.

It is text of letters, digits, `-` and `_`, which stays what it is in an address, with a checksum: one that
was cut off or changed on its way is an error and no other page.
"""

from __future__ import annotations

import base64
import csv
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlakeyset import Marker, select_page, serialize_bookmark, unserialize_bookmark
from sqlakeyset.columns import parse_ob_clause
from sqlakeyset.paging import core_page_from_rows, prepare_paging
from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, literal_column
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.orm import Session

from officeflow.database.reading import rows
from officeflow.errors import InvalidInput, Problem

Row = TypeVar("Row")
MOST = 200
SIFTED = 2_000
"""Rows that one page is looked for in, where no index knows which are wanted."""
CHECKSUM_BYTES = 4

LIMITS_KEPT = 8
"""Of a list's statement, one for each number of rows: most ask for the same few."""


Conditions = Mapping[str, Callable[[BindParameter[Any]], ColumnElement[bool]]]
"""By what a list is narrowed down, each of a parameter of the same name."""


def values_of(sought: object, by: Conditions) -> dict[str, Any]:
    """The parameters: what is sought by these names, where it is not None."""
    values = {name: getattr(sought, name) for name in by}
    return {name: value for name, value in values.items() if value is not None}


def conditions(by: Conditions, names: Collection[str]) -> list[ColumnElement[bool]]:
    """Those of these names, in an order of their own."""
    return [by[name](bindparam(name)) for name in sorted(names)]


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
    found = _selected(session, statement, wanted.limit, wanted.cursor)
    paging = found.paging
    return Page(found, _cursor(paging.next) if paging.has_next else None)


class Listing:
    """The statement of a list, made once: what differs between two looks at it are its parameters.

    Putting a statement together costs more than a page of its rows, so does finding out anew that it is one
    that is known. Behind a cursor it is done all the same.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        """It selects columns, and its ORDER BY ends in something unique."""
        self._statement = statement
        self._firsts: dict[int, Any] = {}

    def page(self, session: Session, wanted: Wanted, given: Mapping[str, Any]) -> Page[Any]:
        """As `page_of`, with these parameters."""
        if wanted.cursor:
            return page_of(session, self._statement.params(given), wanted)
        first = self._firsts.get(wanted.limit) or self._first(session, wanted.limit)
        there = rows(session, first.select, given)
        found = core_page_from_rows(first, there, [], None, wanted.limit)
        paging = found.paging
        return Page(found, _cursor(paging.next) if paging.has_next else None)

    def _first(self, session: Session, limit: int) -> Any:
        """How many rows is written out: the plan that PostgreSQL keeps would be one for any number."""
        dialect = session.get_bind().dialect
        made = prepare_paging(self._statement, limit, None, False, False, dialect)
        statement = made.select.limit(literal_column(str(limit + 1)))
        if len(self._firsts) >= LIMITS_KEPT:
            self._firsts.clear()
        self._firsts[limit] = first = made._replace(select=statement)
        return first


def sifted(
    session: Session, statement: Select[*tuple[Any, ...]], wanted: Wanted, keep: Callable[[Any], bool]
) -> Page[Any]:
    """As `page_of`, of the rows that are to be kept, for what no index finds.

    One page is looked for in `SIFTED` rows, so it may have fewer than are wanted, or none, and a next one.
    """
    kept: list[Any] = []
    cursor = wanted.cursor
    for _ in range(SIFTED // MOST):
        found = _selected(session, statement, MOST, cursor)
        paging = found.paging
        for index, row in enumerate(found):
            if keep(row):
                kept.append(row)
            if len(kept) == wanted.limit and (index + 1 < len(found) or paging.has_next):
                return Page(kept, _cursor(paging.get_marker_at(index)))
        if not paging.has_next:
            return Page(kept, None)
        cursor = _cursor(paging.next)
    return Page(kept, cursor)


def merged(
    session: Session,
    statements: Sequence[Select[*tuple[Any, ...]]],
    wanted: Wanted,
    place: Callable[[Any], Any],
) -> Page[Any]:
    """As `page_of`, of what all of them find: no row is in two, and all are ordered downwards by the same
    columns, which `place` gives of a row.
    """
    found = [_selected(session, each, wanted.limit, wanted.cursor) for each in statements]
    rows = [(row, each.paging, index) for each in found for index, row in enumerate(each)]
    rows.sort(key=lambda each: place(each[0]), reverse=True)
    has_next = len(rows) > wanted.limit or any(each.paging.has_next for each in found)
    kept = rows[: wanted.limit]
    if not (kept and has_next):
        return Page([row for row, _, _ in kept], None)
    _, paging, index = kept[-1]
    return Page([row for row, _, _ in kept], _cursor(paging.get_marker_at(index)))


def _selected(session: Session, statement: Select[*tuple[Any, ...]], rows: int, cursor: str) -> Any:
    try:
        marker = _marker(statement, cursor) if cursor else None
        return select_page(session, statement, per_page=rows, page=marker)
    except (ValueError, csv.Error, StatementError) as error:
        if not cursor or isinstance(error, OperationalError):
            raise
        problem = Problem("query.cursor", "it is not one of this list's", "begin without a cursor")
        raise InvalidInput("there is no such page", problems=[problem]) from error


def _cursor(marker: Marker) -> str:
    content = serialize_bookmark(marker).encode()
    return base64.urlsafe_b64encode(_checksum(content) + content).decode().rstrip("=")


def _marker(statement: Select[*tuple[Any, ...]], cursor: str) -> Marker:
    """`ValueError` where it is damaged, or names no row that `statement` could have found."""
    whole = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    checksum, content = whole[:CHECKSUM_BYTES], whole[CHECKSUM_BYTES:]
    if checksum != _checksum(content):
        raise ValueError("the checksum is another one")
    marker = unserialize_bookmark(content.decode())
    columns = zip(parse_ob_clause(statement), marker.place or (), strict=True)
    if not all(isinstance(value, _type_of(column.comparable_value)) for column, value in columns):
        raise ValueError("it is of other columns")
    return marker


def _checksum(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(CHECKSUM_BYTES, "big")


def _type_of(column: ColumnElement[Any]) -> type:
    """Of its values; `object` where SQLAlchemy does not know."""
    try:
        return column.type.python_type
    except NotImplementedError:
        return object
