"""`officeflow api serve` as a process, and what its clients may do to it over real sockets."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

pytestmark = pytest.mark.integration
MIB = 1024 * 1024
POST = b"POST /officeflow/api/v1/organizations HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
SECRET = "oft_marked47" + "x" * 40


@dataclass(frozen=True, slots=True)
class Serving:
    port: int
    process: psutil.Process
    log: Path

    def connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    @property
    def memory(self) -> int:
        return int(self.process.memory_info().rss)


@pytest.fixture(scope="module")
def serving(valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Its database is away: nothing here gets that far."""
    home = tmp_path_factory.mktemp("api")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "OFFICEFLOW_HOME": str(home),
        "OFFICEFLOW_REDIS_URL": valkey_url,
        "OFFICEFLOW_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "OFFICEFLOW_DATABASE_TENANT_URL": "",
        "OFFICEFLOW_DATABASE_SERVICE_URL": "",
        "OFFICEFLOW_AIRFLOW_URL": "http://127.0.0.1:1",
    }
    command = [str(Path(sys.executable).with_name("officeflow")), "api", "serve", "--port", str(port)]
    log = home / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=environment, stdout=output, stderr=output) as made,
    ):
        found = Serving(port, psutil.Process(made.pid), log)
        try:
            retry(retry=retry_if_exception_type(OSError), stop=stop_after_delay(120), wait=wait_fixed(0.05))(
                lambda: found.connected().close()
            )()
            yield found
        finally:
            made.terminate()


def answer(client: socket.socket) -> tuple[int, dict[str, str]]:
    """Status and headers of the next answer, which has to be a problem document."""
    with client.makefile("rb") as stream:
        code = int(stream.readline().split()[1])
        headers = dict(line.decode().lower().split(": ") for line in iter(partial(line_of, stream), b""))
        told = json.loads(stream.read(int(headers["content-length"])) or b"")
    assert (headers["content-type"], told["status"]) == ("application/problem+json", code)
    return code, headers


def line_of(stream: Any) -> bytes:
    line: bytes = stream.readline().strip()
    return line


def test_100_megabytes_that_are_announced_are_refused_before_they_come(serving: Serving) -> None:
    with serving.connected() as client:
        client.sendall(POST + b"content-length: 104857600\r\n\r\n")
        assert (answer(client)[0], client.recv(1)) == (413, b"")


def test_100_megabytes_that_stream_are_not_kept(serving: Serving) -> None:
    """Whoever sends them is told first that it cannot be known whose the token is."""
    before, part = serving.memory, b"%x\r\n%b\r\n" % (MIB, b" " * MIB)
    with serving.connected() as client:
        client.sendall(POST + b"authorization: Bearer " + SECRET.encode())
        client.sendall(b"\r\ntransfer-encoding: chunked\r\n\r\n")
        for _ in range(100):
            client.sendall(part)
        assert answer(client)[0] == 503
    assert serving.memory - before < 30 * MIB


def test_a_strangers_body_is_not_waited_for(serving: Serving) -> None:
    with serving.connected() as client:
        client.sendall(POST + b"content-length: 100\r\n\r\n{")
        assert answer(client)[0] == 401


def test_what_is_no_request_is_refused(serving: Serving) -> None:
    with serving.connected() as client:
        client.sendall(POST + b"x-evil: a\0b\r\n\r\n")
        assert answer(client)[0] == 400


def test_no_log_has_what_was_sent(serving: Serving) -> None:
    path = b"/officeflow/api/v1/organizations"
    with serving.connected() as client:
        for header in (f"Authorization: Bearer {SECRET}", f"Cookie: _token={SECRET}"):
            client.sendall(b"GET %b HTTP/1.1\r\nhost: a\r\n%b\r\n\r\n" % (path, header.encode()))
            assert answer(client)[0] == 503
    told = serving.log.read_text()
    assert "unavailable" in told
    assert "marked47" not in told
