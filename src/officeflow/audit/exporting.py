"""Audit records for other systems: lines of JSON, or CSV for spreadsheets."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Any

from officeflow.audit import searching, store
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.audit.searching import Sought
from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord

COLUMNS = (
    "number",
    "id",
    "at",
    "actor",
    "action",
    "subject",
    "details",
    "correlation_id",
    "previous_mac",
    "mac",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With these a cell begins that a spreadsheet would compute."""


class Format(StrEnum):
    NDJSON = "ndjson"
    CSV = "csv"


def export(
    database: Database, clock: Clock, org_id: uuid.UUID, sought: Sought, kind: Format, *, by: str
) -> Iterator[bytes]:
    """Text in UTF-8, piece by piece, the oldest record first; of what was recorded until now.

    That it was exported, by whom and what of it, is recorded before this returns.
    """
    now = clock.now()
    until = min(now, sought.until) if sought.until else now
    details = {
        "format": kind.value,
        "actor": sought.actor,
        "action": sought.action,
        "subject": sought.subject,
        "since": sought.since and sought.since.isoformat(),
        "until": until.isoformat(),
    }
    with database.tenant(org_id) as session:
        entry = AuditEntry(actor=by, action=AuditAction.AUDIT_EXPORTED, subject="audit", details=details)
        store.append(session, org_id, entry, clock=clock)
    records = searching.every(database, org_id, replace(sought, until=until))
    return _lines(records) if kind is Format.NDJSON else _cells(records)


def to_json(record: AuditRecord) -> dict[str, Any]:
    """As it stands in the chain; with the chain's key its MAC can be computed again."""
    return {
        "number": record.sequence,
        "id": str(record.record_id),
        "at": record.occurred_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "actor": record.actor,
        "action": record.action,
        "subject": record.subject,
        "details": record.details,
        "correlation_id": record.correlation_id,
        "previous_mac": record.previous_mac.hex() if record.previous_mac else None,
        "mac": record.mac.hex() if record.mac else None,
    }


def _lines(records: Iterator[AuditRecord]) -> Iterator[bytes]:
    for record in records:
        yield json.dumps(to_json(record), ensure_ascii=False).encode() + b"\n"


def _cells(records: Iterator[AuditRecord]) -> Iterator[bytes]:
    yield _row(COLUMNS)
    for record in records:
        told = to_json(record)
        yield _row([_cell(told[name]) for name in COLUMNS])


def _row(cells: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(FORMULA) else text
