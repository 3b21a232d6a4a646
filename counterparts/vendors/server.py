"""Serving a fake: HTTP/1.1 on loopback, with connections that stay open, a thread each."""

from __future__ import annotations

import argparse
import socket
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from counterparts import web
from counterparts.vendors.application import VendorApplication


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def send_header(self, keyword: str, value: str) -> None:
        """Without werkzeug's `Connection: close`: every body has been read to its end."""
        if (keyword, value) != ("Connection", "close"):
            super().send_header(keyword, value)

    def log(self, kind: str, message: str, *args: Any) -> None:
        """Errors alone: the journal has every request already."""
        if kind == "error":
            super().log(kind, message, *args)


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
    with socket.create_server((web.HOST, port), backlog=128) as listening:
        server = make_server(
            web.HOST, port, application, threaded=True, request_handler=Handler, fd=listening.fileno()
        )
        server.serve_forever()
