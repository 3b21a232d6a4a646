"""The socket below a session: encrypted, to an address that was checked, and with an end to what it takes."""

from __future__ import annotations

import socket
import ssl
import time

LARGEST_ANSWER = 8 * 1024 * 1024
"""Bytes of all that answers one request."""
AT_ONCE = 65536
"""Bytes: `ldap3` asks for a few, and puts a long answer together anew for each piece."""
WHOLE_ANSWER = 3.0
"""How many time-outs all of an answer may take."""


class TooMuch(OSError):
    """More came than one answer may hold."""


class Wire:
    """What `ldap3` uses of a socket.

    `timeout` (seconds) is for each piece; `begin` says that a request begins, and its answer's time and size.
    `failure` is what broke it: `ldap3` tells that in other words.
    """

    def __init__(self, plain: socket.socket, timeout: float) -> None:
        self._socket = plain
        self._timeout = timeout
        self.failure: OSError | None = None
        self.begin()

    def begin(self) -> None:
        self._until = time.monotonic() + WHOLE_ANSWER * self._timeout
        self._left = LARGEST_ANSWER

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """Verify the certificate, for this name, and go on encrypted."""
        self._socket.settimeout(self._timeout)
        self._socket = context.wrap_socket(self._socket, server_hostname=host)

    def recv(self, size: int) -> bytes:
        try:
            self._set_timeout()
            data = self._socket.recv(max(size, AT_ONCE))
            self._left -= len(data)
            if self._left < 0:
                raise TooMuch(f"more than {LARGEST_ANSWER // 1024**2} MiB came as one answer")
        except OSError as error:
            self.failure = error
            raise
        return data

    def sendall(self, data: bytes) -> None:
        try:
            self._set_timeout()
            self._socket.sendall(data)
        except OSError as error:
            self.failure = error
            raise

    def shutdown(self, how: int) -> None:
        self._socket.shutdown(how)

    def close(self) -> None:
        self._socket.close()

    def _set_timeout(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        wait = min(left, self._timeout)
        if self._socket.gettimeout() != wait:  # setting it asks the kernel, for each entry of a list
            self._socket.settimeout(wait)
