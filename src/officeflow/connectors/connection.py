"""How a connector is told where its system is and who it is there."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from officeflow.connectors.forms import seconds
from officeflow.errors import InvalidInput, NotKnown
from officeflow.program import typed

DEFAULT_TIMEOUT = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An Airflow connection, in the terms that Airflow uses.

    `id` is `<org slug>.<name>`; `provider` is its connection type.

    `repr` never shows `password` or `extra`, which may hold secrets.
    """

    id: str
    provider: str
    host: str | None = None
    port: int | None = None
    schema: str | None = None
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


def no_connection(connection_id: str) -> NotKnown:
    """For whoever asked Airflow for it."""
    return NotKnown(f"there is no connection {connection_id}", hint=f"`{typed('connection add')}` makes one")


def timeout_of(connection: Connection, name: str = "timeout", default: float = DEFAULT_TIMEOUT) -> float:
    """Seconds, from the connection's extra `name`."""
    return seconds(connection.extra.get(name, default), source=f"connection {connection.id}, extra {name}")


def proxy_of(connection: Connection) -> str | None:
    """The URL of the proxy that leads to the system, from the connection's extra `proxy`; None where it is
    reached directly.
    """
    return (
        checked_proxy(str(connection.extra.get("proxy") or ""), source=f"connection {connection.id}: proxy")
        or None
    )


def checked_proxy(text: str, *, source: str) -> str:
    """The text without blanks around it.

    `InvalidInput`, which never shows it (it may hold a password), where it is no proxy's URL.
    """
    url = text.strip()
    try:
        parts = urllib.parse.urlsplit(url)
        known = (
            parts.scheme in {"http", "https"}
            and parts.hostname
            and parts.port != 0
            and not (parts.path.strip("/") or parts.query)
        )
    except ValueError:
        known = False
    if url and not known:
        raise InvalidInput(
            f"{source}: that is no address of a proxy", hint="write http://proxy.example.com:3128"
        )
    return url
