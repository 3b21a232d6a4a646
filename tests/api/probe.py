"""A route that only tests have, on which the conventions are seen."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from officeflow.api.needs import Caller, Needs
from officeflow.api.routing import Route
from officeflow.api.shapes import Whole
from officeflow.errors import Unavailable

router = APIRouter(route_class=Route)
done: list[Any] = []


class Act(BaseModel):
    name: str = Field("", max_length=10)
    number: Whole = 0


@router.post("/probe")
def probe(act: Act, caller: Annotated[Caller, Needs(None)], dry: bool = False) -> dict[str, Any]:
    if act.name == "away":
        raise Unavailable("the database is away")
    if act.name == "broken":
        raise ZeroDivisionError
    done.append(act)
    return {"number": len(done), "request_id": caller.request_id}
