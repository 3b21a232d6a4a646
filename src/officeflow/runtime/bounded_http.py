"""Connections of our own HTTP servers: how long a request's head may take to come, and how large it may be.

Uvicorn bounds neither: whoever sends a head a byte at a time, or one that never ends, would hold a connection
and memory for good. The rest of a request that was answered before it was whole is bounded alike. How long a
body may take, and how large it may be, the applications say.
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_SECONDS = 10.0
MOST_HEAD_BYTES = 64 * 1024
LINGER_SECONDS = 2.0
MOST_DISCARDED_BYTES = 16 * 1024 * 1024
"""What is still read, and thrown away, of a request that was refused: with bytes unread the connection would
be reset, and the answer with it.
"""
TOO_LARGE = f"a head may have {MOST_HEAD_BYTES // 1024} KiB at most"
LINE_BYTES = len(b"GET  HTTP/1.1\r\n\r\n")
FIELD_BYTES = len(b": \r\n")
TITLES = {
    400: "The request cannot be read",
    408: "The request took too long to arrive",
    431: "The head of the request is too large",
}
CODES = {400: "malformed_request", 408: "too_slow", 431: "head_too_large"}


class _TooLargeError(Exception):
    """Of a head or of trailers."""


class BoundedHttp(HttpToolsProtocol):
    """For uvicorn's `http`.

    A head that is not there after `HEAD_SECONDS` is answered 408, one that is larger than `MOST_HEAD_BYTES`
    431, one that is none 400: problem documents, and then the connection is closed. Trailers of a body are
    bounded as a head is, without an answer.
    """

    _waits_since: float | None = None
    """When a head began to be waited for, or the rest of a request that was answered; None: for neither."""
    _has_head = False
    _head_bytes = 0
    """That came while a head, or the rest of one, was waited for."""
    _fields_bytes = 0
    """Of this request's line and fields, as the parser gives them."""
    _discarded: int | None = None
    """Bytes since the request was refused; None: it was not."""
    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._waits_since = self.loop.time()
        self._look = self.loop.call_later(HEAD_SECONDS, self._close_if_late)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._discarded is not None:
            self._discarded += len(data)
            if self._discarded > MOST_DISCARDED_BYTES:
                self.transport.close()
            return
        if self._waits_since is None and not self._has_head:
            self._waits_since = self.loop.time()
        super().data_received(data)
        if not self._has_head and self._waits_since is not None:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES and not self._is_over():
                self._refuse(431, TOO_LARGE)

    def on_message_begin(self) -> None:
        self._fields_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url) + LINE_BYTES)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + FIELD_BYTES)
        super().on_header(name, value)

    def _count(self, size: int) -> None:
        self._fields_bytes += size
        if self._fields_bytes > MOST_HEAD_BYTES:
            raise _TooLargeError  # the parser ends, and uvicorn calls `send_400_response`

    def on_headers_complete(self) -> None:
        self._waits_since, self._has_head, self._head_bytes = None, True, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._has_head = False
        if self.cycle.response_complete:
            self._waits_since = self.loop.time()  # uvicorn waits for the next one without an end
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._has_head:
            self._waits_since = self.loop.time()

    def send_400_response(self, msg: str) -> None:
        if self._fields_bytes > MOST_HEAD_BYTES:
            self._refuse(431, TOO_LARGE)
        else:
            self._refuse(400, msg)

    def _is_over(self) -> bool:
        return self._discarded is not None or self.transport.is_closing()

    def _close_if_late(self) -> None:
        if self._is_over():
            return
        now = self.loop.time()
        left = HEAD_SECONDS if self._waits_since is None else self._waits_since + HEAD_SECONDS - now
        if left <= 0:
            self._refuse(408, f"its head did not arrive within {HEAD_SECONDS:g} s")
        else:
            self._look = self.loop.call_later(left, self._close_if_late)

    def _refuse(self, status: int, detail: str) -> None:
        """Nothing is said where what came on the connection has its answer, or is being answered."""
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        if self._has_head or (cycle is not None and not cycle.response_complete):
            self.transport.close()
            return
        self._discarded = 0
        self.transport.write(_problem(status, detail))
        if not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write_eof()
        if self._look is not None:
            self._look.cancel()
        self._look = self.loop.call_later(LINGER_SECONDS, self.transport.close)


def _problem(status: int, detail: str) -> bytes:
    told = {
        "type": f"urn:officeflow:problem:{CODES[status]}",
        "title": TITLES[status],
        "status": status,
        "detail": detail,
    }
    body = json.dumps(told).encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
