"""What a mailed link shows, and the answer that is given by it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.database.tables import AnswerLink, HumanAssignment, HumanRequest, Organization, User
from officeflow.errors import AlreadyAnswered, NotAsked
from officeflow.people import answers, links, requests, telling
from officeflow.people.answers import Answered
from officeflow.statuses import AssignmentState, RequestKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is asked, of whom. Times are aware; `needs_reason` are options."""

    organization: str
    user: str
    why: str
    kind: RequestKind
    subject: str
    body: str
    options: tuple[str, ...]
    needs_reason: tuple[str, ...]
    form: Mapping[str, Any] | None
    deadline: dt.datetime | None
    due: dt.datetime | None
    expires_at: dt.datetime
    asked_at: dt.datetime


def look(database: Database, clock: Clock, token: str) -> Shown:
    """What the link asks. Changes nothing, however often it is called.

    `ForgedLink`, `EndedLink`, or one of the `AnswerRefused` where nothing is to be answered by it any more.
    """
    org_id = _organization(database, token)
    with database.tenant(org_id) as session:
        link = links.find(session, token)
        seat = session.get_one(HumanAssignment, link.assignment_id)
        request = requests.find(session, seat.request_id)
        _refuse_ended(session, request, seat)
        if link.used_at is not None or link.expires_at <= clock.now():
            raise links.ended(link, now=clock.now())
        return _shown(session, request, seat, link)


def answer(
    database: Database,
    clock: Clock,
    token: str,
    *,
    choice: str,
    reason: str = "",
    values: Mapping[str, Any] | None = None,
) -> Answered:
    """Take the answer, and use up the link. Where this raises, as `look` and `answers.answer`, the link is as
    it was.
    """
    org_id = _organization(database, token)
    with database.tenant(org_id) as session:
        seat = session.get_one(HumanAssignment, links.find(session, token).assignment_id)
        request = requests.locked(session, seat.request_id)
        session.refresh(seat)
        _refuse_ended(session, request, seat)
        link = links.use(session, token, now=clock.now())
        return answers.answer(
            session,
            request.request_id,
            choice=choice,
            door="link",
            now=clock.now(),
            user_id=link.user_id,
            reason=reason,
            values=values,
        )


def _organization(database: Database, token: str) -> uuid.UUID:
    links.checked(token)
    with database.service() as session:
        return links.find(session, token).org_id


def _refuse_ended(session: Session, request: HumanRequest, seat: HumanAssignment) -> None:
    if seat.state == AssignmentState.ANSWERED:
        who = telling.answerer(session, seat)
        at = seat.answered_at.isoformat(timespec="seconds") if seat.answered_at else ""
        raise AlreadyAnswered(f"already answered by {who} at {at}", by=who, at=seat.answered_at)
    requests.refuse_unless_open(session, request)
    if seat.state != AssignmentState.OPEN:
        raise NotAsked("it was given to somebody else, and you are asked no more")


def _shown(session: Session, request: HumanRequest, seat: HumanAssignment, link: AnswerLink) -> Shown:
    user = session.get_one(User, link.user_id)
    return Shown(
        organization=session.get_one(Organization, request.org_id).name,
        user=user.name,
        why=seat.why,
        kind=request.kind,
        subject=request.subject,
        body=request.body,
        options=tuple(request.options),
        needs_reason=tuple(request.reasons),
        form=request.form,
        deadline=request.deadline,
        due=request.due_at,
        expires_at=link.expires_at,
        asked_at=request.created_at,
    )
