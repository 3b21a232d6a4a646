"""The wire of `bench closing` brings what was said, whole and in order, and later."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.slow_wire import SlowWire


@contextmanager
def echo() -> Iterator[int]:
    """A server that says back what it hears; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = listener.accept()
        with line:
            while heard := line.recv(65536):
                line.sendall(heard)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join(10)
        listener.close()


def connected(wire: SlowWire) -> socket.socket:
    return socket.create_connection(("127.0.0.1", wire.port), timeout=10)


def said_back(line: socket.socket, text: bytes) -> bytes:
    line.sendall(text)
    heard = b""
    while len(heard) < len(text):
        heard += line.recv(65536)
    return heard


def test_each_answer_is_waited_for_once_and_comes_whole() -> None:
    waited: list[float] = []
    with echo() as port, SlowWire(port, 0.25, waited.append) as wire, connected(wire) as line:
        assert said_back(line, b"find") == b"find"
        assert said_back(line, b"suspend") == b"suspend"
    assert waited == [0.25, 0.25]


def test_a_client_that_goes_ends_the_line_to_the_system_too() -> None:
    with echo() as port, SlowWire(port, 0.0) as wire, connected(wire) as line:
        said_back(line, b"hello")
