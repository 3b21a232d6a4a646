"""Audit records as JSON, for people and programs."""

from __future__ import annotations

from typing import Any

from officeflow.audit import chain
from officeflow.database.tables import AuditRecord
from officeflow.errors import InvalidInput


def to_json(record: AuditRecord) -> dict[str, Any]:
    """The record as it was written; `genuine` tells whether OfficeFlow wrote it and nobody changed it, None
    where this process has not the keys to tell.
    """
    return {
        "number": record.sequence,
        "at": record.occurred_at.isoformat(timespec="seconds"),
        "actor": record.actor,
        "action": record.action,
        "subject": record.subject,
        "details": record.details,
        "correlation_id": record.correlation_id,
        "genuine": _genuine(record),
    }


def _genuine(record: AuditRecord) -> bool | None:
    try:
        return chain.is_genuine(chain.key_from_settings(), record) is True
    except InvalidInput:
        return None
