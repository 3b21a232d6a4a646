"""A proxy in front of a directory that fails on purpose: it takes TLS, reads each request's kind, and does as
it is told.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.connectors.smtp_faults import certificate
from tests.counterparts.directory import DirectoryServer

BIND, ADD, MODIFY, DELETE, RENAME, SEARCH, EXTENDED = 0x60, 0x68, 0x66, 0x4A, 0x6C, 0x63, 0x77
"""The tags of LDAP's requests (RFC 4511 section 4.2 and on)."""
ANSWERS = {
    BIND: 0x61,
    ADD: 0x69,
    MODIFY: 0x67,
    DELETE: 0x6B,
    RENAME: 0x6D,
    SEARCH: 0x65,
    EXTENDED: 0x78,
}
NOTICE = b"1.3.6.1.4.1.1466.20036"
"""Of disconnection."""
WRITING = frozenset({ADD, MODIFY, DELETE, RENAME})

Kind = Literal[
    "act_then_silent",
    "act_then_drop",
    "act_then_refuse",
    "drop",
    "silent",
    "lie",
    "refuse",
    "empty_page",
    "rewrite",
    "notice",
    "garbage",
    "flood",
    "trickle",
    "echo",
    "repeat",
]


@dataclass
class Fault:
    """For requests with these tags, `times` of them after `spared` ones.

    `drop`: close the connection. `silent`: neither pass on nor answer. `act_then_silent`, `act_then_drop`,
    `act_then_refuse`: pass on, and once the directory has answered, never answer, close the connection, or
    give `code`. `refuse`, `lie`: give `code`, with `message`, and do not pass on. `empty_page`: give a page
    without an entry. `rewrite`: pass on, and give what `change` makes of each piece of the answer. `notice`:
    say that the directory closes, and do so. `garbage`, `flood`, `trickle`: what is no LDAP, a message of a
    gigabyte, one of which a byte comes now and then. `echo`: refuse with the end of the request. `repeat`:
    give the answer once more that the last such request of the same connection got.
    """

    kind: Kind
    tags: frozenset[int]
    code: int = 0
    times: int = 1
    spared: int = 0
    message: bytes = b""
    change: Callable[[bytes], bytes] = bytes


class Between:
    """A client and the directory, served by one thread: no two may use one end of TLS at the same time.

    `last` is what the directory has answered since it was asked last.
    """

    def __init__(self, client: ssl.SSLSocket, server: ssl.SSLSocket) -> None:
        self.client, self.server = client, server
        self.change: Callable[[bytes], bytes] = bytes
        self.last = b""

    def run(self, meddle: Callable[[bytes, Between], bool]) -> None:
        """Give each request to `meddle` until that says no or a side ends, and each answer to the client."""
        while True:
            select.select([self.client, self.server], [], [])
            while (answer := _come(self.server)) is not None:
                if not answer:
                    return
                self.last += answer
                _give(self.client, self.change(answer))
            while (request := _come(self.client)) is not None:
                if not request or not meddle(request, self):
                    return

    def act(self, request: bytes, *, muted: bool) -> None:
        """Let the directory do it; where it is muted its answer is waited for, and goes nowhere."""
        self.last = b""
        _give(self.server, request)
        if muted:
            self.server.recv(1 << 16)


def _come(side: ssl.SSLSocket) -> bytes | None:
    """What has come; nothing at its end, None where there is no more yet."""
    side.settimeout(0)
    try:
        return side.recv(1 << 16)
    except ssl.SSLWantReadError:
        return None


def _give(side: ssl.SSLSocket, data: bytes) -> None:
    """Whoever reads from this side next waits too."""
    side.settimeout(60)
    side.sendall(data)


