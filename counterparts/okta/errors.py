"""Okta's errors by code: https://developer.okta.com/docs/reference/error-codes/."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from counterparts.vendors.routes import Refused, Response, answer

KNOWN: dict[str, tuple[int, str]] = {
    "E0000001": (400, "Api validation failed"),
    "E0000003": (400, "The request body was not well-formed."),
    "E0000006": (403, "You do not have permission to perform the requested action"),
    "E0000007": (404, "Not found"),
    "E0000008": (404, "The requested path was not found"),
    "E0000009": (500, "Internal Server Error"),
    "E0000010": (503, "Service is in read only mode"),
    "E0000011": (401, "Invalid token provided"),
    "E0000014": (403, "Update of credentials failed"),
    "E0000016": (403, "Activation failed because the user is already active"),
    "E0000021": (
        400,
        "Bad request. Accept and/or Content-Type headers likely do not match supported values.",
    ),
    "E0000022": (405, "The endpoint does not support the provided HTTP method"),
    "E0000029": (400, "Invalid paging request."),
    "E0000031": (400, "Invalid search criteria."),
    "E0000032": (403, "Unlock is not allowed for this user."),
    "E0000033": (400, "Bad request. Can't specify a search query and filter in the same request."),
    "E0000034": (403, "Forgot password not allowed on specified user."),
    "E0000038": (403, "This operation is not allowed in the user's current status."),
    "E0000046": (403, "Deactivate application for user forbidden."),
    "E0000047": (429, "API call exceeded rate limit due to too many requests."),
    "E0000056": (403, "Delete application forbidden."),
    "E0000060": (501, "Unsupported operation."),
    "E0000090": (409, "The role specified is already assigned to the user."),
}
USUAL = {400: "E0000001", 401: "E0000011", 403: "E0000006", 404: "E0000007", 405: "E0000022", 409: "E0000090"}
USUAL |= {429: "E0000047", 501: "E0000060", 503: "E0000010"}
MUST_BE_UNIQUE = "An object with this field already exists in the current organization"


def response(
    code: str, about: str = "", causes: Iterable[str] = (), *, status: int | None = None
) -> Response:
    """`about` is what the summary ends with, such as the field that failed."""
    usual, summary = KNOWN.get(code, (500, "Internal Server Error"))
    return answer(
        {
            "errorCode": code,
            "errorSummary": f"{summary}: {about}" if about else summary,
            "errorLink": code,
            "errorId": f"oae{secrets.token_urlsafe(16)}",
            "errorCauses": [{"errorSummary": cause} for cause in causes],
        },
        status or usual,
    )


def refused(code: str, about: str = "", *causes: str) -> Refused:
    return Refused(response(code, about, causes))


def invalid(field: str, reason: str) -> Refused:
    """A field of the body that is not as it has to be."""
    return refused("E0000001", field, f"{field}: {reason}")


def not_found(identity: str, kind: str) -> Refused:
    return refused("E0000007", f"Resource not found: {identity} ({kind})")
