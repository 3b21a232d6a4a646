"""A counterpart as a process of the tests.

`OFFICEFLOW_SERVERS` names the servers' environment (`requirements-servers.txt`) where it is not in the
checkout's home. Counting calls: `scim_server.writes()` is what reached the server since the test began, in
order, by the server's own journal.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from officeflow.layout import ROOT, Layout

UNENCRYPTED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of servers without TLS: reading the authorities that nobody needs takes longer than a call."""
READING = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def servers_python() -> str:
    python = Layout.from_environment().servers_python
    if not python.exists():
        pytest.fail(f"there is no {python}: set OFFICEFLOW_SERVERS to the servers' environment")
    return str(python)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Counterpart:
    """A server process that can be killed and started again on the same port and folder.

    A class with a `fixture` is one: the fixture of this name has the server, empty at the start of every
    test, one process per session (`fixtures`).
    """

    fixture: str
    module: str
    """The folder below `counterparts`."""
    secret = "counterpart-secret"
    start_seconds = 60

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._journal = folder / "requests.jsonl"
        self._began = 0
        self._process: subprocess.Popen[bytes] | None = None

    def arguments(self) -> list[str]:
        return ["--port", str(self.port)]

    def ports(self) -> tuple[int, ...]:
        """All that it listens on; it serves when it does on each."""
        return (self.port,)

    def reset(self) -> None:
        """Empty the server; called at the start of each test."""
        raise NotImplementedError

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        if self.alive:
            return
        command = [
            servers_python(),
            "-m",
            f"counterparts.{self.module}",
            "--folder",
            str(self.folder),
            *self.arguments(),
        ]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "COUNTERPART_SECRET": self.secret}
        with (self.folder / "output").open("ab") as output:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        self._wait_until_it_listens()

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + self.start_seconds
        waiting = set(self.ports())
        while time.monotonic() < deadline and self.alive:
            waiting = {port for port in waiting if not _listens(port)}
            if not waiting:
                return
            time.sleep(0.05)
        self._does_not_listen()

    def _does_not_listen(self) -> None:
        pytest.fail(f"{self.module} does not listen:\n{(self.folder / 'output').read_text()}")

    def kill(self) -> None:
        """`kill -9`."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(timeout=120)
            self._wait_until_nobody_listens()

    def _wait_until_nobody_listens(self) -> None:
        """What the process started ends a moment after it was killed, and would be taken for the next one."""
        deadline = time.monotonic() + self.start_seconds
        while any(_listens(port) for port in self.ports()):
            if time.monotonic() > deadline:
                pytest.fail(f"{self.module} was ended and still listens")
            time.sleep(0.02)

    def all_requests(self) -> list[dict[str, Any]]:
        return self._requests_after(0)

    def requests(self) -> list[dict[str, Any]]:
        """Every request since the test began."""
        return self._requests_after(self._began)

    def _requests_after(self, place: int) -> list[dict[str, Any]]:
        """What stands in the journal behind this many bytes; a session's journal is long."""
        if not self._journal.exists():
            return []
        with self._journal.open("rb") as journal:
            journal.seek(place)
            return [json.loads(line) for line in journal]

    def writes(self) -> list[dict[str, Any]]:
        """Every request since the test began that asks for a change, refused ones too."""
        return [request for request in self.requests() if request["method"] not in READING]

    def begin(self) -> None:
        self.start()
        self.reset()
        self._began = self._journal.stat().st_size if self._journal.exists() else 0
