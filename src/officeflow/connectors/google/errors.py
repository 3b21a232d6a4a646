"""Google's refusals as ours: by status and reason.

https://developers.google.com/workspace/admin/directory/v1/limits,
https://cloud.google.com/apis/design/errors and
https://developers.google.com/workspace/drive/api/guides/handle-errors for the reasons that all have.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from officeflow.connectors.call import Call
from officeflow.connectors.echoes import without_secrets
from officeflow.connectors.http_errors import retry_after, status_error
from officeflow.errors import Conflict, ConnectorError, NotFound, RateLimited, Rejected, Unauthorized

if TYPE_CHECKING:
    import httpx

LIMITS = frozenset(
    {
        "dailyLimitExceeded",
        "quotaExceeded",
        "rateLimitExceeded",
        "userRateLimitExceeded",
        "RESOURCE_EXHAUSTED",
    }
)
"""Reasons with which Google also answers 403 where it wants to be asked less often."""
BY_REASON: Mapping[str, type[ConnectorError]] = {
    "duplicate": Conflict,
    "ALREADY_EXISTS": Conflict,
    "notFound": NotFound,
    "NOT_FOUND": NotFound,
    "resourceNotFound": NotFound,
    "authError": Unauthorized,
    "forbidden": Unauthorized,
    "insufficientPermissions": Unauthorized,
    "PERMISSION_DENIED": Unauthorized,
    "conditionNotMet": Rejected,
    "failedPrecondition": Rejected,
    "FAILED_PRECONDITION": Rejected,
}
"""Where the status alone says something else: an unmet condition is no lost update here."""
SHORTEST_HIDDEN = 4


def refusal(response: httpx.Response, call: Call, *, hides: Sequence[str] = ()) -> ConnectorError:
    """The error for an answer that is no success; what it says is told without the secrets in `hides`."""
    reason, message = _said(response)
    for secret in hides:
        if len(secret) >= SHORTEST_HIDDEN:
            message = message.replace(secret, "***")
    message = without_secrets(message, response)
    detail = f"{message} ({reason})" if message and reason else message or reason
    status = response.status_code
    if status == 404 and not reason and response.request.method == "GET":
        # Something before Google, or at a wrong address: it says nothing about what is asked for.
        return call.not_in("the language of its API", "404 without a reason", NotGoogle, status=status)
    refused = 400 <= status < 500 and status not in {408, 425, 429}
    if refused and reason in LIMITS:
        wait = retry_after(response.headers.get("Retry-After"), now=dt.datetime.now(dt.UTC))
        return RateLimited(
            f"{call.provider} answered {status} to {call.operation}: {detail}",
            retry_after=wait,
            provider=call.provider,
            operation=call.operation,
            status=status,
        )
    error = status_error(response, call, detail=detail, kind=BY_REASON.get(reason) if refused else None)
    if reason == "insufficientPermissions":
        error.hint = "the token has not the scope that this needs"
    elif status == 403:
        error.hint = "the administrator that the connection acts for may not do this"
    return error


def _said(response: httpx.Response) -> tuple[str, str]:
    """The reason and the message. The older APIs have `error.errors[].reason`, the newer `error.status`."""
    try:
        found: Any = response.json()
    except (ValueError, RecursionError):
        return "", ""
    error = found.get("error") if isinstance(found, dict) else None
    if not isinstance(error, dict):
        return "", ""
    entries = error.get("errors")
    first = entries[0] if isinstance(entries, list) and entries and isinstance(entries[0], dict) else {}
    reason = first.get("reason") or error.get("status") or ""
    return str(reason)[:60], str(error.get("message") or first.get("message") or "")


class NotGoogle(Rejected):
    """What answered does not speak as the API's description says."""
