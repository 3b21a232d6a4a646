"""Whether two organizations reach one directory, so that they would take each other's accounts for their
own.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from officeflow.connectors import kinds
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.connectors.providers import provider_of

HINT = (
    "employee numbers of both are looked up there: give one of the connections a mark (mark=acme), or say"
    " shared=no where each token leads to a directory of its own"
)


def shares_with(connection: Connection, others: Iterable[Connection]) -> list[str]:
    """Ids of other organizations' connections to the same directory that nothing keeps apart from this
    one.
    """
    return [
        other.id
        for other in others
        if _organization(other) != _organization(connection) and _same_directory(connection, other)
    ]


def _same_directory(one: Connection, other: Connection) -> bool:
    if not (_is_directory(one) and _is_directory(other)) or not _same_place(one, other):
        return False
    separate = "no" in {one.extra.get("shared"), other.extra.get("shared")}
    return not separate and (one.extra.get("mark") or "") == (other.extra.get("mark") or "")


def _is_directory(connection: Connection) -> bool:
    known = provider_of(connection)
    if known is None or Family.IDENTITY not in known.families:
        return False
    return bool(connection.host or any(field.directory for field in known.fields))


def _same_place(one: Connection, other: Connection) -> bool:
    """Also where it cannot be told, since one of them leaves open which directory it is of those at their
    address.
    """
    if one.provider != other.provider or (_told(one) and _told(other)) or not (_told(one) or _told(other)):
        return _place(one) == _place(other)
    return _address(one) == _address(other)


def _told(connection: Connection) -> tuple[str, ...]:
    """What the connection's fields say of which directory it is, at an address that many have."""
    known = provider_of(connection)
    fields = [field for field in known.fields if field.directory] if known else []
    return tuple(str(value).casefold() for field in fields if (value := field.value_in(connection)))


def _place(connection: Connection) -> tuple[object, ...]:
    """Which directory it is by its fields; else its address."""
    if told := _told(connection):
        return connection.provider, *told
    return _address(connection)


def _address(connection: Connection) -> tuple[object, ...]:
    """The host, port and path, by whatever scheme; of what is no address the host alone: at all of its ports
    there is one directory.
    """
    host = (connection.host or "").strip()
    known = provider_of(connection)
    if known and any(field.kept == "host" and field.kind is kinds.HOST for field in known.fields):
        return host.casefold().rstrip("."), None, ""
    parts = urlsplit(host if "://" in host else f"https://{host}")
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    try:
        port = parts.port or connection.port or usual
    except ValueError:
        port = None
    return (parts.hostname or "").rstrip("."), port, parts.path.rstrip("/")


def _organization(connection: Connection) -> str:
    return connection.id.partition(".")[0]
