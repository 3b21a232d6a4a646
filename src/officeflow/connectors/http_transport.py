"""The wire under every HTTP connector: an exchange ends at its deadline, however slowly the other side goes
on talking.

A time-out for reading starts anew with every byte that comes, so that a server which sends one now and then
is never late by it.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from officeflow.connectors.egress import port_of
from officeflow.connectors.networks import Limits, resolved

DEADLINE = "deadline"
"""Name of a request's extension: the moment, by `time.monotonic`, at which its answer must be whole."""

SLICE = 64 * 1024
"""Bytes that are written before the deadline is looked at again."""
KEEP_SECONDS = 5.0


@dataclass(slots=True)
class Deadline:
    """Of the exchange that is under way: a transport carries one at a time."""

    at: float = float("inf")

    def left(self, timeout: float | None, late: type[Exception]) -> float | None:
        """Seconds for one step; raises `late` where there are none."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise late("the whole of it took too long")
        return left if timeout is None else min(timeout, left)


class TimedTransport(httpx.HTTPTransport):
    """As `httpx.HTTPTransport`, for one request at a time, each within the deadline that its extension
    `deadline` names.

    Nothing is taken from the environment: `proxy` is the proxy's URL, None reaches the system directly.
    `limits` say what may be connected to, the system itself or its proxy: to the very addresses that were
    checked. A proxy asks the name server itself, so what it is asked for is checked beforehand alone.
    """

    def __init__(
        self,
        verify: ssl.SSLContext,
        *,
        proxy: str | None = None,
        keep: bool = True,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(verify=verify, trust_env=False)
        self._asked_of_proxy = limits if proxy else None
        self._deadline = Deadline()
        self._pool = httpcore.ConnectionPool(
            ssl_context=verify,
            proxy=_proxy(proxy, verify) if proxy else None,
            max_connections=1,
            max_keepalive_connections=1 if keep else 0,
            keepalive_expiry=KEEP_SECONDS,
            network_backend=_Backend(self._deadline, limits),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises besides: `Rejected`, before anything is sent, where the limits do not allow it."""
        self._deadline.at = request.extensions.get(DEADLINE, float("inf"))
        if self._asked_of_proxy is not None:
            _check(request, self._asked_of_proxy)
        return super().handle_request(request)


def _check(request: httpx.Request, limits: Limits) -> None:
    """`Rejected` where it leads to where it may not, as far as the name can be resolved here.

    Where the address stands in the URL already, its extension `sni_hostname` has the name.
    """
    port = port_of(request.url)
    try:
        addresses = resolved(request.url.host, port)
    except OSError:
        return
    limits.allowed(request.extensions.get("sni_hostname", request.url.host), port, addresses)


def _proxy(text: str, verify: ssl.SSLContext) -> httpcore.Proxy:
    given = httpx.Proxy(text)
    return httpcore.Proxy(
        str(given.url), auth=given.raw_auth, ssl_context=verify if given.url.scheme == "https" else None
    )


class _Backend(httpcore.NetworkBackend):
    def __init__(self, deadline: Deadline, limits: Limits | None) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline
        self._limits = limits

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        *first, last = self._addresses(host, port)
        for address in first:
            try:
                return self._connected(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connected(last, port, timeout, local_address, socket_options)

    def _addresses(self, host: str, port: int) -> list[str]:
        if self._limits is None:
            return [host]
        try:
            return self._limits.addresses(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error

    def _connected(
        self,
        host: str,
        port: int,
        timeout: float | None,
        local_address: str | None,
        socket_options: Iterable[Any] | None,
    ) -> httpcore.NetworkStream:
        seconds = self._deadline.left(timeout, httpcore.ConnectTimeout)
        stream = self._inner.connect_tcp(host, port, seconds, local_address, socket_options)
        return _Stream(stream, self._deadline)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), SLICE):
            self._inner.write(
                buffer[start : start + SLICE], self._deadline.left(timeout, httpcore.WriteTimeout)
            )

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = self._deadline.left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, seconds), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
