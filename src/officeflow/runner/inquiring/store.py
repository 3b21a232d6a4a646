"""The rows of inquiries. What they hold is encrypted, and gone after some hours."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, select, true, update
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.tables import Inquiry
from officeflow.errors import AlreadyAsked, NotKnown
from officeflow.ids import new_id
from officeflow.owners import Owner, owned, owner
from officeflow.runs.acts import storable
from officeflow.statuses import InquiryKind, InquiryState

KEPT = dt.timedelta(hours=4)
"""Also what nobody has fetched."""

ENDED = (InquiryState.ANSWERED, InquiryState.FAILED)
SLOW = frozenset({InquiryKind.DRIFT})
"""Kinds that may take an hour: an organization has one at a time that has not ended."""

LOCK = 0x10A5
"""The first half of an advisory lock, whose second half is the organization's."""

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
    """How far one is. `result` is there once it has ended; `seconds` have passed since it was asked.
    `problem` is what keeps a task from beginning, for people.
    """

    kind: InquiryKind
    state: InquiryState
    progress: str = ""
    result: Mapping[str, Any] | None = field(default=None, repr=False)
    seconds: float = 0.0
    problem: str = ""


def put(session: Session, org_id: uuid.UUID, question: Question) -> uuid.UUID:
    """Its id. That it was asked is in the audit log, with what is kept no longer taken away.

    `session` is the organization's. `AlreadyAsked` where there may be one alone, and another has not ended.
    """
    _prune(session, org_id)
    if question.kind in SLOW:
        _refuse_second(session, org_id, question.kind)
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


def take(database: Database, org_id: uuid.UUID, inquiry_id: uuid.UUID, *, slow: bool | None = None) -> Taken:
    """For one worker alone. `NotKnown` where somebody else has it, it is not there any more, or it is
    `slow` and should not be, or the other way round.
    """
    with database.tenant(org_id) as session:
        taken = (
            update(Inquiry)
            .where(Inquiry.inquiry_id == inquiry_id, Inquiry.state == InquiryState.ASKED)
            .where(true() if slow is None else Inquiry.kind.in_(SLOW) == slow)
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
        age = func.extract("epoch", func.now() - Inquiry.asked_at)
        found = session.execute(select(Inquiry, age).where(Inquiry.inquiry_id == inquiry_id)).one_or_none()
        if found is None or kind not in {None, found[0].kind}:
            raise NotKnown("the inquiry is not there any more", hint="ask again")
        row, seconds = found
        result = row.result if row.state in ENDED else None
        return Seen(row.kind, row.state, row.progress, result, float(seconds))


def unfinished(session: Session, org_id: uuid.UUID, kind: InquiryKind) -> uuid.UUID | None:
    """The organization's oldest one of this kind that has not ended."""
    waiting = (
        select(Inquiry.inquiry_id)
        .where(Inquiry.org_id == org_id, Inquiry.kind == kind, Inquiry.state.not_in(ENDED))
        .order_by(Inquiry.asked_at)
    )
    return session.scalars(waiting.limit(1)).one_or_none()


def withdraw(database: Database, org_id: uuid.UUID, inquiry_id: uuid.UUID) -> bool:
    """Have no worker take it any more, and one that has it end with its next step; False where it has
    ended.
    """
    with database.tenant(org_id) as session:
        return withdraw_in(session, inquiry_id) is not None


def withdraw_in(session: Session, inquiry_id: uuid.UUID, *, kind: InquiryKind | None = None) -> str | None:
    """`withdraw` in the organization's `session`, of one of this kind or of any: who had asked it; None where
    it has ended, or is not there.
    """
    gone = delete(Inquiry).where(Inquiry.inquiry_id == inquiry_id, Inquiry.state.not_in(ENDED))
    if kind is not None:
        gone = gone.where(Inquiry.kind == kind)
    return session.scalar(gone.returning(Inquiry.asked_by))


def _of(taken: Taken) -> Any:
    return update(Inquiry).where(Inquiry.inquiry_id == taken.inquiry_id, Inquiry.state == InquiryState.TAKEN)


def _refuse_second(session: Session, org_id: uuid.UUID, kind: InquiryKind) -> None:
    """Until the transaction ends nobody else puts one."""
    session.execute(select(func.pg_advisory_xact_lock(LOCK, func.hashtext(str(org_id)))))
    before = unfinished(session, org_id, kind)
    if before is not None:
        raise AlreadyAsked(
            f"the organization's comparison {before} has not ended", hint="wait for its end, or withdraw it"
        )


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
