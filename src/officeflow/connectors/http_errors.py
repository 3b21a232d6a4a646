"""What an HTTP answer, or none, proves: the errors of every connector that speaks HTTP."""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from collections.abc import Container, Mapping
from typing import TYPE_CHECKING

from officeflow.connectors.call import Call
from officeflow.connectors.echoes import without_secrets
from officeflow.connectors.telling import shown_address, why
from officeflow.errors import (
    Conflict,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    Transient,
    Unauthorized,
)

if TYPE_CHECKING:
    import httpx

DETAIL_LIMIT = 300
FARTHEST = dt.timedelta(days=366)
"""A longer Retry-After says no more than this."""

# RFC 9110 section 15; 412 is a lost If-Match or If-None-Match, 423 a WebDAV lock (RFC 4918 section 11.3).
BY_STATUS: Mapping[int, type[ConnectorError]] = {
    401: Unauthorized,
    403: Unauthorized,
    404: NotFound,
    408: Transient,
    409: Conflict,
    410: NotFound,
    412: Conflict,
    423: Transient,
    425: Transient,
    501: Rejected,
    505: Rejected,
    507: Rejected,
}

UNSURE = frozenset({408, 423, 425, 429})
"""Of the 4xx, those that say "not now" rather than "not this". Gateways answer with them by themselves, also
after they have passed the request on (408, 425: RFC 9110 section 15.5.9, RFC 8470 section 5.2; 429: RFC 6585
section 4 leaves open what was counted, and when)."""
ELSEWHERE = frozenset({301, 307, 308})
"""RFC 9110 sections 15.4.2, 15.4.8, 15.4.9: the same request is to be sent somewhere else, so it was not done
here.
"""


def is_refusal(status: int) -> bool:
    """Whether an answer to a write says by itself that nothing was done.

    A 4xx does: the request is at fault (RFC 9110 section 15.5), but for those that are `UNSURE`. No 5xx does
    (section 15.6): the server has erred, or a gateway answers for one that may have acted; 501, 505 and 507
    may come from a gateway's own way on, or from a second step. 302 and 303 are how a form that was taken is
    answered (sections 15.4.3, 15.4.4), and another 2xx than the expected one is a yes.
    """
    return status in ELSEWHERE or (400 <= status < 500 and status not in UNSURE)


def unusable(text: str, response: httpx.Response, call: Call, hint: str = "") -> Rejected:
    """For an answer that is a yes and cannot be used: what was to be written may be written."""
    return call.error(Rejected, text, status=response.status_code, maybe_done=call.writes, hint=hint)


def transport_error(error: httpx.HTTPError, call: Call) -> ConnectorError:
    """Ours for a request that got no answer: certainly not done where no connection was made, maybe done
    where a write was under way.
    """
    import httpx

    provider, operation = call.provider, call.operation
    reason = why(error)
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        text = f"{provider} cannot be reached: {reason}"
        return Rejected(
            text,
            provider=provider,
            operation=operation,
            hint="set the connection's ca_file to the authority's certificate",
        )
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)):
        return Transient(f"{provider} cannot be reached: {reason}", provider=provider, operation=operation)
    return Transient(
        f"{provider} did not answer: {reason}", provider=provider, operation=operation, maybe_done=call.writes
    )


def status_error(
    response: httpx.Response,
    call: Call,
    *,
    detail: str = "",
    kind: type[ConnectorError] | None = None,
    promises: Container[int] = (),
) -> ConnectorError:
    """Ours for an answer that is not the yes that was hoped for.

    `detail` is the system's own reason, told without secrets of the request that it may repeat; `kind`
    overrides what its status alone says. `promises` are statuses of which this very system's documentation
    says that nothing was done, beside those that say so by themselves.
    """
    status, detail = response.status_code, without_secrets(detail, response)
    text = f"{call.provider} answered {status} to {call.operation}" + (
        f": {detail[:DETAIL_LIMIT]}" if detail else ""
    )
    wait = retry_after(response.headers.get("Retry-After"), now=dt.datetime.now(dt.UTC))
    maybe = call.writes and not is_refusal(status) and status not in promises
    if status == 429 or (status == 503 and wait is not None):
        return RateLimited(
            text,
            retry_after=wait,
            provider=call.provider,
            operation=call.operation,
            status=status,
            maybe_done=maybe,
        )
    kind = kind or BY_STATUS.get(status) or (Transient if status >= 500 else Rejected)
    hint = _hint(response) if kind in {Rejected, Unauthorized} else ""
    return kind(
        text, provider=call.provider, operation=call.operation, status=status, maybe_done=maybe, hint=hint
    )


def _hint(response: httpx.Response) -> str:
    if response.is_redirect:
        return f"it redirects to {shown_address(response.headers['Location'])}: correct the connection's url"
    return {401: "check the connection's credentials", 403: "the connection's account may not do this"}.get(
        response.status_code, ""
    )


def retry_after(value: str | None, *, now: dt.datetime) -> float | None:
    """Seconds to wait by a Retry-After header, which is a number of seconds or an HTTP date (RFC 9110 section
    10.2.3).

    None without one, and for anything else that stands there (negative, a fraction, NaN). At most `FARTHEST`:
    what is longer is as long.
    """
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]+", text):
        return min(float(text[:DETAIL_LIMIT]), FARTHEST.total_seconds())
    try:
        moment = email.utils.parsedate_to_datetime(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return min(max(0.0, (moment - now).total_seconds()), FARTHEST.total_seconds())
    except (ValueError, OverflowError):
        return None
