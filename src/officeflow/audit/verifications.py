"""Whether the audit log is whole, as the steward found it: it alone has the chain's key.

What stands here is in the same database as the log. Who controls that could write it too: to be sure, run
`officeflow audit verify` with the key and an anchor that was kept elsewhere.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from officeflow.audit import store
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.pages import Page, Wanted, page_of
from officeflow.database.tables import AuditVerification, Organization
from officeflow.errors import NotKnown
from officeflow.ids import new_id

STEWARD = "service:steward"


def ask(session: Session, org_id: uuid.UUID, *, by: str, now: dt.datetime) -> AuditVerification:
    """The steward is to verify the log; where that is asked already, that one."""
    values = {"verification_id": new_id(), "org_id": org_id, "asked_by": by[:600], "asked_at": now}
    made = session.scalar(
        insert(AuditVerification)
        .values(**values)
        .on_conflict_do_nothing()
        .returning(AuditVerification.verification_id)
    )
    if made is not None and by != STEWARD:
        entry = AuditEntry(actor=by, action=AuditAction.AUDIT_VERIFICATION_ASKED, subject="audit")
        store.append(session, org_id, entry)
    newest = select(AuditVerification).where(AuditVerification.org_id == org_id)
    return session.scalars(newest.order_by(AuditVerification.asked_at.desc()).limit(1)).one()


def one(session: Session, org_id: uuid.UUID, verification_id: uuid.UUID) -> AuditVerification:
    """`NotKnown` where the organization has none."""
    found = session.get(AuditVerification, verification_id)
    if found is None or found.org_id != org_id:
        raise NotKnown(f"there is no verification {verification_id}")
    return found


def page(session: Session, org_id: uuid.UUID, wanted: Wanted) -> Page[AuditVerification]:
    """The newest first."""
    query = select(AuditVerification).where(AuditVerification.org_id == org_id)
    order = (AuditVerification.asked_at.desc(), AuditVerification.verification_id.desc())
    found = page_of(session, query.order_by(*order), wanted)
    return Page([row[0] for row in found.rows], found.next)


def wanted(session: Session) -> Sequence[AuditVerification]:
    """Those that nobody has made yet, the oldest first; `session` is a service's."""
    open_ones = select(AuditVerification).where(AuditVerification.done_at.is_(None))
    return session.scalars(open_ones.order_by(AuditVerification.asked_at)).all()


def due(session: Session, *, before: dt.datetime) -> Sequence[uuid.UUID]:
    """Organizations that are older than that and whose log was not verified since; of a service's session."""
    last = (
        select(func.max(AuditVerification.asked_at))
        .where(AuditVerification.org_id == Organization.org_id)
        .correlate(Organization)
        .scalar_subquery()
    )
    query = select(Organization.org_id).where(func.coalesce(last, Organization.created_at) < before)
    return session.scalars(query.order_by(Organization.slug)).all()


def note(
    session: Session,
    verification_id: uuid.UUID,
    *,
    now: dt.datetime,
    records: int | None = None,
    waiting: int | None = None,
    anchor: str = "",
    compared: Sequence[str] = (),
    problems: Sequence[str] = (),
    error: str = "",
) -> None:
    """What was found, or why nobody could tell; recorded in the log itself too."""
    row = session.get_one(AuditVerification, verification_id, with_for_update=True)
    row.done_at, row.records, row.waiting, row.anchor = now, records, waiting, anchor
    row.compared, row.problems, row.error = list(compared), list(problems), error
    details = {
        "verification": str(verification_id),
        "records": records,
        "problems": len(problems),
        **({"error": error} if error else {}),
    }
    entry = AuditEntry(actor=STEWARD, action=AuditAction.AUDIT_VERIFIED, subject="audit", details=details)
    store.append(session, row.org_id, entry)
