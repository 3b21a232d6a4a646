"""Lists as routes offer them: `limit`, `cursor`, and answers with `items` and `next`."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from officeflow.database.pages import MOST, Wanted

Item = TypeVar("Item")


class Listed(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(None, description="`cursor` of the next page; null: this is the last.")


async def _wanted(
    limit: Annotated[int, Query(ge=1, le=MOST, description="Items on a page, at most.")] = 50,
    cursor: Annotated[
        str, Query(max_length=2000, description="The `next` of the page before; empty for the first.")
    ] = "",
) -> Wanted:
    """No thread is needed for it."""
    return Wanted(limit, cursor)


Paged = Annotated[Wanted, Depends(_wanted)]
