"""A connection from and to the fields that people know it by (`officeflow.connectors.providers` lists
them).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from officeflow.connectors import forms
from officeflow.connectors.connection import Connection, checked_proxy, timeout_of
from officeflow.connectors.egress import networks_of
from officeflow.connectors.http import statuses_of
from officeflow.connectors.providers import ConnectionField, Provider, problems_of, provider
from officeflow.errors import InvalidInput, NotKnown, Problem, did_you_mean
from officeflow.hosts import hosts_of

READERS: Mapping[str, Callable[..., Any]] = {
    "allowed_hosts": hosts_of,
    "trusted_hosts": hosts_of,
    "networks": networks_of,
    "not_done_statuses": statuses_of,
    "proxy": checked_proxy,
    "url": forms.web_address,
    "host": forms.host_name,
    "mark": forms.mark,
    "login": forms.user_name,
    "token": forms.one_line,
    "password": forms.one_line,
    "calendar": forms.one_line,
    "ca_file": forms.authorities,
    "smtp.login": forms.one_line,
}
"""Fields whose text must be of a form, and who reads it; those of one provider alone with its name before
them.
"""

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
        if values.get(name):
            place, _, key = field.kept.partition(".")
            (extra if key else kept)[key or place] = values[name]
    problems += _parse_port(kept)
    connection = Connection(id=connection_id, provider=provider_name, extra=extra, **kept)
    problems += [
        *problems_of(connection),
        *_timeout_problems(connection, known),
        *_form_problems(connection, known),
    ]
    if problems:
        raise InvalidInput(f"connection {connection_id} would not work", problems=problems)
    return connection


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


def told(connection: Connection) -> dict[str, str]:
    """The fields that are set, as they were given: the other way of `assemble`, secrets as they stand in the
    connection.
    """
    found = {field.name: field.value_in(connection) for field in provider(connection.provider).fields}
    return {name: str(value) for name, value in found.items() if value not in {None, ""}}


def shown(connection: Connection) -> dict[str, str]:
    """The fields that are set, for people: secrets only as being there.

    Empty where the provider is none of ours.
    """
    try:
        fields = provider(connection.provider).fields
    except NotKnown:
        return {}
    return {
        field.name: _shown(field, value)
        for field in fields
        if (value := field.value_in(connection)) not in {None, ""}
    }


def _shown(field: ConnectionField, value: Any) -> str:
    return SHOWN_SECRET if field.secret else str(value)


def _suggest(name: str, known: Provider) -> str:
    names = [field.name for field in known.fields]
    return did_you_mean(name, names) or f"it has {', '.join(names)}"


def _parse_port(kept: dict[str, Any]) -> list[Problem]:
    """Make the port a number, or take it out and say why."""
    text = kept.pop("port", None)
    if text is None:
        return []
    if not text.isdecimal() or not 0 < int(text) < 65536:
        return [Problem("port", f"{text!r} is no port", "a number from 1 to 65535")]
    kept["port"] = int(text)
    return []


def _timeout_problems(connection: Connection, known: Provider) -> list[Problem]:
    problems = []
    for field in known.fields:
        if field.name.endswith("timeout") and field.value_in(connection) is not None:
            try:
                timeout_of(connection, field.name)
            except InvalidInput as error:
                problems.append(Problem(field.name, error.message))
    return problems


def _form_problems(connection: Connection, known: Provider) -> list[Problem]:
    problems = []
    for field in known.fields:
        value = field.value_in(connection)
        read = READERS.get(f"{known.name}.{field.name}", READERS.get(field.name))
        if read and value:
            try:
                read(str(value), source=field.name)
            except InvalidInput as error:
                problems.append(
                    Problem(field.name, error.message.removeprefix(f"{field.name}: "), error.hint)
                )
    return problems
