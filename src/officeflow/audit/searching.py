"""Looking for audit records: by who, what, about what and when, in pages or all of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Select, literal_column, select
from sqlalchemy.orm import Session

from officeflow.audit import actions
from officeflow.database.engine import Database
from officeflow.database.pages import Page, Wanted, page_of
from officeflow.database.tables import AuditRecord
from officeflow.errors import NotKnown

NODES = "node:"
AT_ONCE = 1_000

_NOT_BY_NODES: ColumnElement[bool] = literal_column("audit_records.actor NOT LIKE 'node:%'")
_NOT_OF_ACTS: ColumnElement[bool] = literal_column("audit_records.action <> 'act.done'")
"""Written out, as the indexes have them: most records are of acts that were done, by nodes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which records; "" or None says nothing. `action` and `subject` under any name that they have had; the
    moments are those of what was done, the first included, the last not.
    """

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def page(session: Session, org_id: uuid.UUID, sought: Sought, wanted: Wanted) -> Page[AuditRecord]:
    """A page of them, the newest first."""
    query = _query(org_id, sought).order_by(AuditRecord.occurred_at.desc(), AuditRecord.position.desc())
    found = page_of(session, query, wanted)
    return Page([row[0] for row in found.rows], found.next)


def one(session: Session, org_id: uuid.UUID, record_id: uuid.UUID) -> AuditRecord:
    """`NotKnown` where the organization has none."""
    found = session.get(AuditRecord, record_id)
    if found is None or found.org_id != org_id:
        raise NotKnown(f"there is no audit record {record_id}")
    return found


def every(database: Database, org_id: uuid.UUID, sought: Sought) -> Iterator[AuditRecord]:
    """All of them, the oldest first, in a short transaction for each thousand: whoever reads slowly holds
    nothing up.
    """
    order = (AuditRecord.occurred_at, AuditRecord.position)
    wanted = Wanted(AT_ONCE)
    while True:
        with database.tenant(org_id) as session:
            found = page_of(session, _query(org_id, sought).order_by(*order), wanted)
        yield from (row[0] for row in found.rows)
        if found.next is None:
            return
        wanted = replace(wanted, cursor=found.next)


def _query(org_id: uuid.UUID, sought: Sought) -> Select[AuditRecord]:
    query = select(AuditRecord).where(AuditRecord.org_id == org_id, *_conditions(sought))
    if sought.since is not None:
        query = query.where(AuditRecord.occurred_at >= sought.since)
    if sought.until is not None:
        query = query.where(AuditRecord.occurred_at < sought.until)
    return query


def _conditions(sought: Sought) -> Iterator[ColumnElement[bool]]:
    if sought.actor:
        yield AuditRecord.actor == sought.actor
        if not sought.actor.startswith(NODES):
            yield _NOT_BY_NODES
    if sought.action:
        yield AuditRecord.action.in_(actions.names_of(sought.action))
        if sought.action != actions.AuditAction.ACT_DONE:
            yield _NOT_OF_ACTS
    if sought.subject:
        yield AuditRecord.subject.in_(actions.subjects_of(sought.subject))
