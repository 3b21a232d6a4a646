"""The rows of inquiries. What they hold is encrypted, and gone after some hours."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.tables import Inquiry
from officeflow.errors import NotKnown
from officeflow.ids import new_id
from officeflow.owners import Owner, owned, owner
from officeflow.runs.acts import storable
from officeflow.statuses import InquiryKind, InquiryState

KEPT = dt.timedelta(hours=4)
"""Also what nobody has fetched."""

ENDED = (InquiryState.ANSWERED, InquiryState.FAILED)
ACTIONS: Mapping[InquiryKind, AuditAction] = {
    InquiryKind.CONNECTION: AuditAction.CONNECTION_TESTED,
    InquiryKind.WORKFLOW: AuditAction.WORKFLOW_PLANNED,
    InquiryKind.RUN: AuditAction.RUN_PLANNED,
    InquiryKind.DRIFT: AuditAction.ACCESS_COMPARED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`subject` and `details` are the audit record's; `employee` is the HR system's identifier of the person
    whom it is about, "" for nobody. `request` is JSON. `by` is who asks, as the audit log names people.
    """

    kind: InquiryKind
    request: Mapping[str, Any] = field(repr=False)
    subject: str
    by: str
    employee: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """One that a worker has taken."""

    inquiry_id: uuid.UUID
    org_id: uuid.UUID
    kind: InquiryKind
    request: Mapping[str, Any] = field(repr=False)
    owner: Owner


@dataclass(frozen=True, slots=True)
class Seen:
    """How far one is. `result` is there once it has ended."""

    state: InquiryState
    progress: str
    result: Mapping[str, Any] | None = field(repr=False)


def put(session: Session, org_id: uuid.UUID, question: Question) -> uuid.UUID:
    """Its id. That it was asked is in the audit log, with what is kept no longer taken away.

    `session` is the organization's.
    """
    _prune(session, org_id)
    whose = owner(org_id, question.employee)
    row = Inquiry(
        inquiry_id=new_id(),
        org_id=org_id,
        kind=question.kind,
        employee=question.employee,
        request=owned(whose, dict(question.request)),
        asked_by=question.by,
    )
    session.add(row)
    entry = AuditEntry(
        actor=question.by,
        action=ACTIONS[question.kind],
        subject=question.subject,
        details=dict(question.details),
    )
    audit.append(session, org_id, entry)
    session.flush()
    return row.inquiry_id


def take(database: Database, org_id: uuid.UUID, inquiry_id: uuid.UUID) -> Taken:
    """For one worker alone. `NotKnown` where somebody else has it, or it is not there any more."""
    with database.tenant(org_id) as session:
        taken = (
            update(Inquiry)
            .where(Inquiry.inquiry_id == inquiry_id, Inquiry.state == InquiryState.ASKED)
            .values(state=InquiryState.TAKEN, taken_at=func.now())
            .returning(Inquiry)
        )
        row = session.scalars(taken).one_or_none()
        if row is None or row.request is None:
            raise NotKnown(f"nobody waits for an answer to the inquiry {inquiry_id}")
        return Taken(row.inquiry_id, org_id, row.kind, row.request, owner(org_id, row.employee))


def note_progress(database: Database, taken: Taken, text: str) -> None:
    """`NotKnown` where nobody waits for the answer any more: then the look ends."""
    with database.tenant(taken.org_id) as session:
        noted = session.scalar(_of(taken).values(progress=text[:250]).returning(Inquiry.inquiry_id))
    if noted is None:
        raise NotKnown(f"nobody waits any more for an answer to the inquiry {taken.inquiry_id}")


def end(database: Database, taken: Taken, result: Mapping[str, Any], *, failed: bool = False) -> None:
    """Write the answer, or why there is none; what is no JSON in it is written as text, and
    what no database keeps as `storable` has it.
    """
    plain = storable(json.loads(json.dumps(result, default=str)))
    state = InquiryState.FAILED if failed else InquiryState.ANSWERED
    with database.tenant(taken.org_id) as session:
        session.execute(_of(taken).values(state=state, result=owned(taken.owner, plain), ended_at=func.now()))


def see(
    database: Database, org_id: uuid.UUID, inquiry_id: uuid.UUID, *, kind: InquiryKind | None = None
) -> Seen:
    """`NotKnown` where it is not there any more, or is of another kind than the given one."""
    with database.tenant(org_id) as session:
        row = session.get(Inquiry, inquiry_id)
        if row is None or kind not in {None, row.kind}:
            raise NotKnown("the inquiry is not there any more", hint="ask again")
        return Seen(row.state, row.progress, row.result if row.state in ENDED else None)


def withdraw(database: Database, org_id: uuid.UUID, inquiry_id: uuid.UUID) -> bool:
    """Have no worker take it any more, and one that has it end with its next step; False where it has
    ended.
    """
    gone = delete(Inquiry).where(Inquiry.inquiry_id == inquiry_id, Inquiry.state.not_in(ENDED))
    with database.tenant(org_id) as session:
        return session.scalar(gone.returning(Inquiry.inquiry_id)) is not None


def _of(taken: Taken) -> Any:
    return update(Inquiry).where(Inquiry.inquiry_id == taken.inquiry_id, Inquiry.state == InquiryState.TAKEN)


def _prune(session: Session, org_id: uuid.UUID) -> None:
    """Whatever retention does: where somebody asks, nothing older stays."""
    old = (
        select(Inquiry.inquiry_id)
        .where(Inquiry.org_id == org_id, Inquiry.asked_at < func.now() - KEPT)
        .order_by(Inquiry.asked_at)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    session.execute(delete(Inquiry).where(Inquiry.inquiry_id.in_(old)))
