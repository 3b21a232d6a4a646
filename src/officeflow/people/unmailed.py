"""Whom the platform writes to: who is asked and has no mail of it yet, and who is to be reminded."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from officeflow.database.tables import HumanAssignment, HumanRequest, Organization
from officeflow.people import requests
from officeflow.statuses import AssignmentState, RequestKind, RequestState


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Who may answer now and has not, with what a mail to them says. `mailed`: they had one before."""

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
    """Of a request that is open; none otherwise. Who stands in for somebody is written to in their place."""
    request = requests.find(session, request_id)
    if request.state != RequestState.OPEN:
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
            correlation_id=run.correlation_id,
        )
        for each in requests.holders(session, request, now=now)
        if each.user.is_active
    ]


def mailed(session: Session, assignment_id: uuid.UUID, *, now: dt.datetime, problem: str = "") -> None:
    """They have their mail, or (`problem`) will never have one."""
    session.execute(
        update(HumanAssignment)
        .where(HumanAssignment.assignment_id == assignment_id, HumanAssignment.mailed_at.is_(None))
        .values(mailed_at=now, mail_problem=problem[:255])
    )
