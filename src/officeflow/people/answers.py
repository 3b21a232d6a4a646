"""An answer is taken once, or refused with the reason. Every door comes through here."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from officeflow.audit.actions import AuditAction
from officeflow.database.tables import HumanAssignment, HumanRequest, User
from officeflow.errors import (
    AlreadyAnswered,
    AnswersDoNotFit,
    NotAsked,
    PastDeadline,
    ReasonMissing,
    UnknownChoice,
)
from officeflow.ids import new_id
from officeflow.owners import owned
from officeflow.people import barred, delegations, due, requests, rules
from officeflow.people.rows import AnyRequest, AnySeat, Person
from officeflow.people.telling import answerer, name_of, record
from officeflow.program import typed
from officeflow.sdk import Decision, Said, form
from officeflow.statuses import AssignmentState, DecisionRule, RequestState
from officeflow.tenants import ownership, users

Door = Literal["airflow", "command", "api", "link"]

LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True)
class Answered:
    """`decided`: this answer was the one that decided; only then has Airflow to go on.

    `by` says who answered, for people: `bo for al`. `yes` of `needed` have said yes so far.
    """

    request: HumanRequest
    decided: bool
    by: str
    yes: int
    needed: int


def answer(
    session: Session,
    request_id: uuid.UUID,
    *,
    choice: str,
    door: Door,
    now: dt.datetime,
    login: str = "",
    user_id: uuid.UUID | None = None,
    reason: str = "",
    values: Mapping[str, Any] | None = None,
) -> Answered:
    """Take the answer of the user, or of the Airflow login, and decide where it decides.

    `choice` is one of the request's options; `values` is what was filled in. Two answers at once are taken
    one after the other. Nothing is changed where this raises: `NotKnown`, one of the `AnswerRefused`, or
    `AnswersDoNotFit`.
    """
    request = requests.locked(session, request_id)
    user = person(session, request, login=login, user_id=user_id)
    taken = checked(
        session, request, user, login=login, choice=choice, reason=reason, values=values, door=door, now=now
    )
    its_owner = ownership.of_run(session, request.run_id)
    said = taken.seats or [_seat_of_anybody(session, request, user, login, now)]
    for each in said:
        each.state, each.choice, each.reason = AssignmentState.ANSWERED, choice, reason.strip()
        each.answer = owned(its_owner, dict(taken.values) if taken.values else None)
        each.answered_at, each.door, each.login = now, door, login
        each.answered_by = user.user_id if user else None
    session.flush()
    by = answerer(session, said[0])
    details = {"by": by, "choice": choice, "reason": reason.strip(), "door": door}
    actor = _actor(user, login)
    record(session, request, AuditAction.REQUEST_ANSWERED, by=actor, details=details)
    decided = _decide(session, request, now=now, actor=actor)
    yes, needed = progress(request, requests.seats(session, request))
    return Answered(request, decided, by, yes, needed)


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer that counts: for which of those who are asked, and what was filled in, as the form has it."""

    seats: Sequence[HumanAssignment]
    values: Mapping[str, Any]


def checked(
    session: Session,
    request: HumanRequest,
    user: User | None,
    *,
    choice: str,
    now: dt.datetime,
    login: str = "",
    reason: str = "",
    values: Mapping[str, Any] | None = None,
    door: Door = "airflow",
) -> Checked:
    """Whether the answer would count, without taking it; raises as `answer`."""
    not_allowed = barred.of_run(session, requests.run_of(session, request))
    if (refusal := not_allowed.refusal(user, login)) is not None:
        raise refusal
    if request.asked and not requests.seats(session, request):
        requests.seat(session, request, request.asked, now=now)
    if user is not None and not user.is_active:
        raise NotAsked(f"{user.email} is no active user any more")
    found = _seats_for(session, request, _known(user, login), not_allowed, now) if request.asked else []
    requests.refuse_unless_open(session, request)
    if (over := due.passed_deadline(request, now)) is not None:
        raise PastDeadline(f"its time was over at {over.isoformat(timespec='seconds')}")
    _check_choice(request, choice, reason)
    return Checked(found, _filled(request, choice, values or {}, door))


