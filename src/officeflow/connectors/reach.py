"""Whether a connection leads to the system that it is for, and is let in: found out before anything relies on
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from officeflow.connectors.client import Client
from officeflow.connectors.connection import Connection
from officeflow.connectors.fields import without_credentials
from officeflow.connectors.opening import opened_by
from officeflow.connectors.providers import provider
from officeflow.connectors.telling import shown_address
from officeflow.errors import Unauthorized

CORRELATION = "connection-check"


@contextmanager
def opened(connection: Connection) -> Iterator[list[Client]]:
    """A client for each family that the connection's provider serves.

    `InvalidInput` or `Rejected` where its fields do not fit together; nothing is sent.
    """
    known = provider(connection.provider)
    with ExitStack() as stack:
        yield [
            stack.enter_context(closing(opened_by(service, connection, correlation_id=CORRELATION)))
            for service in known.services
        ]


def addresses(connection: Connection) -> str:
    """Where it leads, for people."""
    with opened(connection) as clients:
        return ", ".join(dict.fromkeys(shown_address(client.address) for client in clients))


def reached(connection: Connection) -> str:
    """What answers there and lets us in. `ConnectorError` says the address and what was answered."""
    with opened(connection) as clients:
        return "; ".join(client.check() for client in clients)


def answers(connection: Connection) -> str:
    """The same where the secrets are not known: being asked for them is enough."""
    try:
        return reached(without_credentials(connection))
    except Unauthorized as error:
        return f"it answers, and asks who we are ({error.status})"
