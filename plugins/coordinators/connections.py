"""Connections for nodes, asked of Airflow through the execution API and of nobody else."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx
from airflow.sdk.api.client import ServerResponseError
from airflow.sdk.api.datamodels._generated import ConnectionResponse
from pydantic import ValidationError

from officeflow.errors import OfficeFlowError
from officeflow.worker.messages import Given
from operators.services import taken_over

if TYPE_CHECKING:
    from airflow.sdk.api.client import Client

MOST = 500


class ConnectionDesk:
    """Serves the tasks of one worker.

    A connection that was given less than `seconds` ago is given again without asking.

    An organization's node asks for that organization's connections alone (`<org>.<name>`), so no task gets
    what it might not ask for.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._known: dict[str, tuple[float, ConnectionResponse]] = {}

    def give(self, connection_id: str, client: Client) -> Given:
        """The connection; its secrets are masked in the task's log from now on."""
        until, known = self._known.get(connection_id, (0.0, None))
        found = known if known and time.monotonic() < until else _asked(connection_id, client)
        if isinstance(found, Given):
            self._known.pop(connection_id, None)
            return found
        if found is not known:
            self._keep(connection_id, found)
        try:
            return Given(connection=taken_over(connection_id, found, found.schema_))
        except OfficeFlowError as error:
            return Given(reason=str(error))

    def _keep(self, connection_id: str, found: ConnectionResponse) -> None:
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[connection_id] = (time.monotonic() + self._seconds, found)


def _asked(connection_id: str, client: Client) -> ConnectionResponse | Given:
    """Airflow's answer.

    Only its own "not found" is one: a proxy's 404, another status or none at all say nothing of the
    connection.
    """
    try:
        answer = client.get(f"connections/{connection_id}")
        return ConnectionResponse.model_validate_json(answer.read())
    except ServerResponseError as error:
        status = error.response.status_code
        if status == HTTPStatus.NOT_FOUND and _says_not_found(error.response):
            return Given(not_known=True, reason="not found")
        return Given(reason=f"it answered {status}")
    except (httpx.HTTPError, ValidationError) as error:
        return Given(reason=f"{type(error).__name__}: {error}")


def _says_not_found(answer: httpx.Response) -> bool:
    try:
        detail = answer.json()["detail"]
        return bool(detail["reason"] == "not_found")
    except (ValueError, TypeError, KeyError, httpx.StreamError):
        return False
