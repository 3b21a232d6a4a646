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
    """

    def __init__(self, verify: ssl.SSLContext, *, proxy: str | None = None, keep: bool = True) -> None:
        super().__init__(verify=verify, trust_env=False)
        self._deadline = Deadline()
        self._pool = httpcore.ConnectionPool(
            ssl_context=verify,
            proxy=_proxy(proxy, verify) if proxy else None,
            max_connections=1,
            max_keepalive_connections=1 if keep else 0,
            keepalive_expiry=KEEP_SECONDS,
            network_backend=_Backend(self._deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._deadline.at = request.extensions.get(DEADLINE, float("inf"))
        return super().handle_request(request)


def _proxy(text: str, verify: ssl.SSLContext) -> httpcore.Proxy:
    given = httpx.Proxy(text)
    return httpcore.Proxy(
        str(given.url), auth=given.raw_auth, ssl_context=verify if given.url.scheme == "https" else None
    )


class _Backend(httpcore.NetworkBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
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
