"""The edge to customers' systems that speak HTTP: every call with a time-out, every failure one of our types.

A connector prepares a request and reads the answer; the sending in between is here, once, and so is what
holds for all of them:

- Credentials go to the origin of the connection's URL, and to the hosts that its `trusted_hosts` lists.
  `HttpSession.resolve` makes the address that a reference in an answer stands for; whatever is sent is
  checked again.
- An answer has a largest size, packed and unpacked, and a time by which it must be whole.
- A write that got any answer but a clear refusal may be done (`is_refusal`).
- An organization's connection reaches what the platform lets it reach (`networks`), by whatever name.
- Nothing is taken from the environment: no proxy, no `.netrc`. The connection's `proxy` names one.
- Who we are is an `httpx.Auth`: the connection's login or token, or what the connector gives. What that sends
  besides (for a token, say) has the same limits and the same time, and never fails as a write.
"""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from officeflow.connectors.call import Call
from officeflow.connectors.client import Client
from officeflow.connectors.connection import Connection, proxy_of, timeout_of
from officeflow.connectors.echoes import SECRETS, secrets_of
from officeflow.connectors.egress import DOT_SEGMENT, origin_of
from officeflow.connectors.http_body import MIB, TooLargeError, UnreadableError, read_body
from officeflow.connectors.http_errors import transport_error, unusable
from officeflow.connectors.networks import limits_of
from officeflow.connectors.tls import Spoken, tls_context
from officeflow.errors import InvalidInput, Rejected
from officeflow.hosts import hosts_of
from officeflow.ids import header_text
from officeflow.settings import load_settings

if TYPE_CHECKING:
    import httpx

CORRELATION_HEADER = "X-Correlation-ID"
KEY_HEADER = "Idempotency-Key"

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
    """Sends requests to one system, with its credentials, one at a time, whichever threads they come from.
    Kept alive until `close`.

    Redirects are not followed: a write that is redirected would turn into a read.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        correlation_id: str,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
    ) -> None:
        """`auth` says who we are; None leaves that to the connection: its login and password, or its password
        as a bearer token.
        """
        import httpx

        from officeflow.connectors.http_transport import TimedTransport

        self.address = base_url(connection)
        self._trusted = hosts_of(
            str(connection.extra.get("trusted_hosts") or ""),
            source=f"connection {connection.id}, trusted_hosts",
        )
        self._one_at_a_time = threading.Lock()
        self._limit = load_settings().http_max_answer_mib * MIB
        self._left = ANSWERS * self._limit
        self._timeout = timeout_of(connection)
        self._secrets = secrets_of(connection)
        bearer = {}
        self._auth = auth or httpx.Auth()
        if auth is None and connection.login:
            self._auth = httpx.BasicAuth(connection.login, connection.password or "")
        elif auth is None and connection.password:
            bearer = {"Authorization": f"Bearer {connection.password}"}
        known = {"Accept-Encoding": "gzip", CORRELATION_HEADER: header_text(correlation_id)}
        self._client = httpx.Client(
            headers={**known, **bearer, **(headers or {})},
            timeout=self._timeout,
            transport=TimedTransport(
                _tls(connection, self.address, auth),
                proxy=proxy_of(connection),
                limits=limits_of(connection.id),
            ),
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

        headers = {**request.headers, **({KEY_HEADER: request.key} if request.key else {})}
        propagate.inject(headers)  # W3C traceparent: the call belongs to the run's trace
        url = self._checked(request.url, call)
        with self._one_at_a_time:
            try:
                sent = self._built(request, url, headers)
            except httpx.HTTPError as error:
                raise transport_error(error, call) from error
            return self._authorized(sent, call)

    def _built(self, request: Request, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Request:
        """Its time begins now."""
        from officeflow.connectors.http_transport import DEADLINE

        return self._client.build_request(
            request.method,
            url,
            headers=headers,
            params=request.params or None,
            json=request.json,
            content=request.content,
            extensions={DEADLINE: time.monotonic() + WHOLE * self._timeout, SECRETS: self._secrets},
        )

    def _authorized(self, sent: httpx.Request, call: Call) -> httpx.Response:
        """The answer to `sent`, after whatever else has to be sent for it to be let in."""
        flow = self._auth.sync_auth_flow(sent)
        try:
            request = next(flow)
            while True:
                answer = self._exchanged(
                    request, call if request is sent else self._beside(request, sent, call)
                )
                try:
                    request = flow.send(answer)
                except StopIteration:
                    return answer
        finally:
            flow.close()

    def _beside(self, request: httpx.Request, sent: httpx.Request, call: Call) -> Call:
        """What errors of `request` are about, which only prepares `sent`.

        `Rejected` where it would show a secret.
        """
        from officeflow.connectors.tokens import called

        request.extensions = {**sent.extensions, **request.extensions}
        beside = Call(provider=call.provider, operation=called(request))
        if request.url.scheme != "https" and sent.url.scheme == "https":
            raise beside.error(
                Rejected, f"{beside.operation} is not encrypted: no credentials are sent there"
            )
        return beside

    def _exchanged(self, request: httpx.Request, call: Call) -> httpx.Response:
        import httpx

        try:
            response = self._client.send(request, auth=None, stream=True)
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
        unfit = {b"content-encoding", b"content-length", b"transfer-encoding"}
        headers = [  # as bytes: not every server writes ASCII
            (name, value) for name, value in response.headers.raw if name.lower() not in unfit
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
            raise call.error(Rejected, text)
        try:
            base = httpx.URL(self.address)
            given = httpx.URL(reference)
            url = given if given.is_absolute_url else httpx.URL(f"{self.address}/").join(given)
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
            raise call.error(
                Rejected,
                f"{scheme}://{host}:{port} lies outside of {self.address}: the credentials are not sent"
                " there",
                hint=(
                    "list the host in the connection's trusted_hosts if it is theirs; from https never to"
                    " http"
                ),
            )
        return url


def _tls(connection: Connection, address: str, auth: httpx.Auth | None) -> ssl.SSLContext:
    """Where nothing may be encrypted, nobody is trusted: reading the authorities would take a while."""
    needed = (
        not address.startswith("http:")
        or auth is not None
        or connection.extra.get("trusted_hosts")
        or connection.extra.get("proxy")
    )
    return tls_context(connection, Spoken.HTTP) if needed else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _no_address(text: str, call: Call) -> Rejected:
    return call.error(Rejected, f"{text} is not an address", hint="correct the connection's url")


def _why(response: httpx.Response) -> bytes:
    """A refusal's body as far as it is short and comes: what is wrong with it does not change what the status
    says.
    """
    import httpx

    try:
        return read_body(response.iter_raw(), response.headers.get("Content-Encoding", ""), MAX_REFUSAL)
    except (TooLargeError, UnreadableError, httpx.HTTPError):
        return b""


class HttpClient(Client):
    """A client that speaks to one system by one `HttpSession`."""

    checks_addresses = True
    headers: ClassVar[Mapping[str, str]] = {}
    """Go with every request."""

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        super().__init__(connection, correlation_id=correlation_id)
        self.http = HttpSession(
            connection, correlation_id=correlation_id, headers=self.headers, auth=self.auth(connection)
        )
        self.address = self.http.address

    def auth(self, connection: Connection) -> httpx.Auth | None:
        """How requests say who we are; None leaves it to the connection's login and password."""
        del connection
        return None

    def close(self) -> None:
        self.http.close()
