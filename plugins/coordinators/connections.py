"""Connections for nodes, asked of Airflow through the execution API and of nobody else."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow.sdk.api.datamodels._generated import ConnectionResponse
from airflow.sdk.exceptions import ErrorType

from officeflow.errors import OfficeFlowError
from officeflow.worker.messages import Given
from operators.services import taken_over

if TYPE_CHECKING:
    from airflow.sdk.api.client import Client

MOST = 500


class ConnectionDesk:
    """Serves the tasks of one worker. A connection that was given less than `seconds` ago is given again without asking.

    An organization's node asks for that organization's connections alone (`<org>.<name>`), so no task gets what it might not ask for.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._known: dict[str, tuple[float, ConnectionResponse]] = {}

    def give(self, connection_id: str, client: Client) -> Given:
        """The connection; its secrets are masked in the task's log from now on."""
        until, known = self._known.get(connection_id, (0.0, None))
        found = known if known and time.monotonic() < until else client.connections.get(connection_id)
        if not isinstance(found, ConnectionResponse):
            self._known.pop(connection_id, None)
            not_known = found.error is ErrorType.CONNECTION_NOT_FOUND
            return Given(not_known=not_known, reason=found.error.value)
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
