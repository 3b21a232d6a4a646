"""A request's body: whole, in time, not larger than it may be, and unpacked."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, MutableMapping
from typing import Any

from officeflow.gateway.problems import Refused

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""zlib's `wbits` of the codings that are taken (RFC 9110, section 8.4)."""


class Gone(Exception):
    """The client went away."""


async def read(receive: Receive, headers: Mapping[str, str], *, most: int, seconds: float) -> bytes:
    """The bytes as they came. `Refused` 413 as soon as there are more than `most`, 408 after `seconds`."""
    if (told := headers.get("content-length", "")).isdecimal() and int(told) > most:
        raise _too_large(f"it has {int(told):,} bytes", most)
    message = await _first(receive, seconds)
    if not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) > most:
            raise _too_large("it has more", most)
        return body
    try:
        async with asyncio.timeout(seconds):
            return await _rest(receive, message, most)
    except TimeoutError:
        raise _too_slow(seconds) from None


async def _first(receive: Receive, seconds: float) -> MutableMapping[str, Any]:
    """Mostly it is there already, and then no clock is set, which would cost more than all else here."""
    coroutine: Any = receive()
    try:
        waits_for = coroutine.send(None)
    except StopIteration as done:
        message = done.value
    else:
        try:
            async with asyncio.timeout(seconds):
                message = await _Begun(coroutine, waits_for)
        except TimeoutError:
            raise _too_slow(seconds) from None
    if message["type"] == "http.disconnect":
        raise Gone
    found: MutableMapping[str, Any] = message
    return found


class _Begun:
    """A coroutine that waits already, to be waited for."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], waits_for: Any) -> None:
        self._coroutine, self._waits_for = coroutine, waits_for

    def __await__(self) -> Generator[Any, Any, Any]:
        waits_for = self._waits_for
        try:
            while True:
                try:
                    answer = yield waits_for
                except BaseException as error:  # noqa: BLE001 - it is the coroutine's: a cancellation above all
                    waits_for = self._coroutine.throw(error)
                else:
                    waits_for = self._coroutine.send(answer)
        except StopIteration as done:
            return done.value


async def _rest(receive: Receive, message: MutableMapping[str, Any], most: int) -> bytes:
    found = bytearray(message.get("body", b""))
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        found += message.get("body", b"")
        if len(found) > most:
            raise _too_large("it has more", most)
    return bytes(found)


def unpacked(raw: bytes, headers: Mapping[str, str], *, most: int) -> bytes:
    """What `raw` is by its Content-Encoding. `Refused` 413 where it unpacks to more than `most`, 415 for a
    coding that is not taken, 422 where it is not what it says.
    """
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding in {"identity", ""}:
        return raw
    if coding not in WINDOW:
        raise Refused(
            415, "content_encoding", f"Content-Encoding {coding[:40]!r}: gzip and deflate are taken"
        )
    reader = zlib.decompressobj(WINDOW[coding])
    try:
        found = reader.decompress(raw, most + 1)
    except zlib.error:
        raise Refused(422, "content_encoding", f"the body is not {coding}, which its header says") from None
    if len(found) > most:
        raise _too_large("it unpacks to more", most)
    if not reader.eof or reader.unused_data:
        raise Refused(422, "content_encoding", f"the body is not one whole {coding} stream")
    return found


def _too_large(what: str, most: int) -> Refused:
    return Refused(413, "too_large", f"{what}; this source takes {most:,} bytes", closes=True)


def _too_slow(seconds: float) -> Refused:
    return Refused(408, "too_slow", f"the body did not arrive within {seconds:g} s", closes=True)
