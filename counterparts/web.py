"""What the HTTP counterparts share: a threading WSGI server on loopback that writes its requests to a
journal.
"""

from __future__ import annotations

import os
import socketserver
import sys
from collections.abc import Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from counterparts.journal import Journal

HOST = os.environ.get("COUNTERPART_HOST", "127.0.0.1")
"""Loopback, apart from inside a container, where the network is the container's own."""


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind without asking DNS for this machine's name, which takes seconds where there is no network."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]
        self.setup_environ()


class QuietHandler(WSGIRequestHandler):
    """The journal has every request already."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


def journaled(application: WSGIApplication, journal: Journal) -> WSGIApplication:
    """`application`, with a journal line for each request: written when it has taken effect, before the
    answer is sent.
    """

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answers: list[tuple[str, dict[str, str]]] = []

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            answers.append((status, {name.lower(): value for name, value in headers}))
            return start_response(status, headers, *rest)

        body = application(environ, start)
        status, headers = answers[-1]
        journal.write(
            method=environ["REQUEST_METHOD"],
            path=environ["PATH_INFO"],
            query=environ.get("QUERY_STRING") or None,
            status=int(status.split()[0]),
            location=headers.get("location"),
            correlation_id=environ.get("HTTP_X_CORRELATION_ID"),
            traceparent=environ.get("HTTP_TRACEPARENT"),
        )
        return body

    return serve


def serve(application: WSGIApplication, port: int) -> None:
    """Serve until the process is stopped."""
    with make_server(HOST, port, application, Server, QuietHandler) as server:
        server.serve_forever()


def secret(name: str) -> str:
    """The secret in the environment; ends the process where there is none."""
    value = os.environ.get(name, "")
    if not value:
        sys.exit(f"{name} is not set")
    return value
