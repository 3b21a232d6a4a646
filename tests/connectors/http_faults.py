"""A proxy before a real server, that fails on purpose: it answers in its place, falls silent before or after
it acted, or lies.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import httpx

from tests.counterparts.process import UNENCRYPTED

HOP_BY_HOP = {
    "connection",
    "transfer-encoding",
    "content-length",
    "content-encoding",
    "host",
    "keep-alive",
    "date",
    "server",
}

Kind = Literal[
    "answer",
    "echo",
    "silent",
    "act_then_silent",
    "act_then_drop",
    "act_then_answer",
    "rewrite",
    "flood",
    "trickle",
    "trickle_head",
]


@dataclass(kw_only=True)
class Fault:
    """What to do with the next `times` requests of one of `methods` to an address with `path` in it, and
    without `not_path`, that come with these `credentials` where they are named; after `skip` of them.

    `answer`: reply with `status`, `headers`, `body`, and do not pass the request on. `echo`: the same, with
    what `change` makes of the whole request. `silent`: neither pass
    on nor reply. `act_then_silent`, `act_then_drop`, `act_then_answer`: pass on, and then never reply, close
    the connection, or reply as `answer` does. `rewrite`: pass on, and reply with what `change` makes of the
    body. `flood`: reply with `status` and `headers`, and with `body` over and over until the other side hangs
    up. `trickle`, `trickle_head`: reply with a byte of a body, or of a header, every twentieth of a second.
    """

    kind: Kind
    methods: tuple[str, ...]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    change: Callable[[bytes], bytes] = bytes
    times: int = 1
    skip: int = 0
    path: str = ""
    not_path: str = ""
    credentials: str = ""

    def takes(self, method: str, path: str, credentials: str) -> bool:
        elsewhere = self.path not in path or (self.not_path and self.not_path in path)
        if method not in self.methods or elsewhere or self.times == 0:
            return False
        if self.credentials and credentials != self.credentials:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class FaultProxy:
    """`context` makes it speak TLS, whatever the server behind it speaks."""

    def __init__(self, upstream: str, context: ssl.SSLContext | None = None) -> None:
        self.upstream = httpx.URL(upstream)
        self.faults: list[Fault] = []
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.sent = 0
        self.released = threading.Event()
        self.acted = threading.Event()
        """Set once the server has answered what was passed on before a fault."""
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = False
        self._scheme = "http" if context is None else "https"
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    @property
    def url(self) -> str:
        """The upstream's address, by way of the proxy."""
        return str(
            self.upstream.copy_with(
                scheme=self._scheme, host="127.0.0.1", port=self._server.server_address[1]
            )
        )

    @property
    def origin(self) -> str:
        """Without the upstream's path: what a client's own proxy is named by.

        It then sends whole addresses, whose path is passed on.
        """
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def fault(self, fault: Fault) -> None:
        self.faults.append(fault)

    def fault_for(self, method: str, path: str, credentials: str) -> Fault | None:
        with self._lock:
            return next((fault for fault in self.faults if fault.takes(method, path, credentials)), None)

    @contextmanager
    def running(self) -> Iterator[FaultProxy]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self.released.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        sent = {
            name: value
            for name, value in headers.items()
            if name.lower() not in HOP_BY_HOP | {"accept-encoding"}
        }
        trust = UNENCRYPTED if self.upstream.scheme == "http" else True
        with httpx.Client(trust_env=False, timeout=20, verify=trust) as client:
            there = (
                httpx.URL(path)
                if path.startswith("http:")
                else self.upstream.copy_with(raw_path=path.encode())
            )
            return client.request(method, there, headers=sent, content=body)


def _handler(proxy: FaultProxy) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"proxy": proxy})


class _Handler(BaseHTTPRequestHandler):
    proxy: FaultProxy

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = dict(self.headers.items())
        self.proxy.seen.append((self.command, self.path, headers))
        fault = self.proxy.fault_for(self.command, self.path, headers.get("Authorization", ""))
        if fault is not None and fault.kind == "answer":
            self._reply(fault.status, dict(fault.headers), fault.body)
        elif fault is not None and fault.kind == "echo":
            said = "".join(f"{name}: {value}\n" for name, value in headers.items()).encode()
            self._reply(fault.status, dict(fault.headers), fault.change(said + b"\n" + body))
        elif fault is not None and fault.kind == "silent":
            self.proxy.released.wait()
        elif fault is not None and fault.kind in {"flood", "trickle", "trickle_head"}:
            self._never_ends(fault)
        else:
            self._pass_on(self.proxy.forward(self.command, self.path, headers, body), fault)

    def _pass_on(self, answer: httpx.Response, fault: Fault | None) -> None:
        if fault is not None:
            self.proxy.acted.set()
        if fault is not None and fault.kind == "act_then_silent":
            self.proxy.released.wait()
        elif fault is not None and fault.kind == "act_then_drop":
            self.close_connection = True
        elif fault is not None and fault.kind == "act_then_answer":
            self._reply(fault.status, dict(fault.headers), fault.body)
        else:
            content = fault.change(answer.content) if fault is not None else answer.content
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
            self._reply(answer.status_code, kept, content)

    def _never_ends(self, fault: Fault) -> None:
        self.close_connection = True
        self.send_response(fault.status)
        for name, value in fault.headers.items():
            self.send_header(name, value)
        with contextlib.suppress(OSError):
            if fault.kind == "trickle_head":
                self.flush_headers()
            else:
                self.end_headers()
            while not self.proxy.released.is_set():
                self.wfile.write(fault.body if fault.kind == "flood" else b"x")
                self.proxy.sent += len(fault.body)
                if fault.kind != "flood":
                    self.proxy.released.wait(0.05)

    def _reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # who has read enough hangs up
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
