"""A proxy in front of a directory that fails on purpose: it takes TLS, reads each request's kind, and does as
it is told.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.connectors.smtp_faults import certificate
from tests.counterparts.directory import DirectoryServer

ADD, MODIFY, DELETE, RENAME, SEARCH = 0x68, 0x66, 0x4A, 0x6C, 0x63
BIND, EXTENDED = 0x60, 0x77
"""The tags of LDAP's requests (RFC 4511 section 4.2 and on)."""
ANSWERS = {ADD: 0x69, MODIFY: 0x67, DELETE: 0x6B, RENAME: 0x6D, SEARCH: 0x65, BIND: 0x61, EXTENDED: 0x78}
WRITING = frozenset({ADD, MODIFY, DELETE, RENAME})

Kind = Literal[
    "act_then_silent",
    "act_then_drop",
    "drop",
    "silent",
    "lie",
    "refuse",
    "echo",
    "garbage",
    "flood",
    "trickle",
    "repeat",
]


@dataclass
class Fault:
    """For requests with these tags, `times` of them after `spared` ones. `repeat` gives the answer once more
    that the last such request of the same connection got. `echo` refuses with the end of the request.
    """

    kind: Kind
    tags: frozenset[int]
    code: int = 0
    times: int = 1
    spared: int = 0
    message: bytes = b""


class FaultyDirectory:
    """`port` takes LDAPS with the certificate `authority`. `change` is what becomes of the directory's
    answers on their way; it leaves their length.
    """

    def __init__(self, server: DirectoryServer, folder: Path) -> None:
        self.authority, self._context = certificate(folder)
        self._server = server
        self._faults: list[Fault] = []
        self.change: Callable[[bytes], bytes] = bytes
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])

    def fault(self, fault: Fault) -> None:
        self._faults.append(fault)

    @contextmanager
    def running(self) -> Iterator[FaultyDirectory]:
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            yield self
        finally:
            self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        trusting = ssl.create_default_context(cafile=self._server.authority)
        with suppress(OSError), self._context.wrap_socket(plain, server_side=True) as client:
            there = socket.create_connection((self._server.host, self._server.tls_port))
            with trusting.wrap_socket(there, server_hostname=self._server.host) as server:
                back = _Back(client, self)
                threading.Thread(target=back.pour, args=(server,), daemon=True).start()
                while request := client.recv(1 << 20):
                    if not self._meddle(request, client, server, back):
                        return

    def _meddle(self, request: bytes, client: ssl.SSLSocket, server: ssl.SSLSocket, back: _Back) -> bool:
        """Whether the connection goes on."""
        number, tag = _parsed(request)
        fault = self._due(tag)
        kind = fault.kind if fault else ""
        if kind.startswith("act_then"):
            back.muted.set()
        if not kind or kind.startswith("act_then"):
            if tag == SEARCH:
                back.last = b""
            server.sendall(request)
        if kind == "act_then_drop":
            time.sleep(0.5)  # the directory has acted by then
        if fault and kind in {"lie", "refuse", "echo"}:
            readable = bytes(each for each in request if 0x20 <= each < 0x7F)
            said = readable[-90:] if kind == "echo" else fault.message
            client.sendall(_result(number, ANSWERS[tag], fault.code, said))
        elif kind == "garbage":
            client.sendall(b"\x30\x05HTTP/1.1 400 Bad Request\r\n\r\n")
        elif kind == "flood":
            _flood(client)
        elif kind == "trickle":
            _trickle(client)
        elif kind == "repeat":
            client.sendall(_renumbered(back.last, number))
        return kind not in {"act_then_drop", "drop"}

    def _due(self, tag: int) -> Fault | None:
        for fault in self._faults:
            if tag in fault.tags and fault.times:
                if fault.spared:
                    fault.spared -= 1
                    return None
                fault.times -= 1
                return fault
        return None


class _Back:
    """The way back of one connection; `last` is the answer to its last search, as far as it has come."""

    def __init__(self, client: ssl.SSLSocket, proxy: FaultyDirectory) -> None:
        self._client, self._proxy = client, proxy
        self.muted = threading.Event()
        self.last = b""

    def pour(self, server: ssl.SSLSocket) -> None:
        with suppress(OSError, ValueError):
            while answer := server.recv(1 << 16):
                self.last += answer
                if not self.muted.is_set():
                    self._client.sendall(self._proxy.change(answer))


def _parsed(request: bytes) -> tuple[bytes, int]:
    """The message's id as it is encoded, and the tag of what is asked."""
    start, _ = _extent(request)
    end = start + 2 + request[start + 1]
    return request[start:end], request[end]


def _extent(message: bytes) -> tuple[int, int]:
    """Where the content of the first message begins, and where it ends."""
    long = message[1] & 0x7F if message[1] & 0x80 else 0
    length = int.from_bytes(message[2 : 2 + long], "big") if long else message[1]
    return 2 + long, 2 + long + length


def _renumbered(messages: bytes, number: bytes) -> bytes:
    """Answers to the request of this id; ids of the same length, as those of a session's first 127 are."""
    found = b""
    while messages:
        start, end = _extent(messages)
        found += messages[:start] + number + messages[start + len(number) : end]
        messages = messages[end:]
    return found


def _result(number: bytes, tag: int, code: int, message: bytes) -> bytes:
    body = bytes([0x0A, 1, code, 0x04, 0, 0x04, len(message)]) + message
    whole = number + bytes([tag, len(body)]) + body
    return bytes([0x30, len(whole)]) + whole


def _flood(client: ssl.SSLSocket) -> None:
    """The beginning of a message of a gigabyte, and its bytes."""
    client.sendall(b"\x30\x84\x40\x00\x00\x00")
    with suppress(OSError):
        while True:
            client.sendall(bytes(1 << 20))


def _trickle(client: ssl.SSLSocket) -> None:
    client.sendall(b"\x30\x84\x40\x00\x00\x00")
    with suppress(OSError):
        while True:
            time.sleep(0.05)
            client.sendall(b"\0")
