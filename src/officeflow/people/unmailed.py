"""Whom the platform writes to: who is asked and has no mail of it yet, and who is to be reminded."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session, aliased

from officeflow.database.tables import AnswerLink, Delegation, HumanAssignment, HumanRequest, Organization
from officeflow.people import due, links, requests
from officeflow.statuses import AssignmentState, RequestKind, RequestState


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Who may answer now and has not, with what a mail to them says. `mailed`: they, or who
    is asked in whose place they answer (`stands_in`), had one before.
    """

    assignment_id: uuid.UUID
    user_id: uuid.UUID
    org_id: uuid.UUID
    email: str
    name: str
    organization: str
    kind: RequestKind
    subject: str
    why: str
    deadline: dt.datetime | None
    due: dt.datetime | None
    mailed: bool
    stands_in: bool
    correlation_id: str


def asked(
    session: Session, *, most: int, without: Collection[uuid.UUID] = ()
) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Organization and id of requests of which somebody who is asked has no mail yet, whoever asked first
    first; `without` are assignments to be left out. The session is a service's.
    """
    query = (
        select(HumanRequest.org_id, HumanRequest.request_id)
        .join(HumanAssignment, HumanAssignment.request_id == HumanRequest.request_id)
        .where(
            HumanAssignment.state == AssignmentState.OPEN,
            HumanAssignment.mailed_at.is_(None),
            HumanAssignment.user_id.is_not(None),
            HumanAssignment.assignment_id.not_in(without),
            HumanRequest.state == RequestState.OPEN,
        )
        .order_by(HumanAssignment.created_at)
        .limit(most)
    )
    return list(dict.fromkeys((org_id, request_id) for org_id, request_id in session.execute(query)))


def addressees(session: Session, request_id: uuid.UUID, *, now: dt.datetime) -> list[Addressee]:
    """Of a request that is open and not past its deadline; none otherwise. Who stands in for somebody is
    written to in their place.
    """
    request = requests.find(session, request_id)
    if request.state != RequestState.OPEN or due.passed_deadline(request, now) is not None:
        return []
    organization = session.get_one(Organization, request.org_id)
    run = requests.run_of(session, request)
    return [
        Addressee(
            assignment_id=each.seat.assignment_id,
            user_id=each.user.user_id,
            org_id=request.org_id,
            email=each.user.email,
            name=each.user.name,
            organization=organization.name,
            kind=request.kind,
            subject=request.subject,
            why=each.why,
            deadline=request.deadline,
            due=request.due_at,
            mailed=each.seat.mailed_at is not None,
            stands_in=bool(each.hops),
            correlation_id=run.correlation_id,
        )
        for each in requests.holders(session, request, now=now)
        if each.user.is_active
    ]


def standing_in(
    session: Session, day: dt.date, *, most: int, after: uuid.UUID | None = None
) -> list[tuple[uuid.UUID, uuid.UUID, uuid.UUID]]:
    """Organization, request and assignment of those whose people were written to, and for whom somebody
    stands in on that day who has no mail of it yet: in the order of the assignments, from the one `after`.

    Who stands in for the one who does is in `addressees`. The session is a service's.
    """
    written = select(AnswerLink.assignment_id).where(
        AnswerLink.assignment_id == HumanAssignment.assignment_id,
        AnswerLink.user_id == Delegation.to_user_id,
        AnswerLink.mailed_at.is_not(None),
    )
    query = (
        select(HumanAssignment.org_id, HumanAssignment.request_id, HumanAssignment.assignment_id)
        .join(Delegation, Delegation.from_user_id == HumanAssignment.user_id)
        .join(HumanRequest, HumanRequest.request_id == HumanAssignment.request_id)
        .where(
            HumanAssignment.state == AssignmentState.OPEN,
            HumanAssignment.mailed_at.is_not(None),
            HumanRequest.state == RequestState.OPEN,
            Delegation.ended_at.is_(None),
            Delegation.starts_on <= day,
            Delegation.ends_on >= day,
            or_(~written.exists(), _passed_on(day)),
        )
        .order_by(HumanAssignment.assignment_id)
        .limit(most)
    )
    if after is not None:
        query = query.where(HumanAssignment.assignment_id > after)
    return [(org, request, seat) for org, request, seat in session.execute(query)]


def _passed_on(day: dt.date) -> ColumnElement[bool]:
    """Whether somebody stands in for the one who stands in."""
    further = aliased(Delegation)
    query = select(further.delegation_id).where(
        further.from_user_id == Delegation.to_user_id,
        further.ended_at.is_(None),
        further.starts_on <= day,
        further.ends_on >= day,
    )
    return query.exists()


def is_written(session: Session, to: Addressee) -> bool:
    """Whether this user has a mail about this assignment, whenever it was."""
    query = select(AnswerLink.token_hash).where(
        AnswerLink.assignment_id == to.assignment_id,
        AnswerLink.user_id == to.user_id,
        AnswerLink.mailed_at.is_not(None),
    )
    return session.scalar(query.limit(1)) is not None


def mailed(session: Session, to: Addressee, token: str, *, now: dt.datetime, problem: str = "") -> None:
    """They have their mail with this link, or (`problem`) will never have one."""
    session.execute(
        update(HumanAssignment)
        .where(HumanAssignment.assignment_id == to.assignment_id, HumanAssignment.mailed_at.is_(None))
        .values(mailed_at=now)
    )
    session.execute(
        update(AnswerLink).where(AnswerLink.token_hash == links.digest(token)).values(mailed_at=now)
    )
    if problem:
        session.execute(
            update(HumanAssignment)
            .where(HumanAssignment.assignment_id == to.assignment_id)
            .values(mail_problem=problem[:255])
        )
