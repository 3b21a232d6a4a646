"""Whether the API can do its work; for load balancers, without signing in."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from officeflow.api.context import context_of
from officeflow.api.paths import VERSION
from officeflow.api.routing import Route
from officeflow.database.engine import Database
from officeflow.errors import Unavailable
from officeflow.tenants import organizations

router = APIRouter(tags=["health"], route_class=Route)

State = Literal["ok", "away"]


class Health(BaseModel):
    status: Literal["ok", "degraded", "down"]
    version: str
    database: State
    limits: State = Field(description="away: Redis does not answer, and every request is admitted.")


@router.get("/health", responses={503: {"model": Health}})
async def health(request: Request, response: Response) -> Health:
    """200 where requests can be answered, 503 where not."""
    context = context_of(request)
    await context.limiter.look()
    try:
        await run_in_threadpool(_look, context.database)
    except Unavailable:
        response.status_code = 503
        return Health(status="down", version=VERSION, database="away", limits=_limits(request))
    limits = _limits(request)
    return Health(
        status="ok" if limits == "ok" else "degraded", version=VERSION, database="ok", limits=limits
    )


def _look(database: Database) -> None:
    with database.service() as session:
        organizations.slugs(session)


def _limits(request: Request) -> State:
    return "away" if context_of(request).limiter.is_away else "ok"
