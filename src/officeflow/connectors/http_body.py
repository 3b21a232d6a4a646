"""An answer's body, up to a limit: counted as it comes and as it unpacks, so that neither a long one nor a
bomb is ever in memory.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

GZIP = frozenset({"gzip", "x-gzip"})
"""RFC 9110 section 8.4.1.3. No other coding is asked for, so no other is read."""
PLAIN = frozenset({"", "identity"})
MIB = 1024 * 1024


class TooLargeError(Exception):
    """More than the limit, as it came or unpacked."""


class UnreadableError(Exception):
    """What came cannot be unpacked; the text says why."""


def read_body(raw: Iterable[bytes], coding: str, limit: int) -> bytes:
    """All of `raw`, unpacked by its Content-Encoding.

    `TooLargeError` as soon as it is more than `limit` bytes; else `UnreadableError`.
    """
    kind = coding.strip().lower()
    if kind in PLAIN:
        return _collected(_counted(raw, limit), limit)
    if kind not in GZIP:
        raise UnreadableError(f"it came in {kind}, which nobody asked for")
    try:
        return _collected(_unpacked(_counted(raw, limit), limit), limit)
    except zlib.error as error:
        raise UnreadableError(f"it says {kind} and is not: {error}") from error


def _collected(parts: Iterable[bytes], limit: int) -> bytes:
    body = bytearray()
    for part in parts:
        body += part
        if len(body) > limit:
            raise TooLargeError
    return bytes(body)


def _counted(raw: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """A stream of empty members unpacks to nothing for ever, so what comes is counted too."""
    came = 0
    for part in raw:
        came += len(part)
        if came > limit:
            raise TooLargeError
        yield part


def _unpacked(raw: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """At most `limit` + 1 bytes at once; members one after the other (RFC 1952 section 2.2)."""
    member, ended = _member(), True
    for part in raw:
        rest = part
        while rest:
            if member.eof:
                member = _member()
            yield member.decompress(rest, limit + 1)
            rest = member.unused_data if member.eof else member.unconsumed_tail
        ended = member.eof
    if not ended:
        raise UnreadableError("it ends in the middle")


def _member() -> zlib._Decompress:
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
