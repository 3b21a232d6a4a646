"""The edge to customers' systems that speak HTTP: every call with a time-out, every failure one of our types.

A connector prepares a request and reads the answer; the sending in between is here, once, and so is what
holds for all of them:

- Credentials go to the origin of the connection's URL, and to the hosts that its `trusted_hosts` lists.
  `HttpSession.resolve` makes the address that a reference in an answer stands for; whatever is sent is
  checked again.
- An answer has a largest size, packed and unpacked, and a time by which it must be whole.
- A write that got any answer but a clear refusal may be done (`is_refusal`).
- Nothing is taken from the environment: no proxy, no `.netrc`. The connection's `proxy` names one.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import re
import ssl
import time
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from officeflow.connectors.connection import Connection, proxy_of, timeout_of, tls_context
from officeflow.connectors.egress import DOT_SEGMENT, origin_of
from officeflow.connectors.http_body import MIB, TooLargeError, UnreadableError, read_body
from officeflow.connectors.telling import shown_address, why
from officeflow.errors import (
    Conflict,
    ConnectorError,
    InvalidInput,
    NotFound,
    RateLimited,
    Rejected,
    Transient,
    Unauthorized,
)
from officeflow.hosts import hosts_of
from officeflow.ids import header_text
from officeflow.settings import load_settings

if TYPE_CHECKING:
    import httpx

CORRELATION_HEADER = "X-Correlation-ID"
KEY_HEADER = "Idempotency-Key"
DETAIL_LIMIT = 300

WHOLE = 3
"""An exchange may take so many times the connection's time-out: a large answer comes in parts, each within
the time-out.
"""
MAX_REFUSAL = 64 * 1024
"""Bytes of a refusal that are read, to find out why. Its status is what counts, so more is left unread."""
ANSWERS = 8
"""All answers to one session, that is to one act, may be so many times as large as a single one: a list comes
in pages.
"""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request's place in the world: what the errors about it say.

    `writes` is whether it changes something over there.
    """

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
    """The address kept in `host`: a whole URL, or a host name, which then is reached by https.

    No slash at its end.
    """
    host = (connection.host or "").strip().rstrip("/")
    if not host:
        raise InvalidInput(
            f"connection {connection.id} has no address", hint="set its host to the system's URL"
        )
    if "@" in re.split(r"[/?#]", host.partition("://")[2] or host, maxsplit=1)[0]:
        raise InvalidInput(
            f"connection {connection.id}: a user name or password is in its address",
            hint="they have fields of their own",
        )
    return host if "://" in host else f"https://{host}{f':{connection.port}' if connection.port else ''}"


def statuses_of(text: str, *, source: str) -> frozenset[int]:
    """A list of statuses as it is written, such as `429, 503`.

    `InvalidInput` names `source` and the entry that is none.
    """
    found = [part for part in re.split(r"[,\s]+", text.strip()) if part]
    for part in found:
        if not re.fullmatch(r"[345][0-9]{2}", part):
            raise InvalidInput(
                f"{source}: {part!r} is no status of a refusal",
                hint="write three digits from 300 to 599: 429, 503",
            )
    return frozenset(map(int, found))


