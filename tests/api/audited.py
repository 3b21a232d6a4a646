"""What the audit log says, in the order in which it was written."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord


def audited(database: Database, *names: str) -> list[tuple[Any, ...]]:
    """The named columns of every record: actor, action and subject where none is named."""
    columns = [getattr(AuditRecord, name) for name in names or ("actor", "action", "subject")]
    with database.service() as session:
        rows = session.execute(select(*columns).order_by(AuditRecord.position))
        return [tuple(row) for row in rows]
