"""Stands between the platform and a customer's system, and brings each answer some time later: as a system
that is far away, or slow.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self


class SlowWire:
    """`seconds` pass before the first part of what answers the client's last words; the rest follows at once.
    A handshake is such an exchange too.
    """

    def __init__(self, port: int, seconds: float, wait: Callable[[float], object] = time.sleep) -> None:
        self._seconds, self._wait = seconds, wait
        self._server = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = [self._listener]

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for end in self._ends:
            _end(end)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._ends.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError), socket.create_connection(self._server) as server:
            asked = threading.Event()
            back = threading.Thread(target=self._answers, args=(server, client, asked), daemon=True)
            back.start()
            with contextlib.suppress(OSError):
                while data := client.recv(65536):
                    asked.set()
                    server.sendall(data)
            _end(server)
            back.join()

    def _answers(self, server: socket.socket, client: socket.socket, asked: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if asked.is_set():
                    asked.clear()
                    self._wait(self._seconds)
                client.sendall(data)
        _end(client)


def _end(end: socket.socket) -> None:
    """Unlike closing, this wakes the threads that wait in accept and recv."""
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
