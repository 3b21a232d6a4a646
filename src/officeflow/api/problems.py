"""Problem details (RFC 9457): what every refusal of the API looks like, with all problems at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from asgi_correlation_id import correlation_id
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from officeflow.errors import (
    AlreadyAnswered,
    AlreadyAsked,
    AnswerRefused,
    AuditBroken,
    ConcernedPerson,
    ConnectorError,
    InUse,
    InvalidInput,
    LedgerRefused,
    NotAllowed,
    NotAsked,
    NotKnown,
    NotPending,
    NotSteerable,
    OfficeFlowError,
    PastDeadline,
    Problem,
    RequestWithdrawn,
    SecondPersonNeeded,
    SignInNeeded,
    StarterMayNot,
    Unavailable,
)
from officeflow.errors.requests import (
    ChangedMeanwhile,
    ForeignPage,
    KeyInUse,
    KeyReused,
    MalformedRequest,
    MatchNeeded,
    TooLarge,
    TooManyRequests,
    UnsupportedContent,
)
from officeflow.problem_documents import MEDIA_TYPE, document

RETRY_SECONDS = 5

STATUSES: Mapping[type[OfficeFlowError], int] = {
    MalformedRequest: 400,
    SignInNeeded: 401,
    NotAllowed: 403,
    SecondPersonNeeded: 403,
    ForeignPage: 403,
    NotAsked: 403,
    ConcernedPerson: 403,
    StarterMayNot: 403,
    NotKnown: 404,
    AlreadyAnswered: 409,
    RequestWithdrawn: 409,
    LedgerRefused: 409,
    NotSteerable: 409,
    NotPending: 409,
    AlreadyAsked: 409,
    InUse: 409,
    AuditBroken: 409,
    KeyInUse: 409,
    PastDeadline: 410,
    ChangedMeanwhile: 412,
    TooLarge: 413,
    UnsupportedContent: 415,
    KeyReused: 422,
    AnswerRefused: 422,
    InvalidInput: 422,
    MatchNeeded: 428,
    TooManyRequests: 429,
    ConnectorError: 502,
    Unavailable: 503,
}
"""The first that an error is one of."""

log = structlog.get_logger(__name__)


class ProblemItem(BaseModel):
    """One thing that is wrong."""

    path: str = Field(description="Where, in the input's own terms: `body.nodes[3].params.start`.")
    reason: str
    suggestion: str = ""


class ProblemDocument(BaseModel):
    """RFC 9457; `code`, `hint`, `problems` and `request_id` are ours."""

    type: str = Field(description="A URN that ends in the code.")
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable: programs decide by it, never by a text.")
    hint: str = Field("", description="What to do about it.")
    problems: list[ProblemItem] = Field(default_factory=list)
    request_id: str | None = None


def status_of(error: OfficeFlowError) -> int:
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 409)


def answer(
    status: int,
    code: str,
    detail: str,
    *,
    hint: str = "",
    problems: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """A response that is a problem document."""
    content = document(status, code, detail, hint=hint, problems=problems, request_id=correlation_id.get())
    return JSONResponse(
        {**content, **(more or {})}, status, headers=dict(headers or {}), media_type=MEDIA_TYPE
    )


def of_error(error: OfficeFlowError) -> JSONResponse:
    """What is answered where a service raised it."""
    status = status_of(error)
    return answer(
        status,
        error.code,
        error.message,
        hint=error.hint,
        problems=getattr(error, "problems", ()),
        headers=_headers(error),
        more={"permission": str(error.permission)} if isinstance(error, NotAllowed) else None,
    )


def _headers(error: OfficeFlowError) -> dict[str, str]:
    match error:
        case SignInNeeded():
            return {"WWW-Authenticate": 'Bearer realm="officeflow"'}
        case TooManyRequests():
            return {"Retry-After": str(error.seconds)}
        case Unavailable():
            return {"Retry-After": str(RETRY_SECONDS)}
        case ChangedMeanwhile():
            return {"ETag": error.etag}
    return {}


def problems_of(error: RequestValidationError, *, has_body: bool) -> list[Problem]:
    """Each with its place, such as `body.name` or `query.limit`, and never with what was sent."""
    return [
        Problem("body", "it is null" if has_body else "there is none")
        if each["loc"] == ("body",) and each["type"] == "missing"
        else Problem(_place(each["loc"]), _sentence(str(each["msg"])))
        for each in error.errors()
    ]


def _place(location: Sequence[str | int]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")


def nothing_there(request: Request, error: Exception) -> JSONResponse:
    """For an application around the API's: what is at none of its paths is refused alike."""
    del error
    return answer(404, NotKnown.code, f"there is nothing at {request.url.path}")


def install(app: FastAPI) -> None:
    """Every refusal of `app` is a problem document from now on, also those of the framework."""

    @app.exception_handler(OfficeFlowError)
    def _ours(request: Request, error: OfficeFlowError) -> JSONResponse:
        if status_of(error) >= 500:
            log.warning("a request failed", path=request.url.path, code=error.code, error=error.message)
        return of_error(error)

    @app.exception_handler(RequestValidationError)
    def _not_valid(request: Request, error: RequestValidationError) -> JSONResponse:
        problems = problems_of(error, has_body=getattr(request.state, "has_body", False))
        return answer(422, InvalidInput.code, "the request is not valid", problems=problems)

    @app.exception_handler(HTTPException)
    def _of_the_framework(request: Request, error: HTTPException) -> JSONResponse:
        codes = {404: NotKnown.code, 405: "method_not_offered", 400: MalformedRequest.code}
        path = request.url.path
        detail = {404: f"there is nothing at {path}", 405: f"{request.method} is not offered here"}
        return answer(
            error.status_code,
            codes.get(error.status_code, "refused"),
            detail.get(error.status_code, str(error.detail)),
            headers=error.headers,
        )

    @app.exception_handler(Exception)
    def _unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("a request failed unexpectedly", path=request.url.path, exc_info=error)
        return answer(
            500, "unexpected", "this should not have happened", hint="the log has more under the request's id"
        )
