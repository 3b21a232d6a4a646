"""What an account owns, handed over to another one: the Data Transfer API.

https://developers.google.com/workspace/admin/data-transfer/v1
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import Transfer, TransfersOwnership
from officeflow.connectors.google import services
from officeflow.connectors.google.types import DataTransfer, TransferApplication, valid
from officeflow.connectors.google.workspace import Workspace
from officeflow.errors import NotFound

ALL_FILES = "PRIVACY_LEVEL"
"""The parameter of Drive that says which files: all of its values mean all files."""
State = Literal["running", "done", "failed"]
STATES: Mapping[str, State] = {"completed": "done", "failed": "failed"}
LONG_AGO = dt.datetime.fromtimestamp(0, dt.UTC)


class Transfers(Workspace, TransfersOwnership):
    def find_transfers(self, account_id: str, to_id: str) -> Sequence[Transfer]:
        call = self.call("find_transfers")
        listed = self._pages(
            services.TRANSFER,
            "transfers",
            "list",
            "dataTransfers",
            call,
            customerId=self._customer,
            oldOwnerUserId=account_id,
            newOwnerUserId=to_id,
        )
        every = {each.id: each for page in listed for each in [valid(DataTransfer, e, call) for e in page]}
        found = [e for e in every.values() if (e.oldOwnerUserId, e.newOwnerUserId) == (account_id, to_id)]
        found.sort(key=lambda each: each.requestTime or LONG_AGO, reverse=True)
        return [self._transfer(each, self._names(call)) for each in found]

    def begin_transfer(self, account_id: str, to_id: str, what: Sequence[str], *, key: str) -> Transfer:
        call = self.call("begin_transfer", writes=True)
        reading = call.reading()
        owner, heir = self._user(account_id, reading), self._user(to_id, reading)
        applications = self._applications(reading)
        chosen = [self._called_application(name, applications, reading) for name in dict.fromkeys(what)]
        body = {
            "oldOwnerUserId": owner.id,
            "newOwnerUserId": heir.id,
            "applicationDataTransfers": [_part(each) for each in chosen or applications],
        }
        answer = self._ask(services.TRANSFER, "transfers", "insert", call, key=key, body=body)
        with after_write():
            begun = valid(DataTransfer, answer, call)
            names = {each.id: each.name for each in applications}

            def look() -> tuple[DataTransfer | None, bool]:
                try:
                    found = self._data_transfer(begun.id, call)
                except NotFound:
                    return None, False
                return found, True

            found = self._settled(look)
            if found is None or (found.oldOwnerUserId, found.newOwnerUserId) != (owner.id, heir.id):
                raise call.nothing_happened("the transfer is not there when read back")
            return self._transfer(found, names)

    def get_transfer(self, transfer_id: str) -> Transfer:
        call = self.call("get_transfer")
        return self._transfer(self._data_transfer(transfer_id, call), self._names(call))

    def _data_transfer(self, transfer_id: str, call: Call) -> DataTransfer:
        if not transfer_id.strip():
            raise call.error(NotFound, "a transfer without an id", status=404)
        answer = self._ask(services.TRANSFER, "transfers", "get", call, dataTransferId=transfer_id)
        found = valid(DataTransfer, answer, call)
        if found.id != transfer_id:
            raise call.contradiction(f"asked for the transfer {transfer_id}, it gives {found.id}")
        return found

    def _applications(self, call: Call) -> list[TransferApplication]:
        listed = self._pages(
            services.TRANSFER, "applications", "list", "applications", call, customerId=self._customer
        )
        return [valid(TransferApplication, each, call) for page in listed for each in page]

    def _called_application(
        self, name: str, applications: Sequence[TransferApplication], call: Call
    ) -> TransferApplication:
        found = [e for e in applications if name == e.id or name.casefold() == e.name.casefold()]
        if not found:
            names = ", ".join(each.name for each in applications)
            raise call.error(
                NotFound, f"nothing of {name!r} can be handed over", status=404, hint=f"one of {names}"
            )
        return found[0]

    def _names(self, call: Call) -> Mapping[str, str]:
        return {each.id: each.name for each in self._applications(call)}

    def _transfer(self, found: DataTransfer, names: Mapping[str, str]) -> Transfer:
        parts = [
            f"{names.get(part.applicationId, part.applicationId)}: {part.applicationTransferStatus or '?'}"
            for part in found.applicationDataTransfers
        ]
        state: State = STATES.get(found.overallTransferStatusCode, "running")
        return Transfer(id=found.id, state=state, told=", ".join(parts))


def _part(application: TransferApplication) -> dict[str, Any]:
    """All of it, shared and private."""
    parameters = [
        {"key": each.key, "value": each.value} for each in application.transferParams if each.key == ALL_FILES
    ]
    return {"applicationId": application.id, "applicationTransferParams": parameters}
