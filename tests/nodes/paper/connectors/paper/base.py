"""What every part of the connector asks the directory by."""

from __future__ import annotations

from officeflow.connectors.call import Call
from officeflow.connectors.client import Client
from officeflow.connectors.connection import Connection
from tests.nodes.paper.directory import DIRECTORIES, PaperDirectory


class PaperClient(Client):
    checks_addresses = True  # it connects to nothing

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        super().__init__(connection, correlation_id=correlation_id)
        self.address = f"paper://{connection.host}"
        self._token = connection.password or ""
        self._directory: PaperDirectory = DIRECTORIES[connection.host or ""]

    def check(self) -> str:
        self._reads("check")
        return f"a directory on paper with {len(self._directory.accounts)} accounts"

    def close(self) -> None: ...

    def _reads(self, operation: str) -> Call:
        call = self.call(operation)
        self._directory.take(call, self._token, "")
        return call

    def _writes(self, operation: str, key: str) -> Call:
        call = self.call(operation, writes=True)
        self._directory.take(call, self._token, key)
        return call