class HttpSession:
    """Sends requests to one system, with its credentials, one at a time; kept alive until `close`.

    Redirects are not followed: a write that is redirected would turn into a read.
    """

    def __init__(
        self, connection: Connection, *, correlation_id: str, headers: Mapping[str, str] | None = None
    ) -> None:
        import httpx

        from officeflow.connectors.http_transport import TimedTransport

        self.address = base_url(connection)
        self._trusted = hosts_of(
            str(connection.extra.get("trusted_hosts") or ""),
            source=f"connection {connection.id}, trusted_hosts",
        )
        self._limit = load_settings().http_max_answer_mib * MIB
        self._left = ANSWERS * self._limit
        self._timeout = timeout_of(connection)
        basic = (connection.login, connection.password or "") if connection.login else None
        bearer = (
            {} if basic or not connection.password else {"Authorization": f"Bearer {connection.password}"}
        )
        known = {"Accept-Encoding": "gzip", CORRELATION_HEADER: header_text(correlation_id)}
        self._client = httpx.Client(
            auth=basic,
            headers={**known, **bearer, **(headers or {})},
            timeout=self._timeout,
            transport=TimedTransport(_tls(connection, self.address), proxy=proxy_of(connection)),
            trust_env=False,
            follow_redirects=False,
        )

    def close(self) -> None:
        self._client.close()

    def resolve(self, reference: str, call: Call) -> str:
        """The whole address that a reference in an answer, or of a person, stands for (RFC 3986 section 5).

        `Rejected` where that is a place to which the connection's credentials must not go.
        """
        return str(self._checked(reference, call))

    def send(self, request: Request, call: Call) -> httpx.Response:
        """The answer, whatever its status, with its body; that of a refusal perhaps only its beginning.

        Raises without one: `Transient`, or `Rejected` where the address or certificate is wrong or the answer
        is too large to be one.
        """
        import httpx
        from opentelemetry import propagate

        from officeflow.connectors.http_transport import DEADLINE

        headers = {**request.headers, **({KEY_HEADER: request.key} if request.key else {})}
        propagate.inject(headers)  # W3C traceparent: the call belongs to the run's trace
        url = self._checked(request.url, call)
        try:
            sent = self._client.build_request(
                request.method,
                url,
                headers=headers,
                params=request.params or None,
                json=request.json,
                content=request.content,
                extensions={DEADLINE: time.monotonic() + WHOLE * self._timeout},
            )
            response = self._client.send(sent, stream=True)
            try:
                return self._whole(response, call)
            finally:
                response.close()
        except httpx.HTTPError as error:
            raise transport_error(error, call) from error

    def _whole(self, response: httpx.Response, call: Call) -> httpx.Response:
        """The same answer with its body, unpacked."""
        import httpx

        body = self._body(response, call) if response.is_success else _why(response)
        unfit = {"content-encoding", "content-length", "transfer-encoding"}
        headers = [
            (name, value) for name, value in response.headers.multi_items() if name.lower() not in unfit
        ]
        return httpx.Response(response.status_code, headers=headers, content=body, request=response.request)

    def _body(self, response: httpx.Response, call: Call) -> bytes:
        try:
            body = read_body(
                response.iter_raw(),
                response.headers.get("Content-Encoding", ""),
                min(self._limit, self._left),
            )
        except TooLargeError as error:
            paged = self._left < self._limit
            what = (
                f"{ANSWERS * self._limit // MIB} MiB in all its answers"
                if paged
                else f"{self._limit // MIB} MiB"
            )
            hint = "OFFICEFLOW_HTTP_MAX_ANSWER_MIB raises the limit"
            raise unusable(
                f"{call.provider} answered {call.operation} with more than {what}", response, call, hint
            ) from error
        except UnreadableError as error:
            raise unusable(
                f"the answer of {call.provider} to {call.operation} cannot be read: {error}", response, call
            ) from error
        self._left -= len(body)
        return body

    def _checked(self, reference: str, call: Call) -> httpx.URL:
        """The address, which is one that may have our credentials."""
        import httpx

        if DOT_SEGMENT.search(re.split(r"[?#]", reference, maxsplit=1)[0]):
            text = "there is a . or .. between slashes in the address: it would lead elsewhere"
            raise Rejected(text, provider=call.provider, operation=call.operation)
        try:
            base = httpx.URL(self.address)
            url = httpx.URL(f"{self.address}/").join(reference)
        except httpx.InvalidURL as error:
            raise _no_address(reference, call) from error
        if url.scheme not in {"http", "https"} or not url.host:
            raise _no_address(reference, call)
        scheme, host, port = origin_of(url)
        listed = any(trusted.takes(host, port, scheme) for trusted in self._trusted)
        if url.userinfo or (
            origin_of(base) != (scheme, host, port)
            and (not listed or (base.scheme, scheme) == ("https", "http"))
        ):
            raise Rejected(
                f"{scheme}://{host}:{port} lies outside of {self.address}: the credentials are not sent"
                " there",
                provider=call.provider,
                operation=call.operation,
                hint=(
                    "list the host in the connection's trusted_hosts if it is theirs; from https never to"
                    " http"
                ),
            )
        return url


def _tls(connection: Connection, address: str) -> ssl.SSLContext:
    """Reading the machine's authorities takes a while, so it is done for those that need them.

    Without them nobody is trusted.
    """
    needed = (
        not address.startswith("http:")
        or connection.extra.get("trusted_hosts")
        or connection.extra.get("proxy")
    )
    return tls_context(connection) if needed else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _no_address(text: str, call: Call) -> Rejected:
    return Rejected(
        f"{text} is not an address",
        provider=call.provider,
        operation=call.operation,
        hint="correct the connection's url",
    )


def _why(response: httpx.Response) -> bytes:
    """A refusal's body as far as it is short and comes: what is wrong with it does not change what the status
    says.
    """
    import httpx

    try:
        return read_body(response.iter_raw(), response.headers.get("Content-Encoding", ""), MAX_REFUSAL)
    except (TooLargeError, UnreadableError, httpx.HTTPError):
        return b""


def unusable(text: str, response: httpx.Response, call: Call, hint: str = "") -> Rejected:
    """For an answer that is a yes and cannot be used: what was to be written may be written."""
    return Rejected(
        text,
        provider=call.provider,
        operation=call.operation,
        status=response.status_code,
        maybe_done=call.writes,
        hint=hint,
    )


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

    `detail` is the system's own reason; `kind` overrides what its status alone says. `promises` are statuses
    of which this very system's documentation says that nothing was done, beside those that say so by
    themselves.
    """
    status = response.status_code
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


@contextmanager
def after_write() -> Iterator[None]:
    """What fails in here fails after a write that the system has said yes to: the act may be done, whatever
    the error says.
    """
    try:
        yield
    except ConnectorError as error:
        error.maybe_done = error.taken = True
        raise
