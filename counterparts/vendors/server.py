"""Serving a fake: HTTP/1.1 on loopback, with connections that stay open, a thread each."""

from __future__ import annotations

import argparse
from pathlib import Path
from wsgiref.simple_server import ServerHandler, make_server
from wsgiref.types import WSGIEnvironment

from counterparts import web
from counterparts.vendors.application import CONNECTION, VendorApplication

LONGEST_LINE = 65_536


class Server(web.Server):
    request_queue_size = 128


class Answering(ServerHandler):
    http_version = "1.1"


class Handler(web.QuietHandler):
    """The application reads every body to its end, so that the next request begins where it ends."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def get_environ(self) -> WSGIEnvironment:
        return {**super().get_environ(), CONNECTION: self.connection}

    def handle(self) -> None:
        self.close_connection = False
        while not self.close_connection:
            self._handle_one()

    def _handle_one(self) -> None:
        self.raw_requestline = self.rfile.readline(LONGEST_LINE + 1)
        if not self.raw_requestline or len(self.raw_requestline) > LONGEST_LINE or not self.parse_request():
            self.close_connection = True
            return
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
        answering = Answering(self.rfile, self.wfile, self.get_stderr(), self.get_environ())  # type: ignore[arg-type] # files as wsgiref's own handler has
        answering.request_handler = self  # type: ignore[attr-defined] # as wsgiref's own handler does
        answering.run(self.server.get_app())  # type: ignore[attr-defined] # it is a WSGIServer


def options(name: str, description: str | None) -> argparse.ArgumentParser:
    """With what every fake takes: `--port` and `--folder`."""
    parser = argparse.ArgumentParser(prog=f"counterparts.{name}", description=description)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    return parser


def serve(application: VendorApplication, port: int) -> None:
    """Serve until the process is stopped; the first line says whether requests are validated."""
    validation = "on" if application.description else "off: there is no description"
    print(f"{application.name} at http://{web.HOST}:{port}, validation {validation}", flush=True)  # noqa: T201
    with make_server(web.HOST, port, application, Server, Handler) as server:
        server.serve_forever()
