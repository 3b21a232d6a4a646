"""An HTTP API as a company has them: it wants a token (but for /open), keeps things, knows keys, redirects,
and can answer oddly.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

TOKEN = "geheim-geheim-geheim"


class WebApi:
    """`seen` are the requests, `things` what was posted, by idempotency key where there is one."""

    def __init__(self) -> None:
        self.token = TOKEN
        self.seen: list[dict[str, Any]] = []
        self.things: dict[str, Any] = {}
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", self._port), type("Handler", (_Handler,), {"api": self})
        )
        self._server.daemon_threads = False
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def kill(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = None

    def of(self, method: str) -> list[dict[str, Any]]:
        return [request for request in self.seen if request["method"] == method]


class _Handler(BaseHTTPRequestHandler):
    api: WebApi

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.api.seen.append(
            {
                "method": self.command,
                "path": self.path,
                "headers": headers,
                "all_headers": self.headers.items(),
                "body": body,
            }
        )
        first, _, rest = address.path.lstrip("/").partition("/")
        if first == "open" and rest == "back":
            self._answer(302, None, Location=asked["to"])
        elif first == "open" and rest == "echo":
            told = {name: value for name, value in headers.items() if name.startswith("x-")}
            self._answer(400, {"detail": f"not for {asked} with {told}"})
        elif first == "open":
            self._answer(200, {"open": True})
        elif headers.get("authorization") != f"Bearer {self.api.token}":
            self._answer(401, {"detail": "who are you?"})
        else:
            getattr(self, f"_{first}", self._nothing)(rest, asked, body)

    def _things(self, rest: str, asked: dict[str, str], body: bytes) -> None:
        things = self.api.things
        if self.command == "POST":
            key = self.headers.get("Idempotency-Key") or str(len(things))
            things.setdefault(key, json.loads(body) if body else None)
            self._answer(
                201,
                {"id": list(things).index(key), "thing": things[key]},
                Location=f"/things/{list(things).index(key)}",
            )
        elif self.command == "DELETE":
            known = things.pop(rest, None)
            self._answer(404 if known is None else 204, None)
        elif self.command == "PUT":
            things[rest] = json.loads(body)
            self._answer(200, things[rest])
        else:
            self._answer(200, {"things": list(things.values()), "asked": asked})

    def _status(self, rest: str, asked: dict[str, str], body: bytes) -> None:
        self._answer(int(rest), {"detail": "as you wished"})

    def _redirect(self, rest: str, asked: dict[str, str], body: bytes) -> None:
        self._answer(int(rest or 302), None, Location=asked["to"])

    def _round(self, rest: str, asked: dict[str, str], body: bytes) -> None:
        self._answer(302, None, Location="/round")

    def _large(self, rest: str, asked: dict[str, str], body: bytes) -> None:
        """In pieces, without a length."""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        for _ in range(int(rest)):
            try:
                self.wfile.write(b"x" * 1024)
            except OSError:
                return

    def _odd(self, rest: str, asked: dict[str, str], body: bytes) -> None:
        bodies = {
            "gzip": ("application/json", gzip.compress(b'{"a": 1}')),
            "broken": ("application/json", b'{"a": '),
            "nan": ("application/json", b'{"a": NaN}'),
            "latin": ("text/plain; charset=iso-8859-1", "größer".encode("iso-8859-1")),
            "bytes": ("image/png", b"\x89PNG\x00"),
            "problem": ("application/problem+json", b'{"title": "a title"}'),
            "empty": ("application/json", b""),
        }
        kind, content = bodies[rest]
        self._send(
            200, content, {"Content-Type": kind, **({"Content-Encoding": "gzip"} if rest == "gzip" else {})}
        )

    def _nothing(self, rest: str, asked: dict[str, str], body: bytes) -> None:
        self._answer(404, {"message": "there is no such thing"})

    def _answer(self, status: int, value: Any, **headers: str) -> None:
        content = b"" if value is None else json.dumps(value).encode()
        self._send(status, content, {"Content-Type": "application/json", **headers})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web_api() -> Iterator[WebApi]:
    api = WebApi()
    api.start()
    yield api
    api.kill()


@pytest.fixture
def other_api() -> Iterator[WebApi]:
    """Another company's."""
    api = WebApi()
    api.start()
    yield api
    api.kill()
