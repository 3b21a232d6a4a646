"""The door: reads a request, asks whose token it is, and has scim2-server serve it in one transaction.

Every answer is SCIM's, refusals too (RFC 7644 section 3.12).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import structlog
from asgi_correlation_id import correlation_id
from scim2_models import Error, InvalidSyntaxException, SCIMException, UnauthorizedException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import SCIM_MEDIA_TYPE, ScimResponse
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from officeflow.api import problems
from officeflow.api.app import name_requests
from officeflow.api.bodies import BoundedBodies
from officeflow.api.context import Context
from officeflow.api.signing_in import principal_of
from officeflow.errors import NotAllowed, OfficeFlowError, SignInNeeded
from officeflow.rights.permissions import Permission
from officeflow.rights.principals import Principal
from officeflow.scim.service import SERVICE
from officeflow.scim.storage import Storage
from officeflow.scim.writing import Writer
from officeflow.tenants.tokens import PREFIX

NEEDED = Permission.USER_MANAGE
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

log = structlog.get_logger(__name__)


def create(context: Context) -> Starlette:
    """The application at `paths.PATH`; whoever mounts it has taken that off."""
    app = Starlette()
    app.state.context = context
    app.mount("", door)
    settings = context.settings
    app.add_middleware(
        BoundedBodies,
        most_bytes=settings.api_body_kib * 1024,
        seconds=settings.api_body_seconds,
        refuse=_refused,
    )
    name_requests(app)
    return app


async def door(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    try:
        response = await _answered(request)
    except SCIMException as error:
        response = _sent(SERVICE.error_response(error))
    except OfficeFlowError as error:
        response = _refusal(error)
    except RecursionError:
        response = _sent(SERVICE.error_response(InvalidSyntaxException(detail="it is nested too deep")))
    except Exception:
        log.exception("a request failed unexpectedly", path=request.url.path)
        response = _refused(500, "unexpected", "this should not have happened; the log has more")
    await response(scope, receive, send)


async def _answered(request: Request) -> Response:
    """`SignInNeeded`, `NotAllowed`, `TooManyRequests`, or what the library raises."""
    principal, org_id = await _signed_in(request)
    asked = ScimRequest(
        method=request.method,
        base_url=_base_url(request),
        path=_path(request.scope),
        query=dict(request.query_params),
        headers=list(request.headers.items()),
        body=await request.body(),
    )
    answer = await run_in_threadpool(_served, request.app.state.context, principal, org_id, asked)
    allowance = request.state.allowance
    return _sent(answer, {} if allowance is None else allowance.headers)


async def _signed_in(request: Request) -> tuple[Principal, uuid.UUID]:
    """Whose token it is; the organization is the token's. A browser's cookie opens nothing here."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip().startswith(PREFIX):
        raise SignInNeeded("SCIM takes the token of a service account")
    principal = await principal_of(request)
    (org_id,) = principal.roles
    principal.require(NEEDED, org_id)
    return principal, org_id


def _served(context: Context, principal: Principal, org_id: uuid.UUID, asked: ScimRequest) -> ScimResponse:
    with context.database.tenant(org_id) as session:
        writer = Writer(session, org_id, principal.actor, correlation_id.get() or "")
        if asked.method in CHANGING and not asked.path.endswith("/.search"):
            writer.lock()
        return ScimHandler(SERVICE, Storage(writer)).handle(asked)


def _base_url(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")).removesuffix(".scim")


def _refusal(error: OfficeFlowError) -> Response:
    """What the API answers with a problem document."""
    if isinstance(error, SignInNeeded):
        return _sent(SERVICE.error_response(UnauthorizedException(detail=error.message)))
    known = problems.of_error(error)
    if known.status_code >= 500:
        log.warning("a request failed", code=error.code, error=error.message)
    said = f"this needs the permission {NEEDED}" if isinstance(error, NotAllowed) else error.message
    answer = _refused(known.status_code, error.code, said)
    if after := known.headers.get("retry-after"):
        answer.headers["Retry-After"] = after
    return answer


def _refused(status: int, code: str, detail: str) -> Response:
    del code
    told = Error(status=status, detail=detail)
    return JSONResponse(told.model_dump(), status, media_type=SCIM_MEDIA_TYPE)


def _sent(answer: ScimResponse, more: Mapping[str, str] | None = None) -> Response:
    headers = {**answer.headers, **(more or {}), "Cache-Control": "no-store"}
    kind = headers.pop("Content-Type")
    if answer.body is None:
        return Response(None, answer.status, headers)
    return JSONResponse(answer.body, answer.status, headers, kind)
