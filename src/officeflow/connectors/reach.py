"""Whether a connection leads to the system that it is for, and is let in: found out before anything relies on
it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from officeflow.connectors.connection import Connection
from officeflow.connectors.providers import provider
from officeflow.errors import Unauthorized

CORRELATION = "connection-check"


class Reachable(Protocol):
    """What every client of a connector can do beside its family."""

    address: str

    def check(self) -> str:
        """Ask the system something that changes nothing; what answered, in a few words.

        Raises as every other call.
        """
        ...

    def close(self) -> None: ...


@contextmanager
def opened(connection: Connection) -> Iterator[Reachable]:
    """A client for the connection.

    `InvalidInput` or `Rejected` where its fields do not fit together; nothing is sent.
    """
    client: Any = provider(connection.provider).load_client()(connection, correlation_id=CORRELATION)
    try:
        yield client
    finally:
        client.close()


def reached(connection: Connection) -> str:
    """What answers there and lets us in. `ConnectorError` says the address and what was answered."""
    with opened(connection) as client:
        return client.check()


def answers(connection: Connection) -> str:
    """The same where the secrets are not known: being asked for them is enough."""
    extra = {name: value for name, value in connection.extra.items() if name not in {"auth", "header"}}
    try:
        return reached(dataclasses.replace(connection, login=None, password=None, extra=extra))
    except Unauthorized as error:
        return f"it answers, and asks who we are ({error.status})"
