"""Notes the heads of the audit chains outside of the database: in the folder of the anchors, and by the
outbox on `audit.anchors`.
"""

from __future__ import annotations

import uuid

import structlog
from sqlalchemy import select

from listeners import messages
from officeflow.audit import chain
from officeflow.audit.anchors import Anchor, Folder
from officeflow.audit.chain import EMPTY, Head
from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.database.tables import AuditHead, AuditRecord
from officeflow.errors import AuditBroken
from officeflow.program import typed

log = structlog.get_logger(__name__)


class Anchoring:
    """`act` is a steward's duty.

    What it notes only advances: a chain that went back, or lost a record that was noted, gets no anchor.
    """

    def __init__(self, database: Database, clock: Clock, *, key: bytes, folder: Folder | None) -> None:
        self._database = database
        self._clock = clock
        self._key = key
        self._folder = folder
        self._noted: dict[uuid.UUID, Head] | None = None

    def act(self) -> int:
        """Note each head that has advanced; how many.

        `AuditBroken`, after the others, names those whose chain is not what it was.
        """
        before = self._noted = self._in_folder() if self._noted is None else self._noted
        with self._database.service() as session:
            rows = session.scalars(select(AuditHead)).all()
        found = {row.org_id: self._wrong(row, before.get(row.org_id, EMPTY)) for row in rows}
        found |= dict.fromkeys(before.keys() - found.keys(), "its head is gone")
        noted = sum(self._note(row, before) for row in rows if found[row.org_id] is None)
        if broken := {org_id: why for org_id, why in found.items() if why is not None}:
            raise AuditBroken(
                "; ".join(f"the audit log of {org_id}: {why}" for org_id, why in broken.items()),
                hint=f"`{typed('audit verify')}` shows what is wrong with it",
            )
        return noted

    def _in_folder(self) -> dict[uuid.UUID, Head]:
        """The newest that each organization has there."""
        if self._folder is None:
            return {}
        newest = {
            org_id: self._folder.read(org_id, self._key).newest for org_id in self._folder.organizations()
        }
        return {org_id: anchor.head for org_id, anchor in newest.items() if anchor is not None}

    def _wrong(self, row: AuditHead, noted: Head) -> str | None:
        """What contradicts the head's being a later one of the chain that was noted."""
        if not chain.is_sealed(self._key, row):
            return "its head is not sealed with our key"
        if row.sequence < noted.sequence:
            return f"it ends at {row.sequence}, but record {noted.sequence} was noted"
        if noted == EMPTY:
            return None
        with self._database.service() as session:
            place = (AuditRecord.org_id == row.org_id, AuditRecord.sequence == noted.sequence)
            mac = session.scalar(select(AuditRecord.mac).where(*place))
        return None if mac == noted.mac else f"record {noted.sequence} is not the one that was noted"

    def _note(self, row: AuditHead, noted: dict[uuid.UUID, Head]) -> bool:
        head = Head(row.sequence, row.mac)
        if head == noted.get(row.org_id):
            return False
        anchor = Anchor(row.org_id, head, self._clock.now())
        if self._folder:
            self._folder.add(anchor, self._key)
        with self._database.service() as session:
            messages.anchored(session, row.org_id, anchor.document(self._key))
        noted[row.org_id] = head
        return True
