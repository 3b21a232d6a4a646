"""The wires that hold answers, and the patch that takes the ledger away."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.crash import WITHOUT_LEDGER
from benchmarks.held_wire import Conversation, HeldWire
from benchmarks.kills import ACTING, UNDOING, ActKiller, process_of
from officeflow.layout import ROOT


@pytest.mark.parametrize(
    ("said", "is_write"),
    [
        ([b"POST /v2/Users HTTP/1.1\r\n", b"{}"], True),
        ([b"PUT /people/a.ics HTTP/1.1\r\n"], True),
        ([b"POST / HTTP/1.1\r\n", b"GET /v2/Users HTTP/1.1\r\n"], False),
        ([b"GET /v2/Users?filter=POST HTTP/1.1\r\n"], False),
        ([b"EHLO here\r\n", b"MAIL FROM:<a@b.example>\r\n", b"DATA\r\n"], False),
        ([b"Hello\r\n.", b"\r\n"], True),
    ],
)
def test_a_write_is_known_by_what_the_client_says(said: list[bytes], is_write: bool) -> None:
    conversation = Conversation()
    for data in said:
        conversation.said(data)
    assert conversation.is_write is is_write


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that answers what it is sent, to one client."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as client:
                while data := client.recv(4096):
                    client.sendall(data)

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join()


def test_the_answer_to_a_write_waits_for_the_callback(echo: int) -> None:
    held: list[tuple[int, str]] = []
    with (
        HeldWire(echo, lambda *told: held.append(told)) as wire,
        socket.create_connection(("127.0.0.1", wire.port)) as client,
    ):
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert client.recv(4096).startswith(b"GET")
        assert held == []
        client.sendall(b"POST / HTTP/1.1\r\n\r\n")
        assert client.recv(4096).startswith(b"POST")
        assert held == [(client.getsockname()[1], "POST")]


def test_the_process_at_a_connections_end_is_found() -> None:
    talk = "import socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); s.recv(1)"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = subprocess.Popen([sys.executable, "-S", "-c", talk, str(listener.getsockname()[1])])
        connection, address = listener.accept()
        with connection:
            found = process_of(address[1])
            assert found is not None
            assert found.pid == client.pid
        client.wait(timeout=20)


def test_only_processes_that_find_the_patch_are_without_a_ledger(tmp_path: Path) -> None:
    ask = "from officeflow.runs.ledger import Ledger; print(Ledger.once.__module__)"

    def answer(*path: Path) -> str:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
        done = subprocess.run(
            [sys.executable, "-c", ask],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    assert answer(WITHOUT_LEDGER, ROOT) == "sitecustomize"
    assert answer(ROOT) == "officeflow.runs.ledger"


def test_acts_are_killed_at_one_system_after_the_other() -> None:
    killer = ActKiller(("scim", "smtp"))
    talk = "import socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); s.recv(1)"
    killed_at = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for _ in range(2):
            client = subprocess.Popen([sys.executable, "-S", "-c", talk, str(listener.getsockname()[1])])
            connection, address = listener.accept()
            with connection:
                waiting = threading.Thread(target=killer.kill_next, args=(ACTING,))
                waiting.start()
                while waiting.is_alive():
                    for system in ("smtp", "scim"):
                        killer.on_answer(system, address[1], "POST")
            assert client.wait(timeout=20) == -9
            killed_at.append(dict(killer.at))
    assert killed_at == [{"scim": 1}, {"scim": 1, "smtp": 1}]
    assert killer.killed[ACTING] == 2


def test_who_takes_back_is_killed_at_a_suspension_alone() -> None:
    killer = ActKiller(("scim",))
    talk = "import socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); s.recv(1)"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = subprocess.Popen([sys.executable, "-S", "-c", talk, str(listener.getsockname()[1])])
        connection, address = listener.accept()
        with connection:
            waiting = threading.Thread(target=killer.kill_next, args=(UNDOING,))
            waiting.start()
            killer.on_answer("scim", address[1], "POST")
            assert client.poll() is None
            while waiting.is_alive():
                killer.on_answer("scim", address[1], "PATCH")
        assert client.wait(timeout=20) == -9
    assert killer.killed == {UNDOING: 1}
    assert not killer.at