def person(
    session: Session, request: HumanRequest, *, login: str = "", user_id: uuid.UUID | None = None
) -> User | None:
    """The user of the request's organization; by an Airflow login the one whose it is, or whose address it
    is. None where there is none.
    """
    if user_id is not None:
        return session.scalar(select(User).where(User.user_id == user_id, User.org_id == request.org_id))
    if not login:
        return None
    query = select(User).where(
        User.org_id == request.org_id,
        or_(User.airflow_login == login, func.lower(User.email) == login.lower()),
    )
    return session.scalar(query.order_by(User.is_active.desc(), User.airflow_login.nulls_last()).limit(1))


def progress(request: AnyRequest, there: Sequence[AnySeat]) -> tuple[int, int]:
    """How many have said yes, of how many who have to; `there` are the request's seats."""
    yes = sum(each.state == AssignmentState.ANSWERED and each.choice == request.options[0] for each in there)
    match request.rule:
        case DecisionRule.ALL:
            return yes, sum(each.state != AssignmentState.WITHDRAWN or bool(each.choice) for each in there)
        case DecisionRule.N:
            return yes, request.needed
        case _:
            return yes, 1


def decision(session: Session, request: HumanRequest) -> Decision | None:
    """What the answers come to; None while it is open, or was withdrawn."""
    if request.state not in {RequestState.DECIDED, RequestState.EXPIRED}:
        return None
    answered = [each for each in requests.seats(session, request) if each.state == AssignmentState.ANSWERED]
    answered.sort(key=lambda each: each.answered_at or each.created_at)
    filled = (each.answer for each in answered if each.choice == request.decision and each.answer)
    return Decision(
        chosen=request.decision,
        said=tuple(dict.fromkeys(_said(session, each) for each in answered)),
        values=next(filled, {}),
        at=request.decided_at,
        in_time=request.state == RequestState.DECIDED,
    )


def _said(session: Session, each: HumanAssignment) -> Said:
    asked = session.get(User, each.user_id) if each.user_id else None
    gave = session.get(User, each.answered_by) if each.answered_by else None
    return Said(
        by=name_of(gave) if gave else each.login,
        choice=each.choice,
        at=each.answered_at or each.created_at,
        stands_for=name_of(asked) if asked and gave and asked is not gave else "",
        reason=each.reason,
        door=each.door,
    )


def _decide(session: Session, request: HumanRequest, *, now: dt.datetime, actor: str) -> bool:
    there = requests.seats(session, request)
    answered = [each for each in there if each.state == AssignmentState.ANSWERED]
    answered.sort(key=lambda each: each.answered_at or each.created_at)
    remaining = sum(each.state == AssignmentState.OPEN for each in there)
    count = rules.Count([each.choice for each in answered], remaining)
    found = rules.decision(request.rule, request.needed, request.options, count)
    if not found:
        return False
    request.state, request.decision, request.decided_at = RequestState.DECIDED, found, now
    requests.close_seats(session, request)
    details = {"decision": found, "by": ", ".join(answerer(session, each) for each in answered)}
    record(session, request, AuditAction.REQUEST_DECIDED, by=actor, details=details)
    session.flush()
    return True


def _known(user: User | None, login: str) -> User:
    if user is None:
        raise NotAsked(
            f"{login or 'whoever this is'} is no user of the organization, and is not asked",
            hint=f"a user's Airflow login is given with `{typed('user create')}`",
        )
    return user


