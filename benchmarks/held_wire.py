"""Stands between the platform and a customer's system, and holds the answer to every write for a moment.

While it holds, the system has done what it was asked for and the one who asked does not know it yet: the
worst moment to be killed.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

WRITES = (b"POST ", b"PUT ", b"PATCH ", b"DELETE ")
READS = (b"GET ", b"HEAD ", b"PROPFIND ", b"REPORT ", b"OPTIONS ")
MAIL_ENDS = b"\r\n.\r\n"
"""RFC 5321, section 4.1.1.4: what ends a mail's data; the server's next answer says that it has it."""

OnAnswer = Callable[[int, str], None]
"""Gets the client's port and the method of its write, "DATA" for a mail."""


class Conversation:
    """Whether the client's last words asked for a change, and by which method."""

    def __init__(self) -> None:
        self.is_write = False
        self.method = ""
        self._tail = b""

    def said(self, data: bytes) -> None:
        if data.startswith(WRITES):
            self.is_write = True
            self.method = data.partition(b" ")[0].decode()
        elif data.startswith(READS):
            self.is_write = False
        self._tail = (self._tail + data)[-len(MAIL_ENDS) :]
        if self._tail == MAIL_ENDS:
            self.is_write = True
            self.method = "DATA"


class HeldWire:
    """`on_answer` is called with the client's port and method when the answer to a write has come, and before
    the client gets it.
    """

    def __init__(self, port: int, on_answer: OnAnswer) -> None:
        self._server = ("127.0.0.1", port)
        self._on_answer = on_answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._clients: list[socket.socket] = []

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        self._run(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for end in (self._listener, *self._clients):
            _end(end)
        for thread in self._threads:
            thread.join(timeout=5)
        self._listener.close()

    def _run(self, target: Callable[..., None], *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self) -> None:
        while True:
            try:
                client, address = self._listener.accept()
            except OSError:
                return
            self._clients.append(client)
            self._run(self._serve, client, address[1])

    def _serve(self, client: socket.socket, port: int) -> None:
        conversation = Conversation()
        with client, contextlib.suppress(OSError), socket.create_connection(self._server) as server:
            answers = self._run(self._answers, server, client, port, conversation)
            with contextlib.suppress(OSError):
                while data := client.recv(65536):
                    conversation.said(data)
                    server.sendall(data)
            _end(server)
            answers.join()

    def _answers(
        self, server: socket.socket, client: socket.socket, port: int, conversation: Conversation
    ) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if conversation.is_write:
                    conversation.is_write = False
                    self._on_answer(port, conversation.method)
                client.sendall(data)
        _end(client)


def _end(end: socket.socket) -> None:
    """Unlike closing, this wakes the threads that wait in accept and recv."""
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
