"""The edge to customers' systems that speak HTTP: every call with a time-out, every failure one of our types.

A connector prepares a request and reads the answer; the sending in between is here, once.
"""

from __future__ import annotations

import datetime as dt
import email.utils
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from officeflow.connectors.connection import Connection, timeout_of, tls_context
from officeflow.errors import Conflict, ConnectorError, InvalidInput, NotFound, RateLimited, Rejected, Transient, Unauthorized
from officeflow.ids import header_text

if TYPE_CHECKING:
    import httpx

CORRELATION_HEADER = "X-Correlation-ID"
KEY_HEADER = "Idempotency-Key"
DETAIL_LIMIT = 300

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

# What is certainly refused before anything was done, however late the answer came.
NEVER_DONE = frozenset({408, 423, 425, 501, 503, 505, 507})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request's place in the world: what the errors about it say. `writes` is whether it changes something over there."""

    provider: str
    operation: str
    writes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to send. `key` is the act's idempotency key, for those systems that know the header."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    content: bytes | None = None
    key: str = ""


def base_url(connection: Connection) -> str:
    """The address kept in `host`: a whole URL, or a host name, which then is reached by https. No slash at its end."""
    host = (connection.host or "").strip().rstrip("/")
    if not host:
        raise InvalidInput(f"connection {connection.id} has no address", hint="set its host to the system's URL")
    return host if "://" in host else f"https://{host}{f':{connection.port}' if connection.port else ''}"


class HttpSession:
    """Sends requests to one system, with its credentials; kept alive until `close`.

    Redirects are not followed: a write that is redirected would turn into a read.
    """

    def __init__(self, connection: Connection, *, correlation_id: str, headers: Mapping[str, str] | None = None) -> None:
        import httpx

        self.address = base_url(connection)
        basic = (connection.login, connection.password or "") if connection.login else None
        bearer = {} if basic or not connection.password else {"Authorization": f"Bearer {connection.password}"}
        self._client = httpx.Client(
            auth=basic,
            headers={CORRELATION_HEADER: header_text(correlation_id), **bearer, **(headers or {})},
            timeout=timeout_of(connection),
            verify=tls_context(connection) if self.address.startswith("https:") else False,
            follow_redirects=False,
        )

    def close(self) -> None:
        self._client.close()

    def send(self, request: Request, call: Call) -> httpx.Response:
        """The answer, whatever its status. Raises `Transient` (or `Rejected`, where the address or certificate is wrong) without one."""
        import httpx
        from opentelemetry import propagate

        headers = {**request.headers, **({KEY_HEADER: request.key} if request.key else {})}
        propagate.inject(headers)  # W3C traceparent: the call belongs to the run's trace
        try:
            return self._client.request(
                request.method, request.url, headers=headers, params=request.params or None, json=request.json, content=request.content
            )
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise Rejected(
                f"{request.url} is not an address", provider=call.provider, operation=call.operation, hint="correct the connection's host"
            ) from error
        except httpx.HTTPError as error:
            raise transport_error(error, call) from error


def transport_error(error: httpx.HTTPError, call: Call) -> ConnectorError:
    """Ours for a request that got no answer: certainly not done where no connection was made, maybe done where a write was under way."""
    import httpx

    provider, operation = call.provider, call.operation
    reason = str(error) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        text = f"the certificate of {provider} is not trusted: {reason}"
        return Rejected(text, provider=provider, operation=operation, hint="set the connection's extra ca_file")
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)):
        return Transient(f"{provider} cannot be reached: {reason}", provider=provider, operation=operation)
    return Transient(f"{provider} did not answer: {reason}", provider=provider, operation=operation, maybe_done=call.writes)


def status_error(response: httpx.Response, call: Call, *, detail: str = "", kind: type[ConnectorError] | None = None) -> ConnectorError:
    """Ours for an answer that is a refusal. `detail` is the system's own reason; `kind` overrides what its status alone says."""
    status = response.status_code
    text = f"{call.provider} answered {status} to {call.operation}" + (f": {detail[:DETAIL_LIMIT]}" if detail else "")
    wait = retry_after(response.headers.get("Retry-After"), now=dt.datetime.now(dt.UTC))
    if status == 429 or (status == 503 and wait is not None):
        return RateLimited(text, retry_after=wait, provider=call.provider, operation=call.operation, status=status)
    maybe = call.writes and status >= 500 and status not in NEVER_DONE
    kind = kind or BY_STATUS.get(status) or (Transient if status >= 500 else Rejected)
    hint = _hint(response) if kind in {Rejected, Unauthorized} else ""
    return kind(text, provider=call.provider, operation=call.operation, status=status, maybe_done=maybe, hint=hint)


def _hint(response: httpx.Response) -> str:
    if response.is_redirect:
        return f"it redirects to {response.headers['Location']}: correct the connection's host"
    return {401: "check the connection's credentials", 403: "the connection's account may not do this"}.get(response.status_code, "")


def retry_after(value: str | None, *, now: dt.datetime) -> float | None:
    """Seconds to wait by a Retry-After header, which is a number of seconds or an HTTP date (RFC 9110 section 10.2.3); None without one."""
    text = (value or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - now).total_seconds())


@contextmanager
def after_write() -> Iterator[None]:
    """What fails in here fails after a write that the system has accepted: the act may be done, whatever the error says."""
    try:
        yield
    except ConnectorError as error:
        error.maybe_done = True
        raise
