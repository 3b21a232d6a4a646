"""The one way to an opened client."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from officeflow.connectors import destinations
from officeflow.connectors.client import Client
from officeflow.connectors.connection import Connection
from officeflow.connectors.declaration import Service
from officeflow.connectors.families import Capability, in_words
from officeflow.connectors.fields import problems_of
from officeflow.connectors.providers import provider
from officeflow.errors import ConnectorError, InvalidInput


def open_provider(
    connection: Connection,
    *,
    correlation_id: str,
    family: str,
    needs: Iterable[Capability] = (),
    purpose: str = "this",
    only_looks: bool = False,
) -> Any:
    """A client for the connection, whose provider must serve the `family` and have what `purpose` needs; the
    caller closes it. Nothing is sent yet.

    What it inherits are the protocols of `needs`, and of whatever else its provider declares. `InvalidInput`
    where the connection does not fit or its fields do not do. One that `only_looks` refuses to change
    anything (`WriteRefused`).
    """
    known = provider(connection.provider)
    service = known.service(family)
    if service is None:
        raise InvalidInput(
            f"connection {connection.id} ({known.title}) is of the family {' and '.join(known.families)}, and"
            f" {purpose} needs {family}"
        )
    if lacking := frozenset(needs) - service.capabilities:
        raise InvalidInput(
            f"connection {connection.id} ({known.title}) cannot {in_words(lacking)}, and {purpose} needs"
            " that",
            hint="use a connection to a system that can",
        )
    problems = problems_of(connection)
    if problems:
        raise InvalidInput(f"connection {connection.id} cannot be used", problems=problems)
    return opened_by(service, connection, correlation_id=correlation_id, only_looks=only_looks)


def opened_by(
    service: Service, connection: Connection, *, correlation_id: str, only_looks: bool = False
) -> Client:
    """The service's client, as `Client` says."""
    client = service.load()
    if not client.checks_addresses:
        destinations.check(connection)
    try:
        made = client(connection, correlation_id=correlation_id)
    except ConnectorError as error:
        error.provider = error.provider or client.provider
        raise
    made.only_looks = only_looks
    return made
