"""Counts how often a client waits for PostgreSQL: what a network's delay is multiplied by."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self

FLUSH = b"H\x00\x00\x00\x04"
"""The request to send what is ready. At the end of a pipeline it follows the Sync as a packet of its own, and
the answer to the Sync may be there before it: by itself it asks for nothing that anybody waits for."""


class CountingProxy:
    """Stands between a client and PostgreSQL.

    A round trip begins when the client asks something after the server has spoken.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._last: dict[int, str] = {}
        self.round_trips = 0

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        self._run(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Shutting down, unlike closing, wakes the threads that wait in accept and recv.
        for end in (self._listener, *self._sockets):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in self._threads:
            thread.join(timeout=5)
        for end in (self._listener, *self._sockets):
            end.close()

    def _run(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            self._sockets += [client, server]
            number = len(self._sockets)
            self._run(self._pump, client, server, number, "client")
            self._run(self._pump, server, client, number, "server")

    def _pump(self, source: socket.socket, target: socket.socket, number: int, who: str) -> None:
        try:
            while data := source.recv(65536):
                if who == "server" or data != FLUSH:
                    self._note(number, who)
                target.sendall(data)
        except OSError:
            return

    def _note(self, number: int, who: str) -> None:
        with self._lock:
            if who == "client" and self._last.get(number) != "client":
                self.round_trips += 1
            self._last[number] = who
