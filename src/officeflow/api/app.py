"""The application, made of its routes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import structlog
from asgi_correlation_id import CorrelationIdMiddleware, correlation_id
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from starlette.applications import Starlette

from officeflow import problem_documents
from officeflow.api import problems
from officeflow.api.bodies import Application, BoundedBodies, Message, Receive, Send
from officeflow.api.context import Context
from officeflow.api.paths import PATH, VERSION
from officeflow.api.routes import POLLED, ROUTERS
from officeflow.ids import new_id
from officeflow.setting_forms import listed

REQUEST_ID = "X-Request-ID"
LONGEST_REQUEST_ID = 128
TAKEN_FROM_ELSEWHERE = ("Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key")
SHOWN_ELSEWHERE = ("ETag", "Idempotency-Replayed", "Location", "RateLimit", "RateLimit-Policy", "Retry-After")
"""Header fields of pages at other origins, where such are let in."""

REFUSALS = ("4XX", "5XX")
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Airflow's token, or a service account's."},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "_token", "description": "Airflow's, in a browser."},
}
DESCRIPTION = """Everything that OfficeFlow offers to programs and pages.

Refusals are problem details (RFC 9457), with all problems at once. Lists have a cursor. What people edit has
an ETag, and changing it needs If-Match. A POST with an Idempotency-Key is not done twice."""


def create(context: Context) -> FastAPI:
    """The application at `PATH`; whoever mounts it has taken that off."""
    app = FastAPI(
        title="OfficeFlow",
        version=VERSION,
        description=DESCRIPTION,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        servers=[{"url": PATH}],
        root_path_in_servers=False,
        responses={kind: {"model": problems.ProblemDocument} for kind in REFUSALS},
        generate_unique_id_function=lambda route: route.name,
        redirect_slashes=False,
    )
    app.state.context = context
    # Routes are tried in turn.
    for router in sorted(ROUTERS, key=lambda each: each not in POLLED):
        app.include_router(router)
    problems.install(app)
    _add_middlewares(app, context)
    app.openapi = partial(_described, app)  # type: ignore[method-assign]
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    """FastAPI's description, with the two ways to sign in, and refusals of the media type that they have."""
    if app.openapi_schema is None:
        told = FastAPI.openapi(app)
        told.setdefault("components", {})["securitySchemes"] = SCHEMES
        told["paths"] = {path: told["paths"][path] for path in _paths() if path in told["paths"]}
        for operation in (each for path in told["paths"].values() for each in path.values()):
            operation["responses"].pop("422", None)  # FastAPI's own form, which is never answered
            for kind in REFUSALS:
                content = operation["responses"][kind]["content"]
                content[problem_documents.MEDIA_TYPE] = content.pop("application/json")
    return FastAPI.openapi(app)


def _paths() -> Iterator[str]:
    """In the order in which people read of them."""
    return (route.path for router in ROUTERS for route in router.routes if isinstance(route, APIRoute))


def _add_middlewares(app: FastAPI, context: Context) -> None:
    """The last one added is the first that a request meets."""
    settings = context.settings
    app.add_middleware(
        BoundedBodies, most_bytes=settings.api_body_kib * 1024, seconds=settings.api_body_seconds
    )
    if origins := listed(settings.api_origins):
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["*"],
            allow_headers=[*TAKEN_FROM_ELSEWHERE, REQUEST_ID],
            expose_headers=[*SHOWN_ELSEWHERE, REQUEST_ID],
        )
    name_requests(app)


def name_requests(app: Starlette) -> None:
    """Each request has an id, its caller's own or a new one, which the answer and what is logged have too."""
    app.add_middleware(RequestIdInLogs)
    app.add_middleware(
        CorrelationIdMiddleware,
        header_name=REQUEST_ID,
        generator=lambda: new_id().hex,
        validator=_is_request_id,
        transformer=str,
    )


class RequestIdInLogs:
    """Binds the request's id to whatever is logged meanwhile."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        with structlog.contextvars.bound_contextvars(request_id=correlation_id.get()):
            await self._app(scope, receive, send)


def _is_request_id(text: str) -> bool:
    return 0 < len(text) <= LONGEST_REQUEST_ID and all(each.isalnum() or each in "-_.:" for each in text)
