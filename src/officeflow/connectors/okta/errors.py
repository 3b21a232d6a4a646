"""Okta's refusals as ours: by status and error code, never by text.

The codes are those of https://developer.okta.com/docs/reference/error-codes/.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, ValidationError

from officeflow.connectors.call import Call
from officeflow.connectors.http_errors import status_error
from officeflow.connectors.okta.types import Described, Resource, Text
from officeflow.errors import Conflict, ConnectorError, NotFound, RateLimited, Rejected, Transient

if TYPE_CHECKING:
    import httpx


class Invalid(Rejected):
    """A field does not fit, in form or because another object has what may be there once: Okta has one code
    for both.
    """


class NotOkta(Rejected):
    """What answered does not speak as Okta does."""


class BadPage(Rejected):
    """The place of a page is none, or none any more."""


NOT_FOUND = "E0000007"
BY_CODE: Mapping[str, type[ConnectorError]] = {
    "E0000001": Invalid,
    NOT_FOUND: NotFound,
    "E0000010": Transient,  # Okta only reads for the time being
    "E0000014": Rejected,  # the password is not taken
    "E0000016": Conflict,  # active already
    "E0000029": BadPage,
    "E0000032": Conflict,  # not locked
    "E0000038": Conflict,  # not in this status
    "E0000046": Rejected,  # a group gives the application
    "E0000060": Rejected,  # not to be done by the interface
    "E0000090": Conflict,  # the role is assigned already
}
REFUSED_BEFORE = {"E0000010": 503, "E0000047": 429, "E0000060": 501}
"""What says by its code that nothing was done, though its status may be a gateway's; the status with it."""
LONGEST_WAIT = 3600.0


class Cause(Resource):
    summary: Text = Field(None, alias="errorSummary")


class ErrorBody(Resource):
    code: Text = Field(None, alias="errorCode")
    summary: Text = Field(None, alias="errorSummary")
    causes: Annotated[list[Cause] | None, Described] = Field(None, alias="errorCauses")


def refusal(response: httpx.Response, call: Call, *, masked: str = "") -> ConnectorError:
    """The error for an answer that is not a success. `masked` is a secret that was sent."""
    body = body_of(response)
    code, status = body.code or "", response.status_code
    if response.request.method == "GET" and status == 404 and code != NOT_FOUND:
        reason = f"it answered 404{f' ({code})' if code else ''} as Okta does not to what it does not have"
        return call.not_in("Okta's language", reason, NotOkta, status=status)
    certain = REFUSED_BEFORE.get(code) == status
    kind = BY_CODE.get(code) if certain or status < 500 else None
    error = status_error(
        response, call, detail=_detail(body, masked), kind=kind, promises={status} if certain else ()
    )
    if isinstance(error, RateLimited) and error.retry_after is None:
        error.retry_after = _until_reset(response)
    return error


def body_of(response: httpx.Response) -> ErrorBody:
    try:
        return ErrorBody.model_validate_json(response.content)
    except ValidationError:
        return ErrorBody()


def _detail(body: ErrorBody, masked: str) -> str:
    told = [body.code, body.summary, *(cause.summary for cause in body.causes or ())]
    text = "; ".join(dict.fromkeys(part for part in told if part))
    return text.replace(masked, "…") if masked else text


def _until_reset(response: httpx.Response) -> float | None:
    """Okta's own header has the second in which its minute is over, by its own clock."""
    try:
        until = float(response.headers["X-Rate-Limit-Reset"])
        now = parsedate_to_datetime(response.headers["Date"]).timestamp()
    except KeyError:
        if "X-Rate-Limit-Reset" not in response.headers:
            return None
        now = time.time()
    except ValueError:
        return None
    wait = until - now
    return min(max(wait, 0.0), LONGEST_WAIT) if wait == wait else None  # noqa: PLR0124 - not a number
