"""In a process that talks to the stack's servers: nothing is sent to a stranger who has the port of one of
them.

Every connection of Python's asks here first, whoever makes it (httpx, redis-py, Celery, smtplib, asyncpg,
Airflow's own clients), also when it is made anew after a server went away. The two that Python does not make
prove themselves: PostgreSQL and Kafka by SCRAM, in which the server shows that it knows the password, which
is not sent. Where no stack was started from `OFFICEFLOW_HOME`, and for addresses elsewhere, nothing is asked:
there TLS is the proof.
"""

from __future__ import annotations

import socket
import sys
from typing import Any

from officeflow.layout import Layout
from officeflow.program import typed
from officeflow.runtime import holders

LOOPBACK, LOOPBACK_6 = "127.0.0.1", "::1"
NAMES = {"localhost": LOOPBACK, "": LOOPBACK, "0.0.0.0": LOOPBACK, "::": LOOPBACK_6}  # noqa: S104 - to connect to all addresses is to oneself
MAPPED = "::ffff:"
"""What an IPv4 address begins with where a client writes it as one of IPv6."""


class HeldByStranger(ConnectionRefusedError):
    """Nobody of ours takes connections there: to whoever connects it is as if nobody did."""


class Guard:
    """`look` is called before every `connect` (by an audit hook, PEP 578), which raises what it raises.

    A port that was the stack's stays guarded as long as this process lives, also when the stack has moved to
    another.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._ports: dict[int, str] = {}
        self._read: tuple[int, int] | None = None

    def look(self, made: socket.socket, address: object) -> None:
        if made.type != socket.SOCK_STREAM or not isinstance(address, tuple):
            return
        port, host = address[1], _loopback(str(address[0]).removeprefix(MAPPED))
        if not host or (service := self._known().get(port)) is None:
            return
        if found := holders.stranger(self._layout, service, port, host):
            raise HeldByStranger(
                f"{told(service, port, found)}: nothing is sent there; `{typed('up')}` takes another port"
            )

    def _known(self) -> dict[int, str]:
        try:
            stat = self._layout.state_file.stat()
        except OSError:
            return self._ports
        if (stat.st_mtime_ns, stat.st_ino) != self._read:
            self._ports |= holders.left_ports(self._layout) | holders.services_by_port(self._layout)
            self._read = (stat.st_mtime_ns, stat.st_ino)
        return self._ports


def _loopback(host: str) -> str:
    """The address on this machine as it is usually written; empty where it is elsewhere."""
    host = NAMES.get(host, host)
    if host.startswith("127."):
        return socket.inet_ntoa(socket.inet_aton(host))
    return host if host == LOOPBACK_6 else ""


def told(service: str, port: int, found: holders.Holder) -> str:
    return f"port {port} of {service} is held by {found}, which is no process of this stack"


_guards: list[Guard] = []


def guard() -> None:
    """From now on, in this process and in those that it forks; called again, for the home that the
    environment names then.
    """
    _guards.append(Guard(Layout.from_environment()))
    if len(_guards) == 1:
        sys.addaudithook(_look)


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":  # the hook is called for every file and import too
        _guards[-1].look(*arguments)
