"""A connection's own proxy: an encrypted system is reached through its tunnel, and the proxy sees none of
what goes through.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from officeflow.connectors.call import Call
from officeflow.connectors.connection import Connection
from officeflow.connectors.http import HttpSession, Request
from officeflow.errors import Transient
from tests.connectors.http_faults import Fault, FaultProxy
from tests.connectors.smtp_faults import certificate

pytestmark = pytest.mark.integration

CALL = Call(provider="scim", operation="find_account", writes=True)


class Tunnel(socketserver.ThreadingTCPServer):
    """An HTTP proxy that knows CONNECT (RFC 9110 section 9.3.6) alone.

    `heard` is what it was told and what went through it.
    """

    daemon_threads = True
    answer = b"HTTP/1.1 200 OK\r\n\r\n"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Connect)
        self.heard = bytearray()

    @property
    def url(self) -> str:
        return f"http://us:geheim@127.0.0.1:{self.server_address[1]}"


class _Connect(socketserver.BaseRequestHandler):
    server: Tunnel

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.request.recv(4096)
        self.server.heard += head
        self.request.sendall(self.server.answer)
        if b" 200 " not in self.server.answer:
            return
        host, port = head.split()[1].decode().split(":")
        with socket.create_connection((host, int(port))) as there:
            back = threading.Thread(target=self._pass_on, args=(there, self.request))
            back.start()
            self._pass_on(self.request, there)
            back.join()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.server.heard += data
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def tunnel() -> Iterator[Tunnel]:
    with Tunnel() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(url: str, tunnel: Tunnel, **extra: str) -> int:
    given = Connection(
        id="acme.x", provider="scim", host=url, password="token-token", extra={"proxy": tunnel.url, **extra}
    )
    http = HttpSession(given, correlation_id="c-1")
    try:
        return http.send(Request(method="GET", url=f"{url}/x"), CALL).status_code
    finally:
        http.close()


def test_an_encrypted_system_is_reached_through_the_tunnel_and_the_proxy_reads_nothing(
    tunnel: Tunnel, tmp_path: Path
) -> None:
    trusted, context = certificate(tmp_path)
    with FaultProxy("http://127.0.0.1:1", context).running() as system:
        system.fault(Fault(kind="answer", methods=("GET",), status=200))
        assert ask(system.origin, tunnel, ca_file=str(trusted)) == 200
        assert system.seen[0][2]["Authorization"] == "Bearer token-token"
    assert b"Proxy-Authorization: Basic " in tunnel.heard
    assert b"token-token" not in tunnel.heard


def test_a_proxy_that_refuses_has_done_nothing(tunnel: Tunnel) -> None:
    tunnel.answer = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(Transient, match="cannot be reached") as caught:
        ask("https://127.0.0.1:1", tunnel)
    assert not caught.value.maybe_done
    assert "geheim" not in str(caught.value)
