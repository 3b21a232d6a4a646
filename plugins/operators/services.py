"""What a node needs, inside an Airflow task: OfficeFlow's database, and connections through Airflow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from airflow.sdk import Connection as AirflowConnection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.log import mask_secret

from officeflow.connectors.connection import Connection, no_connection
from officeflow.connectors.providers import PROVIDERS
from officeflow.database.engine import Database
from officeflow.errors import InvalidInput
from officeflow.nodes.base import Log
from officeflow.nodes.services import Services


class AirflowFields(Protocol):
    """What all of Airflow's classes for a connection have."""

    @property
    def conn_type(self) -> str | None: ...
    @property
    def host(self) -> str | None: ...
    @property
    def port(self) -> int | None: ...
    @property
    def login(self) -> str | None: ...
    @property
    def password(self) -> str | None: ...
    @property
    def extra(self) -> str | None: ...


@contextmanager
def open_services(log: Log) -> Iterator[Services]:
    """For one task; `log` is the task's."""
    with Database.from_settings() as database:
        yield Services(database=database, connect=connect, log=log)


def connect(connection_id: str) -> Connection:
    """Airflow's connection of this id, from wherever Airflow keeps it; its secrets are masked in the task's log from now on.

    `NotKnown` where there is none.
    """
    try:
        found = AirflowConnection.get(connection_id)
    except AirflowNotFoundException as error:
        raise no_connection(connection_id) from error
    return taken_over(connection_id, found, found.schema)


def taken_over(connection_id: str, found: AirflowFields, schema: str | None) -> Connection:
    """Our connection with the fields of Airflow's; its secrets are masked in the logs of this process's task from now on."""
    connection = Connection(
        id=connection_id,
        provider=found.conn_type or "",
        host=found.host,
        port=found.port,
        schema=schema,
        login=found.login,
        password=found.password,
        extra=_extra(connection_id, found.extra),
    )
    _mask(connection)
    return connection


def _extra(connection_id: str, text: str | None) -> dict[str, Any]:
    try:
        extra = json.loads(text) if text else {}
    except ValueError as error:
        raise InvalidInput(f"the extra of connection {connection_id} is not JSON") from error
    if not isinstance(extra, dict):
        raise InvalidInput(f"the extra of connection {connection_id} is not a JSON object")
    return extra


def _mask(connection: Connection) -> None:
    if connection.password:
        mask_secret(connection.password)
    if connection.extra:
        mask_secret(dict(connection.extra))  # by the names that Airflow knows for secrets
    if connection.provider in PROVIDERS:
        for field in PROVIDERS[connection.provider].fields:
            if field.secret and (value := field.value_in(connection)):
                mask_secret(str(value))
