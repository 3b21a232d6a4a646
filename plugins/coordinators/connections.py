"""Connections for a node, asked of Airflow through the execution API and of nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk.api.datamodels._generated import ConnectionResponse
from airflow.sdk.exceptions import ErrorType

from officeflow.errors import OfficeFlowError
from officeflow.worker.messages import Given
from operators.services import taken_over

if TYPE_CHECKING:
    from airflow.sdk.api.client import Client


class ConnectionDesk:
    """Serves one task."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def give(self, connection_id: str) -> Given:
        """The connection; its secrets are masked in this task's log from now on."""
        found = self._client.connections.get(connection_id)
        if isinstance(found, ConnectionResponse):
            try:
                return Given(connection=taken_over(connection_id, found, found.schema_))
            except OfficeFlowError as error:
                return Given(reason=str(error))
        if found.error is ErrorType.CONNECTION_NOT_FOUND:
            return Given(not_known=True)
        return Given(reason=found.error.value)
