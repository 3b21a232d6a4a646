"""Lists as they come, page by page: complete, without repetition, or a contradiction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from officeflow.connectors.call import Call
from officeflow.connectors.scim.errors import contradiction
from officeflow.connectors.scim.types import CursorPage, Group, Page, User
from officeflow.errors import Rejected

PAGE_SIZE = 100
MAX_PAGES = 2000
"""What a search may have at most; a list that is longer than this has no end."""

R = TypeVar("R", User, Group)
Resource = dict[str, Any]


@dataclass
class Listing(Generic[R]):
    """What a search gives, from which absence is concluded."""

    call: Call
    found: dict[str, R] = field(default_factory=dict)
    given: int = 0
    pages: int = 0
    complete: bool = False
    empty: bool = False
    """Whether the last page was empty before the end: it is asked for once more."""

    def add(self, total: int, items: list[R]) -> None:
        """Take a page in; `total` is how many there are by the server's own word."""
        before = len(self.found)
        for item in items:
            if self.found.setdefault(item.id, item) != item:
                raise contradiction(self.call, f"{item.id} comes twice, with different values")
        self.given += len(items)
        self.pages += 1
        is_empty = not items and self.given < total
        if self.given > total or (is_empty and self.empty):
            raise contradiction(self.call, f"it says that there are {total}, and gives {self.given}")
        self.empty = is_empty
        if items and self.pages > 1 and len(self.found) == before:
            raise contradiction(self.call, f"page {self.pages} is one that came before")
        self.complete = self.given >= total
        if self.complete and self.pages > 1 and len(self.found) < total:
            raise contradiction(
                self.call,
                f"it says that there are {total}, and gives {len(self.found)} and some of them again",
            )
        if not self.complete and self.pages >= MAX_PAGES:
            raise contradiction(self.call, f"after {self.pages} pages there is no end")


def by_index(
    ask: Callable[[Mapping[str, str]], Page], call: Call, *, sort_by: str | None
) -> Iterator[Resource]:
    """Every resource once, though some come and go meanwhile. `Rejected` where the list contradicts
    itself.
    """
    seen: set[str] = set()
    given, is_again = 0, False
    sorting = {"sortBy": sort_by} if sort_by else {}
    while True:
        page = ask({"startIndex": str(given + 1), "count": str(PAGE_SIZE), **sorting})
        new = list(_new(page.resources, seen))
        if len(page.resources) > page.totalResults or (page.resources and not new):
            raise _contradicts(call, f"page {given + 1} of {page.totalResults} is one that came before")
        given += len(page.resources)
        yield from new
        if given >= page.totalResults:
            if len(seen) < page.totalResults:
                raise _contradicts(call, f"there are to be {page.totalResults}, and it gives {len(seen)}")
            return
        if not page.resources and is_again:
            raise _contradicts(call, f"there are to be {page.totalResults}, and it gives {given}")
        is_again = not page.resources


def by_cursor(ask: Callable[[Mapping[str, str]], CursorPage], call: Call) -> Iterator[Resource]:
    """The same by cursors (RFC 9865): a page may be empty before the end."""
    seen: set[str] = set()
    cursors = {""}
    cursor = ""
    while True:
        page = ask({"cursor": cursor, "count": str(PAGE_SIZE)})
        yield from _new(page.resources, seen)
        if page.nextCursor is None:
            if page.totalResults is not None and len(cursors) == 1 and page.totalResults > len(seen):
                raise _contradicts(call, f"there are to be {page.totalResults}, and it gives {len(seen)}")
            return
        cursor = page.nextCursor
        if cursor in cursors or len(cursors) >= MAX_PAGES:
            raise _contradicts(call, "a cursor comes again" if cursor in cursors else "there is no end")
        cursors.add(cursor)


def _new(resources: list[Resource], seen: set[str]) -> Iterator[Resource]:
    for resource in resources:
        told = next((value for name, value in resource.items() if name.casefold() == "id"), None)
        if str(told) not in seen:
            seen.add(str(told))
            yield resource


def _contradicts(call: Call, reason: str) -> Rejected:
    return call.error(
        Rejected, f"{call.provider} contradicts itself in its answer to {call.operation}: {reason}"
    )
