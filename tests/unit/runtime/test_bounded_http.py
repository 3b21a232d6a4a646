"""What a connection of ours may do before it has sent a whole request, over real sockets."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from officeflow.runtime import bounded_http
from officeflow.runtime.bounded_http import MOST_DISCARDED_BYTES, MOST_HEAD_BYTES, BoundedHttp

HEAD = b"POST /x HTTP/1.1\r\nhost: a\r\n"
NEVER = 3600


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body, unless the path says not to; answers with its length."""
    length, more = 0, scope["path"] != "/unread"
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = f"{length} read".encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    config = uvicorn.Config(
        application, port=0, http=BoundedHttp, lifespan="off", log_config=None, timeout_keep_alive=NEVER
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bounded_http, "HEAD_SECONDS", 0.3)
        thread.start()
        while not server.started:
            thread.join(0.01)
            assert thread.is_alive()
        yield server.servers[0].sockets[0].getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture
def client(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as made:
        yield made


@pytest.fixture
def unhurried(port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A client whose heads may take as long as they do on a machine that is busy."""
    monkeypatch.setattr(bounded_http, "HEAD_SECONDS", 60.0)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as made:
        yield made


def until_closed(client: socket.socket) -> bytes:
    """All that comes; the server has to close the connection."""
    found = b""
    try:
        while part := client.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


def problem(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    told: dict[str, Any] = json.loads(body)
    assert head.split()[1] == str(told["status"]).encode()
    return told


@pytest.mark.parametrize("begun", [b"", b"POST /x HT", HEAD + b"x-slow: 1", b"\r\n"])
def test_a_head_that_does_not_come_is_not_waited_for(client: socket.socket, begun: bytes) -> None:
    client.sendall(begun)
    told = problem(until_closed(client))
    assert (told["status"], told["type"]) == (408, "urn:officeflow:problem:too_slow")


def test_nor_one_that_trickles(client: socket.socket) -> None:
    client.sendall(HEAD)
    client.settimeout(0.02)
    answer = b""
    for _ in range(1000):
        try:
            client.sendall(b"x")
            if answer := client.recv(65536):
                break
        except TimeoutError:
            continue
    assert problem(answer)["status"] == 408


def test_nor_the_second_one_of_a_connection(client: socket.socket) -> None:
    client.sendall(b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n")
    assert client.recv(65536).endswith(b"0 read")
    client.sendall(b"GET /x HT")
    assert problem(until_closed(client))["status"] == 408


@pytest.mark.parametrize("part", [b"x: 1\r\n", b"x" * 1000])
def test_a_head_without_an_end_is_refused_as_soon_as_it_is_too_large(
    unhurried: socket.socket, part: bytes
) -> None:
    unhurried.sendall(HEAD)
    unhurried.settimeout(0.01)
    answer, sent = b"", 0
    while not answer:
        unhurried.sendall(part * (10_000 // len(part)))
        sent += 10_000
        with contextlib.suppress(TimeoutError):
            answer = unhurried.recv(65536)
    assert problem(answer)["status"] == 431
    assert sent < 50 * MOST_HEAD_BYTES


@pytest.mark.parametrize("field", [b"x: " + b"y" * 997, b"x: " + b"y" * 64_000])
@pytest.mark.parametrize("over", [0, 1])
def test_what_a_head_may_have_is_exact_in_however_few_pieces_it_comes(
    unhurried: socket.socket, field: bytes, over: int
) -> None:
    line = field + b"\r\n"
    head = b"GET /x HTTP/1.1\r\n" + line * (MOST_HEAD_BYTES // len(line))
    filled = b"z: ".ljust(MOST_HEAD_BYTES - len(head) - 4 + over, b"z")
    unhurried.sendall(head + filled + b"\r\n\r\n")
    answer = unhurried.recv(65536)
    assert answer.split()[1] == (b"431" if over else b"200")


def test_a_client_that_sends_megabytes_of_head_before_it_reads_gets_the_answer(
    unhurried: socket.socket,
) -> None:
    unhurried.sendall(HEAD + b"x: " + b"y" * 5_000_000 + b"\r\n\r\n")
    assert problem(until_closed(unhurried))["status"] == 431


def test_who_goes_on_sending_after_that_is_cut_off(client: socket.socket) -> None:
    with pytest.raises(OSError, match=r"reset|pipe"):
        client.sendall(HEAD + b"x: " + b"y" * (4 * MOST_DISCARDED_BYTES))


def test_trailers_without_an_end_are_cut_off(client: socket.socket) -> None:
    client.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n0\r\n")
    with pytest.raises(OSError, match=r"reset|pipe"):
        client.sendall(b"x: 1\r\n" * 2_000_000)


@pytest.mark.parametrize("sent", [b"", b"x" * 100])
def test_the_rest_of_a_request_that_is_answered_is_not_waited_for(client: socket.socket, sent: bytes) -> None:
    client.sendall(b"POST /unread HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n")
    assert client.recv(65536).endswith(b"0 read")
    client.sendall(sent)
    assert until_closed(client) == b""


def test_nor_is_the_next_request_after_it(client: socket.socket) -> None:
    client.sendall(b"POST /unread HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n")
    assert client.recv(65536).endswith(b"0 read")
    client.sendall(b"x" * 10)
    assert problem(until_closed(client))["status"] == 408


def test_a_body_is_the_applications_to_wait_for(client: socket.socket) -> None:
    """It takes longer here than a head may."""
    client.sendall(HEAD + b"content-length: 40\r\n\r\n")
    client.settimeout(0.02)
    for _ in range(40):
        with pytest.raises(TimeoutError):
            client.recv(65536)
        client.sendall(b"x")
    client.settimeout(60)
    assert client.recv(65536).endswith(b"40 read")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01",
        b"GET /x\xff HTTP/1.1\r\nhost: a\r\n\r\n",
        HEAD + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"content-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        HEAD + b"content-length: -1\r\n\r\n",
        HEAD + b"a\0b: c\r\n\r\n",
        HEAD + b"a: b\0c\r\n\r\n",
    ],
)
def test_what_is_no_request_or_two_of_them_is_refused(client: socket.socket, sent: bytes) -> None:
    client.sendall(sent)
    assert problem(until_closed(client))["status"] == 400