def _seats_for(
    session: Session, request: HumanRequest, user: User, not_allowed: barred.Barred, now: dt.datetime
) -> list[HumanAssignment]:
    """For which of those who are asked the user answers: by the rule `n` for one, so that each person counts
    once, else for all for whom they stand.
    """
    there = requests.seats(session, request)
    asked = users.by_id(session, [each.user_id for each in there if each.user_id])
    takers = delegations.stand_ins(session, asked, now.astimezone(dt.UTC).date())
    mine = [each for each in there if _holds(each, user, asked, takers, not_allowed)]
    answered = [each for each in there if each.state == AssignmentState.ANSWERED]
    if given := next((each for each in answered if each.answered_by == user.user_id), None):
        _refuse_second(session, given)
    held = [each for each in mine if each.state == AssignmentState.OPEN]
    held.sort(key=lambda each: each.user_id != user.user_id)
    if not held:
        if given := next((each for each in answered if each in mine), None):
            _refuse_second(session, given)
        if mine:
            requests.refuse_unless_open(session, request)
            raise NotAsked(f"it was given to somebody else, and {user.email} is asked no more")
        raise NotAsked(f"{user.email} is not asked", hint=_asked_in_words(session, there))
    return held[:1] if request.rule == DecisionRule.N else held


def _refuse_second(session: Session, given: HumanAssignment) -> None:
    at = given.answered_at.isoformat(timespec="seconds") if given.answered_at else ""
    who = answerer(session, given)
    raise AlreadyAnswered(f"already answered by {who} at {at}", by=who, at=given.answered_at)


def _holds(
    seat: HumanAssignment,
    user: User,
    asked: Mapping[uuid.UUID, User],
    takers: Mapping[uuid.UUID, Person],
    not_allowed: barred.Barred,
) -> bool:
    if seat.user_id is None:
        return False
    if seat.user_id == user.user_id:
        return True
    hops = delegations.chain(asked[seat.user_id], takers, not_allowed)
    return bool(hops) and hops[-1].user_id == user.user_id


def _asked_in_words(session: Session, there: Sequence[HumanAssignment]) -> str:
    names = sorted(
        session.get_one(User, each.user_id).email
        for each in there
        if each.user_id and each.state == AssignmentState.OPEN
    )
    return f"asked: {', '.join(names)}" if names else f"`{typed('approval show')}` says who was asked"


def _check_choice(request: HumanRequest, choice: str, reason: str) -> None:
    if choice not in request.options:
        raise UnknownChoice(f"{choice!r} is no answer to it", hint=f"one of {', '.join(request.options)}")
    if choice in request.reasons and not reason.strip():
        raise ReasonMissing(f"{choice} needs a reason", hint="say why, in a sentence")
    if len(reason) > LONGEST_REASON:
        raise ReasonMissing(f"the reason is longer than {LONGEST_REASON} characters")
    if "\0" in reason:
        raise ReasonMissing("the reason has the character NUL in it")


def _filled(request: HumanRequest, choice: str, values: Mapping[str, Any], door: Door) -> Mapping[str, Any]:
    if request.form is None or choice != request.options[0]:
        return {}
    private = form.private_fields(request.form)
    if door == "airflow" and private:
        named = ", ".join(sorted(private))
        raise AnswersDoNotFit(
            f"{named}: private matters are not filled in here, where others could read them",
            hint=f"answer by the mailed link or with `{typed('approval')}`",
        )
    filled = form.filled(request.form, values)
    if problems := form.problems(request.form, filled):
        raise AnswersDoNotFit("what was filled in does not fit the form", problems=problems)
    return filled


def _seat_of_anybody(
    session: Session, request: HumanRequest, user: User | None, login: str, now: dt.datetime
) -> HumanAssignment:
    """Where nobody in particular is asked, the answer has a row of its own."""
    made = HumanAssignment(
        assignment_id=new_id(),
        org_id=request.org_id,
        request_id=request.request_id,
        user_id=user.user_id if user else None,
        why="whoever may change the run in Airflow",
        login=login,
        created_at=now,
    )
    session.add(made)
    return made


def _actor(user: User | None, login: str) -> str:
    """One form for one person, whichever door they came through: that stands in the record's details."""
    known = login or (user.airflow_login if user else "")
    return f"airflow:{known}" if known else f"user:{user.email if user else ''}"
