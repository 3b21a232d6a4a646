"""What goes between a process and its evaluators: frames of JSON over a socket, each with its length in
front.

Nothing that an evaluator sends is more than data to who reads it.
"""

from __future__ import annotations

import base64
import datetime as dt
import math
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Any

HEADER = struct.Struct("!I")
MAX_FRAME = 64 * 2**20


class Closed(Exception):
    """The other side is gone."""


def send(link: socket.socket, data: bytes) -> None:
    if len(data) > MAX_FRAME:
        raise ValueError(f"{len(data)} bytes are more than a frame may have")
    try:
        link.sendall(HEADER.pack(len(data)) + data)
    except (BrokenPipeError, ConnectionError) as error:
        raise Closed from error


def receive(link: socket.socket) -> bytes:
    """The next frame, which is the last one that is on its way.

    `Closed`; `TimeoutError` where the socket has a time-out.
    """
    pieces = [_some(link)]
    have = len(pieces[0])
    while have < HEADER.size or have < HEADER.size + _length(pieces):
        pieces.append(_some(link))
        have += len(pieces[-1])
    return b"".join(pieces)[HEADER.size :]


def _length(pieces: list[bytes]) -> int:
    if len(pieces[0]) < HEADER.size:
        pieces[:] = [b"".join(pieces)]
    (length,) = HEADER.unpack_from(pieces[0])
    if length > MAX_FRAME:
        raise Closed
    return int(length)


def _some(link: socket.socket) -> bytes:
    try:
        piece = link.recv(2**16)
    except ConnectionError as error:
        raise Closed from error
    if not piece:
        raise Closed
    return piece


def pack(value: Any) -> Any:
    """A value that CEL gave, as JSON: what JSON has no word for becomes an object of one field, its kind."""
    match value:
        case None | bool() | int() | str():
            return value
        case list():
            return [pack(item) for item in value]
        case dict():
            return {"map": [[pack(key), pack(item)] for key, item in value.items()]}
    return _rare(value)


def _rare(value: Any) -> Any:
    match value:
        case float():
            return value if math.isfinite(value) else {"float": str(value)}
        case bytes() | bytearray():
            return {"bytes": base64.b64encode(value).decode()}
        case dt.datetime():
            return {"time": value.isoformat()}
        case dt.timedelta():
            return {"span": [value.days, value.seconds, value.microseconds]}
    return {"type": str(value)}


class TypeValue(str):
    """A type of CEL's, by its name."""

    __slots__ = ()


KINDS: Mapping[str, Callable[[Any], Any]] = {
    "map": lambda inner: {unpack(key): unpack(item) for key, item in inner},
    "float": float,
    "bytes": base64.b64decode,
    "time": dt.datetime.fromisoformat,
    "span": lambda inner: dt.timedelta(*inner),
    "type": TypeValue,
}


def unpack(value: Any) -> Any:
    """What `pack` was given; of a type only its name."""
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    return KINDS[kind](inner)
