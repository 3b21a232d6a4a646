"""A connection from and to the fields that people know it by: those that its provider declares."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

from officeflow.connectors.connection import Connection
from officeflow.connectors.declaration import ConnectionField, Provider
from officeflow.connectors.providers import provider, provider_of
from officeflow.errors import InvalidInput, Problem, did_you_mean

SHOWN_SECRET = "(kept)"  # noqa: S105 - what is shown instead of one


def assemble(connection_id: str, provider_name: str, values: Mapping[str, str]) -> Connection:
    """The connection with these fields.

    `NotKnown`: no such provider; `InvalidInput`: everything that is wrong with the fields.
    """
    known = provider(provider_name)
    fields = {field.name: field for field in known.fields}
    problems = [
        Problem(name, f"{known.title} has no such field", _suggest(name, known))
        for name in values
        if name not in fields
    ]
    kept: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for name, field in fields.items():
        if not (text := values.get(name)):
            continue
        if wrong := _unreadable(field, text):
            problems.append(wrong)
        place, _, key = field.kept.partition(".")
        if key:
            extra[key] = text
        elif place != "port":
            kept[place] = text
        elif not wrong:
            kept[place] = int(text)
    connection = Connection(id=connection_id, provider=provider_name, extra=extra, **kept)
    problems += _missing(connection, known)
    if problems:
        raise InvalidInput(f"connection {connection_id} would not work", problems=problems)
    return connection


def problems_of(connection: Connection) -> list[Problem]:
    """What keeps the connection from being used: fields that are missing, and wrong ones of the kinds that
    are always read.
    """
    known = provider(connection.provider)
    problems = list(_missing(connection, known))
    for field in known.fields:
        value = field.value_in(connection)
        if field.kind.always and value is not None and (wrong := _unreadable(field, str(value))):
            problems.append(wrong)
    return problems


def from_airflow(stored: Mapping[str, Any]) -> Connection:
    """The connection as Airflow's API gives it, secrets masked."""
    return Connection(
        id=stored["connection_id"],
        provider=stored["conn_type"],
        host=stored["host"],
        port=stored["port"],
        schema=stored["schema"],
        login=stored["login"],
        password=stored["password"],
        extra=json.loads(stored["extra"]) if stored["extra"] else {},
    )


def to_airflow(connection: Connection) -> dict[str, Any]:
    """The same the other way: what `AirflowApi.put_connection` takes."""
    return {
        "connection_id": connection.id,
        "conn_type": connection.provider,
        "host": connection.host,
        "port": connection.port,
        "schema": connection.schema,
        "login": connection.login,
        "password": connection.password,
        "extra": connection.extra,
    }


def without_credentials(connection: Connection) -> Connection:
    """The same, for somebody whom the system does not know."""
    kept: dict[str, Any] = {}
    extra = dict(connection.extra)
    for field in provider(connection.provider).fields:
        place, _, key = field.kept.partition(".")
        if field.credential and key:
            extra.pop(key, None)
        elif field.credential:
            kept[place] = None
    return dataclasses.replace(connection, extra=extra, **kept)


def told(connection: Connection) -> dict[str, str]:
    """The fields that are set, as they were given: the other way of `assemble`, secrets as they stand in the
    connection.
    """
    found = {field.name: field.value_in(connection) for field in provider(connection.provider).fields}
    return {name: str(value) for name, value in found.items() if value is not None}


def shown(connection: Connection) -> dict[str, str]:
    """The fields that are set, for people: secrets only as being there.

    Empty where the provider is none of ours.
    """
    known = provider_of(connection)
    return {
        field.name: _shown(field, value)
        for field in (known.fields if known else ())
        if (value := field.value_in(connection)) is not None
    }


def _shown(field: ConnectionField, value: Any) -> str:
    return SHOWN_SECRET if field.secret else str(value)


def _suggest(name: str, known: Provider) -> str:
    names = [field.name for field in known.fields]
    return did_you_mean(name, names) or f"it has {', '.join(names)}"


def _missing(connection: Connection, known: Provider) -> Iterator[Problem]:
    for field in known.fields:
        if field.required and field.value_in(connection) is None:
            yield Problem(field.name, "is missing", field.description)


def _unreadable(field: ConnectionField, text: str) -> Problem | None:
    try:
        field.kind.parse(text, source=field.name)
    except InvalidInput as error:
        return Problem(field.name, error.message.removeprefix(f"{field.name}: "), error.hint)
    return None
