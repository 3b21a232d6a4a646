"""Google's refusals: the shape of the older APIs (`error.errors[].reason`), and that of Cloud Identity
(`error.status`).

https://developers.google.com/workspace/admin/directory/v1/limits and
https://cloud.google.com/apis/design/errors
"""

from __future__ import annotations

from typing import Any

from counterparts.vendors.routes import Refused, Response, answer

Json = dict[str, Any]

REASONS = {
    400: "invalid",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    409: "duplicate",
    412: "conditionNotMet",
    429: "rateLimitExceeded",
}
"""What is said where nothing is asked for; from 500 on it is backendError."""

MESSAGES = {
    "authError": "Invalid Credentials",
    "backendError": "Backend Error",
    "conditionNotMet": "Precondition Failed",
    "dailyLimitExceeded": "Daily Limit Exceeded",
    "duplicate": "Entity already exists.",
    "forbidden": "Not Authorized to access this resource/api",
    "insufficientPermissions": "Request had insufficient authentication scopes.",
    "invalid": "Invalid Input",
    "notFound": "Resource Not Found",
    "quotaExceeded": "Request rate higher than configured.",
    "rateLimitExceeded": "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute'.",
    "required": "Required parameter missing",
    "userRateLimitExceeded": "User Rate Limit Exceeded",
}

UNMET = "failedPrecondition"
"""A precondition that is not met, where it is answered with 400."""
LIMITS = frozenset({"dailyLimitExceeded", "quotaExceeded", "rateLimitExceeded", "userRateLimitExceeded"})

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def refused(status: int, reason: str = "", message: str = "") -> Refused:
    """To be raised; `reason` is Google's word for it, the message is for people."""
    return Refused(failure(status, reason, message))


def failure(status: int, reason: str = "", message: str = "") -> Response:
    """In the older APIs' shape."""
    reason = reason or REASONS.get(status, "backendError" if status >= 500 else "invalid")
    message = message or MESSAGES.get(reason, reason)
    entry: Json = {
        "message": message,
        "domain": "usageLimits" if reason in LIMITS else "global",
        "reason": reason,
    }
    if status == 401:
        entry |= {"location": "Authorization", "locationType": "header"}
    return answer({"error": {"code": status, "message": message, "errors": [entry]}}, status)


def remote(body: Json) -> Json:
    """A refusal in the older shape as Cloud Identity says it."""
    error = body["error"]
    status = STATUSES.get(error["code"], "UNKNOWN")
    if error["errors"][0]["reason"] == UNMET:
        status = "FAILED_PRECONDITION"
    return {"error": {"code": error["code"], "message": error["message"], "status": status}}


def not_found(parameter: str) -> Refused:
    """`parameter` is that of the path or body which names nothing."""
    return refused(404, "notFound", f"Resource Not Found: {parameter}")


def invalid(what: str) -> Refused:
    return refused(400, "invalid", f"Invalid Input: {what}")


def duplicate(message: str = "") -> Refused:
    return refused(409, "duplicate", message)


def unmet(message: str) -> Refused:
    """A precondition is not met."""
    return refused(412, "conditionNotMet", message)
