"""Lists as routes offer them: `limit`, `cursor`, and answers with `items` and `next`."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field
from pydantic.config import JsonDict

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


def several(**told: Any) -> Any:
    """The field of a parameter that may be given several times; none, where it is not.

    FastAPI looks into a `default_factory` anew at each request. In the description it has no default: a
    client's type would be one that has to be given.
    """
    return Field([], json_schema_extra=_without_default, **told)


def _without_default(schema: JsonDict) -> None:
    schema.pop("default", None)


Paged = Annotated[Wanted, Depends(_wanted)]
