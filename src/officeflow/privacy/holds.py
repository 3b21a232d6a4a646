"""Legal holds: while one stands, nothing of the person is erased or pruned."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry, reason
from officeflow.database.engine import Database
from officeflow.database.tables import LegalHold
from officeflow.errors import InvalidInput
from officeflow.ids import new_id
from officeflow.privacy import about
from officeflow.program import typed
from officeflow.tenants import organizations

WHY_LENGTH = 1000


def hold(database: Database, slug_or_uuid: str, external_id: str, *, why: str, by: str) -> LegalHold:
    """Keep the person's data. `NotKnown` where nothing is known of such a person, `InvalidInput` where the
    reason is empty or a hold stands already.
    """
    why = reason(why)[:WHY_LENGTH]
    with organizations.entered(database, slug_or_uuid) as (session, org_id):
        about.known(session, org_id, external_id)
        if (standing := of_person(session, org_id, external_id)) is not None:
            raise InvalidInput(f"{external_id} is held already, by {standing.placed_by}: {standing.why}")
        made = LegalHold(hold_id=new_id(), org_id=org_id, external_id=external_id, why=why, placed_by=by)
        session.add(made)
        _record(session, org_id, external_id, AuditAction.PERSON_HELD, by=by, why=why)
        session.flush()
    return made


def release(database: Database, slug_or_uuid: str, external_id: str, *, why: str, by: str) -> LegalHold:
    """End the hold. `InvalidInput` where the reason is empty or none stands."""
    why = reason(why)[:WHY_LENGTH]
    with organizations.entered(database, slug_or_uuid) as (session, org_id):
        standing = of_person(session, org_id, external_id)
        if standing is None:
            raise InvalidInput(f"{external_id} is not held", hint=f"`{typed('person holds')}` lists who is")
        standing.released_by, standing.released_why = by, why
        standing.released_at = session.scalars(select(func.now())).one()
        _record(session, org_id, external_id, AuditAction.PERSON_RELEASED, by=by, why=why)
    return standing


def of_person(session: Session, org_id: uuid.UUID, external_id: str) -> LegalHold | None:
    """The one that stands."""
    return session.scalar(
        select(LegalHold).where(
            LegalHold.org_id == org_id,
            LegalHold.external_id == external_id,
            LegalHold.released_at.is_(None),
        )
    )


def every(database: Database, slug_or_uuid: str, *, limit: int = 1000) -> Sequence[LegalHold]:
    """Those that stand, by the identifiers of the people."""
    with organizations.entered(database, slug_or_uuid) as (session, org_id):
        query = select(LegalHold).where(LegalHold.org_id == org_id, LegalHold.released_at.is_(None))
        return session.scalars(query.order_by(LegalHold.external_id).limit(limit)).all()


def to_json(hold: LegalHold) -> dict[str, Any]:
    return {
        "employee": hold.external_id,
        "why": hold.why,
        "by": hold.placed_by,
        "since": hold.placed_at.isoformat(timespec="seconds"),
    }


def _record(
    session: Session, org_id: uuid.UUID, external_id: str, action: AuditAction, *, by: str, why: str
) -> None:
    entry = AuditEntry(actor=by, action=action, subject=about.subject(external_id), details={"why": why})
    audit.append(session, org_id, entry)
