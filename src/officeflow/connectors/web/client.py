"""A system that a workflow calls by itself, with the credentials of a connection and within its limits."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
from opentelemetry import propagate

from officeflow.connectors.call import Call
from officeflow.connectors.client import Client
from officeflow.connectors.connection import Connection, proxy_of, timeout_of
from officeflow.connectors.echoes import SECRETS, secrets_of
from officeflow.connectors.egress import (
    DOT_SEGMENT,
    Egress,
    name_of,
    networks_of,
    origin_of,
    port_of,
    refused,
    without_query,
)
from officeflow.connectors.families.http import TakesRequests, WebAnswer, WebRequest
from officeflow.connectors.http import CORRELATION_HEADER, KEY_HEADER, base_url, statuses_of
from officeflow.connectors.http_body import TooLargeError, UnreadableError, read_body
from officeflow.connectors.http_errors import status_error, transport_error, unusable
from officeflow.connectors.http_transport import DEADLINE
from officeflow.connectors.networks import limits_of
from officeflow.connectors.tls import Spoken, tls_context
from officeflow.connectors.web.transport import CheckedTransport
from officeflow.errors import InvalidInput, Problem, Transient
from officeflow.hosts import Host, hosts_of
from officeflow.ids import header_text
from officeflow.settings import load_settings

MAX_BODY = 1024 * 1024
"""Bytes of an answer that a workflow may use."""
MAX_REDIRECTS = 5
MAX_REASON = 16 * 1024
"""Bytes of a refusal that are read, to find out why."""
CONNECT_SECONDS = 10.0
LONGEST_SECONDS = 3600.0
"""Where the connection sets no limit, that of the node holds."""
CHECK_SECONDS = 20.0
CHECKED = frozenset(range(200, 500)) - {401, 407}
"""An API need not have anything at its base: 404 is an answer of it."""
REASONS = ("detail", "message", "error_description", "error", "title")
"""Where a JSON body says why something was refused (RFC 9457, RFC 6749, habit)."""

ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
NOT_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f\\]")


class WebClient(Client, TakesRequests):
    """Any HTTP API, within the limits of its connection.

    Credentials go to the origin of the connection's own URL and nowhere else. Redirects are followed for
    reading alone: a write that is redirected would turn into a read.
    """

    provider = "http"
    checks_addresses = True

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        super().__init__(connection, correlation_id=correlation_id)
        self.address = base_url(connection)
        self._base = _parsed(self.address)
        self._egress = _egress(connection, self._base)
        self._egress.check(self._base)
        self._credentials = _credentials(connection)
        self._secrets = secrets_of(connection)
        self._timeout = timeout_of(connection, default=LONGEST_SECONDS)
        self._plain = {
            "User-Agent": "OfficeFlow",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            CORRELATION_HEADER: header_text(correlation_id),
        }
        self._promises = statuses_of(
            str(connection.extra.get("not_done_statuses") or ""), source=f"connection {connection.id}"
        )
        self._transport = CheckedTransport(
            self._egress, tls_context(connection, Spoken.HTTP), proxy=proxy_of(connection)
        )

    def close(self) -> None:
        self._transport.close()

    def check(self) -> str:
        """Any answer will do that neither asks who we are nor is an error of the server's."""
        request = WebRequest(
            method="GET", url=self.address, keep=False, seconds=min(self._timeout, CHECK_SECONDS)
        )
        return f"it answered {self.send(request, expected=CHECKED, key='').status} to GET"

    def send(self, request: WebRequest, *, expected: Container[int], key: str) -> WebAnswer:
        deadline = time.monotonic() + request.seconds
        url = self._url(request)
        propagate.inject(self._plain)  # W3C traceparent: the call belongs to the run's trace
        headers = httpx.Headers(self._plain)
        headers.update(request.headers)
        headers.update({KEY_HEADER: key} if request.writes else {})
        headers.update(self._credentials if origin_of(url) == origin_of(self._base) else {})
        for _ in range(MAX_REDIRECTS + 1):
            call = self.call(f"{request.method} {without_query(url)}", writes=request.writes)
            with self._exchange(request, url, headers, deadline, call) as response:
                if response.status_code in expected:
                    return WebAnswer(
                        status=response.status_code,
                        url=without_query(url),
                        headers={name.lower(): value for name, value in response.headers.items()},
                        content=_body(response, call) if request.keep and request.method != "HEAD" else b"",
                    )
                if not response.has_redirect_location or request.writes:
                    raise status_error(response, call, detail=_reason(response), promises=self._promises)
                url, headers = self._redirected(url, response, headers)
        raise refused(f"{self.address} redirects more than {MAX_REDIRECTS} times")

    def _url(self, request: WebRequest) -> httpx.URL:
        """The whole address. A path is below the connection's URL, also one that begins with two slashes."""
        if NOT_IN_ADDRESS.search(request.url):
            raise refused(
                "there is a blank, a backslash or a control character in the address",
                "write values in it with | urlencode",
            )
        if DOT_SEGMENT.search(request.url):
            raise refused(
                "there is a . or .. between slashes in the address", "a value in it must not lead elsewhere"
            )
        if "//" in re.split(r"[?#]", ABSOLUTE.sub("", request.url, count=1), maxsplit=1)[0].lstrip("/"):
            raise refused(
                "there is nothing between two slashes in the address",
                "a value in it is empty, and would lead elsewhere",
            )
        whole = request.url if ABSOLUTE.match(request.url) else f"{self.address}/{request.url.lstrip('/')}"
        url = _parsed(whole).copy_with(fragment=None)
        if not request.query:
            return url
        query = "&".join(
            part for part in (url.query.decode("ascii"), urlencode(request.query, doseq=True)) if part
        )
        return url.copy_with(query=query.encode("ascii"))

    @contextmanager
    def _exchange(
        self, request: WebRequest, url: httpx.URL, headers: httpx.Headers, deadline: float, call: Call
    ) -> Iterator[httpx.Response]:
        """One request and its answer, whose body is still to be read."""
        seconds = min(self._timeout, _left(deadline, call))
        timeouts = {
            "connect": min(CONNECT_SECONDS, seconds),
            "read": seconds,
            "write": seconds,
            "pool": seconds,
        }
        sent = httpx.Request(
            request.method,
            url,
            headers=headers,
            content=request.content,
            extensions={"timeout": timeouts, DEADLINE: deadline, SECRETS: self._secrets},
        )
        try:
            response = self._transport.handle_request(sent)
            response.request = sent
            try:
                yield response
            finally:
                response.close()
        except httpx.HTTPError as error:
            raise transport_error(error, call) from error

    def _redirected(
        self, url: httpx.URL, response: httpx.Response, headers: httpx.Headers
    ) -> tuple[httpx.URL, httpx.Headers]:
        """Where it leads, and what is sent there: from another origin on neither credentials nor what the
        node has set.
        """
        try:
            there = url.join(response.headers["Location"]).copy_with(fragment=None)
        except httpx.InvalidURL as error:
            raise refused(f"{without_query(url)} redirects to what is no address") from error
        if url.scheme == "https" and there.scheme == "http":
            raise refused(f"{without_query(url)} redirects to {without_query(there)}, which is not encrypted")
        return there, headers if origin_of(there) == origin_of(url) else httpx.Headers(self._plain)


