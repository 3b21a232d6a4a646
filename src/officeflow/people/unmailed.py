"""Whom the platform has to write to: who is asked and has no mail of it yet, and who is to be reminded."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, aliased

from officeflow.database.tables import HumanAssignment, HumanRequest, Organization, User, WorkflowRun
from officeflow.statuses import AssignmentState, RequestKind, RequestState


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Somebody who is asked, with what a mail to them says."""

    assignment_id: uuid.UUID
    org_id: uuid.UUID
    email: str
    name: str
    organization: str
    kind: RequestKind
    subject: str
    why: str
    stands_for: str
    deadline: dt.datetime | None
    correlation_id: str


def asked(session: Session, *, limit: int, without: Sequence[uuid.UUID] = ()) -> list[Addressee]:
    """Who is asked and has no mail yet, the oldest first; `without` are assignments to be left out."""
    query = _addressees().where(HumanAssignment.mailed_at.is_(None))
    if without:
        query = query.where(HumanAssignment.assignment_id.not_in(without))
    return _found(session, query.order_by(HumanAssignment.created_at).limit(limit))


def to_remind(session: Session, request_id: uuid.UUID) -> list[Addressee]:
    """Who has not answered the request, and can be written to."""
    query = _addressees().where(
        HumanRequest.request_id == request_id, HumanAssignment.mailed_at.is_not(None)
    )
    return _found(session, query.where(HumanAssignment.mail_problem == ""))


def due_reminders(session: Session, *, now: dt.datetime, limit: int) -> list[tuple[uuid.UUID, dt.datetime]]:
    """Requests whose reminder is due, each with when that was."""
    query = (
        select(HumanRequest.request_id, HumanRequest.remind_at)
        .where(HumanRequest.state == RequestState.OPEN, HumanRequest.remind_at <= now)
        .order_by(HumanRequest.remind_at)
        .limit(limit)
    )
    return [(request_id, at) for request_id, at in session.execute(query) if at is not None]


def reminded(session: Session, request_id: uuid.UUID, due: dt.datetime) -> None:
    """The reminder that was due then is done."""
    session.execute(
        update(HumanRequest)
        .where(HumanRequest.request_id == request_id, HumanRequest.remind_at == due)
        .values(remind_at=None)
    )


def mailed(session: Session, assignment_id: uuid.UUID, *, now: dt.datetime, problem: str = "") -> None:
    """They have their mail, or (`problem`) will never have one."""
    session.execute(
        update(HumanAssignment)
        .where(HumanAssignment.assignment_id == assignment_id, HumanAssignment.mailed_at.is_(None))
        .values(mailed_at=now, mail_problem=problem[:255])
    )


def without_mail(session: Session, request_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Of these assignments' requests: assignment to why its mail was refused."""
    query = select(HumanAssignment.assignment_id, HumanAssignment.mail_problem).where(
        HumanAssignment.request_id.in_(request_ids), HumanAssignment.mail_problem != ""
    )
    return dict(session.execute(query).tuples().all())


def _addressees() -> Select[tuple[object, ...]]:
    absent = aliased(User)
    return (
        select(
            HumanAssignment.assignment_id,
            HumanAssignment.org_id,
            User.email,
            User.name,
            Organization.name.label("organization"),
            HumanRequest.kind,
            HumanRequest.subject,
            HumanAssignment.why,
            func.coalesce(absent.name, "").label("stands_for"),
            HumanRequest.deadline,
            WorkflowRun.correlation_id,
        )
        .join(HumanRequest, HumanRequest.request_id == HumanAssignment.request_id)
        .join(WorkflowRun, WorkflowRun.run_id == HumanRequest.run_id)
        .join(User, User.user_id == HumanAssignment.user_id)
        .join(Organization, Organization.org_id == HumanAssignment.org_id)
        .outerjoin(absent, absent.user_id == HumanAssignment.stands_for)
        .where(
            HumanAssignment.state == AssignmentState.OPEN,
            HumanRequest.state == RequestState.OPEN,
            User.is_active,
        )
    )


def _found(session: Session, query: Select[tuple[object, ...]]) -> list[Addressee]:
    return [Addressee(**row) for row in session.execute(query).mappings()]
