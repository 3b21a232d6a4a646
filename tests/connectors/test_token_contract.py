"""The contract of connectors that get a token first, kept by the smallest one there can be."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from officeflow.connectors.call import Call
from officeflow.connectors.connection import Connection
from officeflow.connectors.http import HttpClient, Request
from officeflow.connectors.http_errors import status_error
from officeflow.connectors.tokens import ClientCredentials, TokenAuth
from tests.connectors.http_faults import FaultProxy
from tests.connectors.token_contract import TokenContract


class Small(HttpClient):
    provider = "small"

    def auth(self, connection: Connection) -> httpx.Auth:
        endpoint = f"{connection.host}/oauth/token"
        grant = ClientCredentials(endpoint=endpoint, client_id="id", client_secret=connection.password or "")
        return TokenAuth(grant, provider=self.provider)

    def check(self) -> str:
        return self.ask("GET")

    def ask(self, method: str) -> str:
        call: Call = self.call(f"{method} /things", writes=method == "POST")
        answer = self.http.send(Request(method=method, url="/things"), call)
        if not answer.is_success:
            raise status_error(answer, call)
        return "things"


@pytest.fixture
def server() -> Iterator[str]:
    given: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path == "/things":
                self.do_GET()
            else:
                given.append(f"token-{len(given)}")
                self._reply(200, {"access_token": given[-1], "token_type": "Bearer", "expires_in": 3600})

        def do_GET(self) -> None:
            known = self.headers.get("Authorization", "").removeprefix("Bearer ") in given
            self._reply(200 if known else 401, {})

        def _reply(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class TestSmall(TokenContract):
    provider = "small"
    token_path = "/oauth/token"
    writing = ("POST",)

    @pytest.fixture
    def proxy(self, server: str) -> Iterator[FaultProxy]:
        with FaultProxy(server).running() as proxy:
            yield proxy

    def open_at(self, server: Any, url: str) -> Small:
        given = Connection(id="acme.small", provider="small", host=url, password="secret")
        return Small(given, correlation_id="c-1")

    def read(self, client: Any) -> Any:
        return client.check()

    def write(self, client: Any) -> Any:
        return client.ask("POST")