class FaultyDirectory:
    """`port` takes LDAPS with the certificate `authority`. `change` is what becomes of the directory's
    answers on their way where no fault changes them; it leaves their length.
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
                Between(client, server).run(self._meddle)

    def _meddle(self, request: bytes, between: Between) -> bool:
        """Whether the connection goes on."""
        number, tag = _parsed(request)
        fault = self._due(tag)
        kind = fault.kind if fault else "rewrite"
        between.change = fault.change if fault else self.change
        if kind == "rewrite" or kind.startswith("act_then"):
            between.act(request, muted=kind != "rewrite")
        if fault and kind in {"lie", "refuse", "act_then_refuse", "echo"}:
            said = _readable(request) if kind == "echo" else fault.message
            _give(between.client, _result(number, ANSWERS[tag], fault.code, said))
        elif kind == "repeat":
            _give(between.client, _renumbered(between.last, number))
        elif kind in ANSWERING:
            between.client.settimeout(60)
            ANSWERING[kind](between.client, request)
        return kind not in {"act_then_drop", "drop", "notice"}

    def _due(self, tag: int) -> Fault | None:
        for fault in self._faults:
            if tag in fault.tags and fault.times:
                if fault.spared:
                    fault.spared -= 1
                    return None
                fault.times -= 1
                return fault
        return None


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


def _readable(request: bytes) -> bytes:
    """The end of what can be read of it."""
    return bytes(each for each in request if 0x20 <= each < 0x7F)[-90:]


def _result(number: bytes, tag: int, code: int, message: bytes) -> bytes:
    body = bytes([0x0A, 1, code, 0x04, 0, 0x04, len(message)]) + message
    whole = number + bytes([tag, len(body)]) + body
    return bytes([0x30, len(whole)]) + whole


def _empty_page(client: ssl.SSLSocket, request: bytes) -> None:
    """A page without an entry, and the place where this one was to begin for the next one (RFC 2696)."""
    from ldap3.protocol import rfc4511
    from pyasn1.codec.ber import decoder, encoder

    asked, _ = decoder.decode(request, asn1Spec=rfc4511.LDAPMessage())
    done = rfc4511.SearchResultDone()
    done["resultCode"], done["matchedDN"], done["diagnosticMessage"] = 0, "", ""
    told = rfc4511.LDAPMessage()
    told["messageID"], told["controls"] = asked["messageID"], asked["controls"]
    told["protocolOp"] = rfc4511.ProtocolOp().setComponentByName("searchResDone", done)
    client.sendall(bytes(encoder.encode(told)))


def _notice(client: ssl.SSLSocket, _: bytes) -> None:
    """RFC 4511 section 4.4.1: unavailable, under a name of its own instead of a request's number."""
    body = b"\x0a\x01\x34\x04\x00\x04\x00\x8a" + bytes([len(NOTICE)]) + NOTICE
    whole = b"\x02\x01\x00" + bytes([ANSWERS[EXTENDED], len(body)]) + body
    client.sendall(bytes([0x30, len(whole)]) + whole)


def _garbage(client: ssl.SSLSocket, _: bytes) -> None:
    client.sendall(b"\x30\x05HTTP/1.1 400 Bad Request\r\n\r\n")


def _flood(client: ssl.SSLSocket, _: bytes) -> None:
    """The beginning of a message of a gigabyte, and its bytes."""
    client.sendall(b"\x30\x84\x40\x00\x00\x00")
    with suppress(OSError):
        while True:
            client.sendall(bytes(1 << 20))


def _trickle(client: ssl.SSLSocket, _: bytes) -> None:
    client.sendall(b"\x30\x84\x40\x00\x00\x00")
    with suppress(OSError):
        while True:
            time.sleep(0.05)
            client.sendall(b"\0")


ANSWERING: Mapping[str, Callable[[ssl.SSLSocket, bytes], None]] = {
    "empty_page": _empty_page,
    "notice": _notice,
    "garbage": _garbage,
    "flood": _flood,
    "trickle": _trickle,
}


class PlainDirectory:
    """What answers the wish for TLS with `code`, and speaks no TLS whatever that is; `heard` is all that came
    to it.
    """

    def __init__(self, code: int) -> None:
        self._code = code
        self.heard = b""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])

    @contextmanager
    def running(self) -> Iterator[PlainDirectory]:
        serving = threading.Thread(target=self._serve, daemon=True)
        serving.start()
        try:
            yield self
        finally:
            with suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            serving.join(60)

    def _serve(self) -> None:
        with suppress(OSError):
            client, _ = self._listening.accept()
            with client:
                while request := client.recv(1 << 16):
                    if not self.heard:
                        number, tag = _parsed(request)
                        client.sendall(_result(number, ANSWERS[tag], self._code, b""))
                    else:
                        client.sendall(b"\x30\x0c\x02\x01\x02\x61\x07\x0a\x01\x00\x04\x00\x04\x00")
                    self.heard += request
