"""What a node needs, inside an Airflow task: OfficeFlow's database, and connections through Airflow."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from airflow.sdk import Connection as AirflowConnection
from airflow.sdk.exceptions import (
    AirflowNotFoundException,
    AirflowRuntimeError,
    AirflowSecretsBackendAccessDenied,
    ErrorType,
)
from airflow.sdk.execution_time.comms import ErrorResponse, GetConnection
from airflow.sdk.execution_time.secrets.execution_api import ExecutionAPISecretsBackend
from airflow.sdk.execution_time.supervisor import ensure_secrets_backend_loaded
from airflow.sdk.log import mask_secret

from officeflow.connectors.connection import Connection, no_connection
from officeflow.connectors.providers import provider_of
from officeflow.database.engine import Database
from officeflow.errors import InvalidInput, Unavailable
from officeflow.runner.services import Services
from officeflow.sdk import Log
from officeflow.settings import load_settings


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
    settings = load_settings()
    with Database.from_settings(settings) as database:
        yield Services(
            database=database,
            connect=connect,
            log=log,
            delay_look=dt.timedelta(minutes=settings.delay_look_minutes),
        )


def connect(connection_id: str) -> Connection:
    """Airflow's connection of this id, from wherever Airflow keeps it; its secrets are masked in the task's
    log from now on.

    `NotKnown` where there is none, `Unavailable` where that cannot be told.
    """
    try:
        found = AirflowConnection.get(connection_id)
    except AirflowSecretsBackendAccessDenied as error:
        raise Unavailable(f"Airflow did not give connection {connection_id}: {error}") from error
    except AirflowNotFoundException as error:
        if trouble := _trouble(connection_id):
            raise Unavailable(f"Airflow did not give connection {connection_id}: {trouble}") from error
        raise no_connection(connection_id) from error
    return taken_over(connection_id, found, found.schema)


def _trouble(connection_id: str) -> str:
    """Why nobody can say that there is no such connection, or "".

    Airflow calls it not found also where a place could not be asked.
    """
    for backend in ensure_secrets_backend_loaded():
        try:
            found = (
                _asked(connection_id)
                if isinstance(backend, ExecutionAPISecretsBackend)
                else backend.get_connection(connection_id)
            )
        except Exception as error:  # noqa: BLE001 - a secrets backend may raise anything
            return f"{type(backend).__name__}: {type(error).__name__} {error}".rstrip()
        if found is not None:
            return "it was not there a moment ago, and is now"
    return ""


def _asked(connection_id: str) -> object | None:
    """What the api-server has under this id; None where it says that there is nothing.

    Raises where it says anything else.
    """
    from airflow.sdk.execution_time.task_runner import SUPERVISOR_COMMS

    try:
        answer = SUPERVISOR_COMMS.send(GetConnection(conn_id=connection_id))
    except AirflowRuntimeError as error:
        answer = error.error
    if not isinstance(answer, ErrorResponse):
        return answer
    if answer.error is ErrorType.CONNECTION_NOT_FOUND:
        return None
    raise Unavailable(answer.error.value)


def taken_over(connection_id: str, found: AirflowFields, schema: str | None) -> Connection:
    """Our connection with the fields of Airflow's; its secrets are masked in the logs of this process's task
    from now on.
    """
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
    known = provider_of(connection)
    for field in known.fields if known else ():
        if field.secret and (value := field.value_in(connection)):
            mask_secret(str(value))
