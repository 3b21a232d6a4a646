"""What errors of connectors say of an address, and of what became of a connection."""

from __future__ import annotations

import socket
import ssl
import urllib.parse
from collections.abc import Iterator

NOT_TLS = frozenset(
    {
        "WRONG_VERSION_NUMBER",
        "UNKNOWN_PROTOCOL",
        "HTTP_REQUEST",
        "RECORD_LAYER_FAILURE",
        "PACKET_LENGTH_TOO_LONG",
    }
)
"""OpenSSL's reasons where what answers does not speak TLS."""


def shown_address(address: str) -> str:
    """Without user, query and fragment, any of which may hold what nobody should read."""
    try:
        parts = urllib.parse.urlsplit(address)
    except ValueError:
        return "an address that is none"
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def why(error: BaseException) -> str:
    """What kept a connection from being made or broke it: the error, or what it comes from, in plain
    words.
    """
    told = next(filter(None, map(_in_words, _causes(error))), "")
    return told or str(error) or type(error).__name__


def _in_words(cause: BaseException) -> str:
    told = ""
    match cause:
        case socket.gaierror():
            told = f"its name cannot be resolved ({cause.strerror})"
        case ssl.SSLCertVerificationError():
            told = f"its certificate is not trusted ({cause.verify_message})"
        case ssl.SSLError() if cause.reason in NOT_TLS:
            told = f"what answers there does not speak TLS ({cause.reason})"
        case ssl.SSLError():
            told = f"no encryption could be agreed on ({cause.reason or cause})"
        case ConnectionRefusedError():
            told = "nobody listens there (connection refused)"
        case ConnectionResetError() | BrokenPipeError():
            told = "it closed the connection"
    return told


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or at.__context__
