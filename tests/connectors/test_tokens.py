"""Tokens are fetched once for all, kept until shortly before they end, and fetched anew where refused."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from officeflow.connectors import tokens
from officeflow.connectors.call import Call
from officeflow.connectors.connection import Connection
from officeflow.connectors.http import HttpSession, Request
from officeflow.connectors.tokens import ClientCredentials, Grant, TokenAuth
from officeflow.errors import ConnectorError, RateLimited, Rejected, Transient, Unauthorized

SECRET = "geheim+/=ñ"
WRITE = Call(provider="okta", operation="create_account", writes=True)
CREATE = Request(method="POST", url="/users", content=b"{}", key="k")


@dataclass
class Service:
    """A system and its token endpoint, on one server. `refusal` is what the endpoint answers instead."""

    life: float | None = 3600
    refusal: tuple[int, dict[str, str], bytes] | None = None
    answer: bytes | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    came: list[str] = field(default_factory=list)
    good: set[str] = field(default_factory=set)
    pause: float = 0
    ended: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def token(self, headers: Any, form: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        self.asked.append({"authorization": headers.get("Authorization"), **form})
        self.ended.wait(self.pause)
        if self.refusal:
            return self.refusal
        value = f"token-{len(self.asked)}"
        self.good = {value}
        told: dict[str, Any] = {"access_token": value, "token_type": "Bearer"}
        told |= {"expires_in": self.life} if self.life is not None else {}
        return 200, {"Content-Type": "application/json"}, self.answer or json.dumps(told).encode()

    def call(self, headers: Any) -> tuple[int, dict[str, str], bytes]:
        value = str(headers.get("Authorization")).removeprefix("Bearer ")
        self.came.append(value)
        return (201 if value in self.good else 401), {}, b"{}"


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            is_token = self.path == "/token"
            answer = (
                found.token(self.headers, parse_qs(body.decode())) if is_token else found.call(self.headers)
            )
            status, headers, content = answer
            with suppress(ConnectionError):  # whoever asked has not waited
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    yield found
    found.ended.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    tokens._kept.clear()


def credentials(service: Service, **changes: Any) -> ClientCredentials:
    given = {
        "endpoint": f"{service.url}/token",
        "client_id": "id:1",
        "client_secret": SECRET,
        "scope": "users",
    }
    return ClientCredentials(**{**given, **changes})


def send(service: Service, grant: Grant, url: str = "", timeout: str = "20") -> int:
    """The status that the system answers to a write."""
    given = Connection(id="acme.okta", provider="okta", host=url or service.url, extra={"timeout": timeout})
    auth = TokenAuth(grant, provider="okta")
    with closing(HttpSession(given, correlation_id="c-1", auth=auth)) as http:
        return http.send(CREATE, WRITE).status_code


def test_one_token_serves_all_sessions_of_the_process(service: Service) -> None:
    assert [send(service, credentials(service)) for _ in range(3)] == [201, 201, 201]
    assert len(service.asked) == 1
    assert service.came == ["token-1"] * 3


def test_who_we_are_is_told_as_the_endpoint_wants_it(service: Service) -> None:
    send(service, credentials(service))
    send(service, credentials(service, in_body=True))
    basic, in_body = service.asked
    told = base64.b64decode(basic["authorization"].removeprefix("Basic ")).decode()
    assert told == f"id:1:{SECRET}"
    assert (basic["grant_type"], basic["scope"]) == (["client_credentials"], ["users"])
    assert in_body["authorization"] is None
    assert (in_body["client_id"], in_body["client_secret"]) == (["id:1"], [SECRET])


def test_another_secret_or_scope_gets_a_token_of_its_own(service: Service) -> None:
    for grant in (
        credentials(service),
        credentials(service, client_secret="new"),
        credentials(service, scope="mail"),
    ):
        send(service, grant)
    assert len(service.asked) == 3


def test_a_token_that_is_refused_is_fetched_anew_once(service: Service) -> None:
    send(service, credentials(service))
    service.good.clear()  # revoked
    assert send(service, credentials(service)) == 201
    assert service.came == ["token-1", "token-1", "token-2"]


def test_a_second_refusal_is_the_answer(service: Service) -> None:
    service.answer = json.dumps({"access_token": "never-good", "token_type": "bearer"}).encode()
    assert send(service, credentials(service)) == 401
    assert service.came == ["never-good", "never-good"]
    assert len(service.asked) == 2


def test_whoever_waits_gets_the_token_that_is_fetched_meanwhile(service: Service) -> None:
    service.pause = 0.3
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: send(service, credentials(service)), range(8))) == {201}
    assert len(service.asked) == 1


def test_whoever_was_refused_with_the_same_token_refreshes_it_once_for_all(service: Service) -> None:
    send(service, credentials(service))
    service.good.clear()
    service.pause = 0.3
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: send(service, credentials(service)), range(8))) == {201}
    assert len(service.asked) == 2


@pytest.mark.parametrize(("life", "fetched"), [(600, 1), (0.2, 2), (None, 1), (-5, 1)])
def test_a_token_is_kept_until_shortly_before_its_end(
    service: Service, life: float | None, fetched: int
) -> None:
    service.life = life
    send(service, credentials(service))
    time.sleep(0.2)
    send(service, credentials(service))
    assert len(service.asked) == fetched


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "invalid_client", Unauthorized),
        (401, "invalid_client", Unauthorized),
        (403, "access_denied", Unauthorized),
        (404, "", Rejected),
        (409, "", Rejected),
        (429, "", RateLimited),
        (500, "", Transient),
        (503, "temporarily_unavailable", Transient),
    ],
)
def test_an_endpoint_that_gives_none_is_no_answer_of_the_system_and_nothing_was_done(
    service: Service, status: int, code: str, kind: type[ConnectorError]
) -> None:
    """Above all not "there is no such account", which a node would take for done."""
    service.refusal = (status, {}, json.dumps({"error": code, "error_description": SECRET}).encode())
    with pytest.raises(ConnectorError) as caught:
        send(service, credentials(service))
    assert type(caught.value) is kind
    assert not caught.value.maybe_done
    assert code in caught.value.message
    assert f"POST {service.url}/token" in caught.value.message
    assert SECRET not in str(caught.value)
    assert not service.came


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"[]",
        b'{"access_token": 7}',
        b'{"access_token": "a\\nb"}',
        b'{"access_token": "x", "token_type": "mac"}',
        b" " * 20 * 1024 * 1024,
    ],
    ids=["no JSON", "no object", "no text", "two lines", "another type", "too large"],
)
def test_an_answer_without_a_bearer_token_is_refused(
    service: Service, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_HTTP_MAX_ANSWER_MIB", "1")
    service.answer = answer
    with pytest.raises(Rejected) as caught:
        send(service, credentials(service))
    assert not caught.value.maybe_done
    assert not service.came


def test_an_endpoint_that_is_away_while_a_write_waits_leaves_it_certainly_undone(service: Service) -> None:
    grant = credentials(service)
    service.pause = 30
    with pytest.raises(Transient) as caught:
        send(service, grant, timeout="0.3")
    assert not caught.value.maybe_done
    assert not service.came
    service.pause = 0
    assert send(service, grant) == 201, "nobody else waits for what did not come"


def test_a_secret_never_goes_unencrypted_for_a_system_that_is_encrypted(service: Service) -> None:
    with pytest.raises(Rejected, match="not encrypted"):
        send(service, credentials(service), url="https://127.0.0.1:1")
    assert not service.asked


@dataclass(frozen=True)
class ServiceAccount:
    """RFC 7523: a signed statement instead of a secret."""

    endpoint: str
    issuer: str
    key: bytes = field(repr=False)

    def request(self) -> httpx.Request:
        claims = {"iss": self.issuer, "aud": self.endpoint, "exp": int(time.time()) + 60}
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": jwt.encode(claims, self.key, algorithm="RS256"),
        }
        return httpx.Request("POST", self.endpoint, data=form)


def test_a_grant_may_be_a_signed_statement(service: Service) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    endpoint = f"{service.url}/token"
    assert send(service, ServiceAccount(endpoint, "robot@acme.example", pem)) == 201
    (asked,) = service.asked
    claims = jwt.decode(asked["assertion"][0], key.public_key(), algorithms=["RS256"], audience=endpoint)
    assert claims["iss"] == "robot@acme.example"
