"""Where the fields of a connection lead, and which of them lead to where it may not."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from officeflow.connectors import kinds
from officeflow.connectors.connection import Connection
from officeflow.connectors.declaration import ConnectionField
from officeflow.connectors.networks import HINT, Limits, limits_of, resolved
from officeflow.connectors.providers import provider
from officeflow.errors import InvalidInput, Problem

PLACES = (kinds.URL, kinds.HOST, kinds.PROXY)
"""The kinds of fields that say where a connection leads to, or by way of what."""
USUAL = {"http": 80, "https": 443}


def problems_of(connection: Connection) -> list[Problem]:
    """One for each field that leads to where an organization's connections may not.

    A name that cannot be resolved now is none: it is looked at again by whoever connects.
    """
    limits = limits_of(connection.id)
    return list(_problems(connection, limits)) if limits else []


def check(connection: Connection) -> None:
    """`InvalidInput` with all those problems."""
    if problems := problems_of(connection):
        raise InvalidInput(
            f"connection {connection.id} leads to where organizations' connections may not", problems=problems
        )


def _problems(connection: Connection, limits: Limits) -> Iterator[Problem]:
    for field in provider(connection.provider).fields:
        value = field.value_in(connection)
        if field.kind not in PLACES or value is None:
            continue
        host, port = _place(field, str(value), connection)
        try:
            addresses = resolved(host, port)
        except OSError:
            continue
        if not any(limits.allow(host, port, each) for each in addresses):
            yield Problem(field.name, "it leads to an address that is not public", HINT)


def _place(field: ConnectionField, value: str, connection: Connection) -> tuple[str, int]:
    """Host and port; port 0 where it is the protocol's own."""
    if field.kind is kinds.HOST:
        return value, connection.port or 0
    parts = urlsplit(value if "://" in value else f"https://{value}")
    return parts.hostname or "", parts.port or USUAL.get(parts.scheme, 0)