def _parsed(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise refused(f"that is no address: {error}") from error
    if not url.host and url.scheme in {"http", "https"}:
        raise refused("there is no host in the address")
    return url


def _left(deadline: float, call: Call) -> float:
    """Seconds until the deadline."""
    left = deadline - time.monotonic()
    if left <= 0:
        text = f"{call.operation} took longer than the node may"
        raise call.error(Transient, text, maybe_done=call.writes)
    return left


def _body(response: httpx.Response, call: Call) -> bytes:
    """All of it, as long as it is not too much and is not packed, which nobody asked for."""
    hint = "response: none does without the answer's body"
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in {"", "identity"}:
        raise unusable(
            f"{call.operation} was answered in {coding}, which nobody asked for", response, call, hint
        )
    try:
        return read_body(response.iter_raw(), coding, MAX_BODY)
    except TooLargeError as error:
        raise unusable(
            f"{call.operation} was answered with more than {MAX_BODY // 1024} KiB", response, call, hint
        ) from error


def _reason(response: httpx.Response) -> str:
    """Why the system says it refused, where it says so in JSON: any other body may hold anything.

    Its status counts in any case.
    """
    try:
        told: Any = json.loads(
            read_body(response.iter_raw(), response.headers.get("Content-Encoding", ""), MAX_REASON)
        )
    except (TooLargeError, UnreadableError, httpx.HTTPError, ValueError, RecursionError):
        return ""
    texts = (
        [told[name] for name in REASONS if isinstance(told.get(name), str)] if isinstance(told, dict) else []
    )
    return texts[0] if texts else ""


def _egress(connection: Connection, base: httpx.URL) -> Egress:
    extra, where = connection.extra, f"connection {connection.id}"
    platform = load_settings().http_allowed_hosts
    if base.scheme not in {"http", "https"} or base.query or base.fragment:
        raise InvalidInput(
            f"{where}: url must be an http or https address without a query",
            hint="such as https://api.example.com/v1",
        )
    return Egress(
        hosts=(
            Host(name_of(base), port_of(base)),
            *hosts_of(str(extra.get("allowed_hosts") or ""), source=f"{where}, allowed_hosts"),
        ),
        networks=networks_of(str(extra.get("networks") or ""), source=f"{where}, networks"),
        within=hosts_of(platform, source="OFFICEFLOW_HTTP_ALLOWED_HOSTS") if platform.strip() else None,
        limits=limits_of(connection.id),
    )


def _credentials(connection: Connection) -> dict[str, str]:
    """The headers that say who we are.

    `InvalidInput`, which never shows a secret, where the fields do not fit together.
    """
    login, token, header = (
        connection.login or "",
        (connection.password or "").strip(),
        str(connection.extra.get("header") or ""),
    )
    kind = connection.extra.get("auth") or ("basic" if login else "bearer" if token else "none")
    needed = {
        "none": {},
        "bearer": {"token": token},
        "basic": {"login": login},
        "header": {"token": token, "header": header},
    }[kind]
    problems = [Problem(name, f"is missing: auth is {kind}") for name, value in needed.items() if not value]
    problems += (
        [Problem("token", "holds a character that no header can hold")]
        if UNPRINTABLE.search(token) and kind != "basic"
        else []
    )
    problems += (
        [Problem("header", "is no name of a header")] if header and not TOKEN.fullmatch(header) else []
    )
    if problems:
        raise InvalidInput(f"connection {connection.id} cannot be used", problems=problems)
    pair = base64.b64encode(f"{login}:{connection.password or ''}".encode()).decode()
    known = {
        "none": {},
        "basic": {"Authorization": f"Basic {pair}"},
        "bearer": {"Authorization": f"Bearer {token}"},
        "header": {header: token},
    }
    return known[kind]
