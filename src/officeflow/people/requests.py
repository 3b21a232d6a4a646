"""What people are asked: opened once, given to others, escalated, ended."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from officeflow.audit.actions import AuditAction
from officeflow.database.tables import HumanAssignment, HumanRequest, User, WorkflowRun
from officeflow.errors import AlreadyAnswered, AnswerRefused, NotAsked, NotKnown, RequestWithdrawn
from officeflow.ids import NAMESPACE, new_id
from officeflow.owners import owned
from officeflow.people import barred, holding
from officeflow.people.assigning import Assigned, Seat, assign
from officeflow.people.holding import Held, Holder
from officeflow.people.rows import AnyRun
from officeflow.people.telling import answerer, answerer_of, record, why_withdrawn
from officeflow.sdk import Question
from officeflow.statuses import AssignmentState, DecisionRule, RequestKind, RequestState
from officeflow.tenants import ownership, users


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The act that asks. `node` is the Airflow task id, `act_key` the id under which the ledger has the act.

    `resuming`: an earlier attempt of it left no end, so its question is this one's.
    """

    run_id: uuid.UUID
    node: str
    act_key: str
    map_index: int = -1
    generation: int = 1
    attempt: int = 1
    resuming: bool = False
    anew: bool = True
    """Whether its task begins from the start, rather than goes on after an answer."""

    @property
    def request_id(self) -> uuid.UUID:
        return uuid.uuid5(
            NAMESPACE,
            f"request:{self.run_id}:{self.act_key}:{self.map_index}:{self.generation}:{self.attempt}",
        )


def ask(session: Session, place: Place, question: Question, *, now: dt.datetime) -> HumanRequest:
    """The request of this act, opened where there is none yet; who is asked is looked for again while nobody
    is. The run's row must exist. The row stays locked until the transaction ends.
    """
    found = _of_act(session, place)
    if found is None:
        found = _open(session, place, question, now)
    found.attempt = place.attempt
    ended_for_nothing = found.state == RequestState.WITHDRAWN or (
        found.state == RequestState.EXPIRED and not found.decision and place.anew
    )
    if ended_for_nothing:
        _open_again(session, found, question, now)
    if found.state == RequestState.OPEN and found.asked and not seats(session, found):
        seat(session, found, found.asked, now=now)
    return found


def find(session: Session, request_id: uuid.UUID) -> HumanRequest:
    """`NotKnown` where the session sees none."""
    found = session.get(HumanRequest, request_id)
    if found is None:
        raise NotKnown(f"there is no request {request_id}")
    return found


def locked(session: Session, request_id: uuid.UUID) -> HumanRequest:
    """As `find`, as it is now, and no other transaction changes it before this one ends."""
    query = select(HumanRequest).where(HumanRequest.request_id == request_id).with_for_update()
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotKnown(f"there is no request {request_id}")
    return found


def open_at(session: Session, run_id: uuid.UUID, node: str, map_index: int = -1) -> HumanRequest | None:
    """The newest request of this Airflow task, where it is open; a service's session sees it too."""
    found = newest_at(session, run_id, node, map_index)
    return found if found is not None and found.state == RequestState.OPEN else None


def newest_at(session: Session, run_id: uuid.UUID, node: str, map_index: int = -1) -> HumanRequest | None:
    """The newest request of this Airflow task, whatever became of it."""
    query = select(HumanRequest).where(
        HumanRequest.run_id == run_id, HumanRequest.node_key == node, HumanRequest.map_index == map_index
    )
    newest = query.order_by(HumanRequest.generation.desc(), HumanRequest.attempt.desc()).limit(1)
    return session.scalar(newest)


def run_of(session: Session, request: HumanRequest) -> WorkflowRun:
    return session.get_one(WorkflowRun, request.run_id)


def seats(session: Session, request: HumanRequest) -> Sequence[HumanAssignment]:
    """Who is asked, and has answered, in the order in which they were asked."""
    query = select(HumanAssignment).where(HumanAssignment.request_id == request.request_id)
    return session.scalars(query.order_by(HumanAssignment.created_at, HumanAssignment.assignment_id)).all()


def holders(session: Session, request: HumanRequest, *, now: dt.datetime) -> Sequence[Holder]:
    """Who may answer now and has not: whom to tell of it."""
    return holding.of_request(session, request, now=now).holders


def seat(
    session: Session, request: HumanRequest, asked: Sequence[Mapping[str, Any]], *, now: dt.datetime
) -> Assigned:
    """Ask those whom `asked` names, beside who is asked already; why others are not is kept with it."""
    run = run_of(session, request)
    found = assign(session, run, asked, barred.of_run(session, run))
    there = {each.user_id for each in seats(session, request)}
    for each in found.seats:
        if each.user.user_id not in there:
            _add(session, request, each, now)
    request.unasked = list(found.unasked)
    session.flush()
    return found


def escalate(session: Session, request: HumanRequest, *, now: dt.datetime) -> Assigned:
    """Ask those, too, to whom it escalates: once. By the rule `all` they take the place of those who have
    not answered. Nothing for a request that is not open, or was escalated before.
    """
    request = locked(session, request.request_id)
    if request.state != RequestState.OPEN or request.escalated_at is not None or not request.escalate_to:
        return Assigned()
    before = [each for each in seats(session, request) if each.state == AssignmentState.OPEN]
    found = seat(session, request, request.escalate_to, now=now)
    request.escalated_at, request.escalate_at = now, None
    new = {each.user.user_id for each in found.seats}
    if request.rule == DecisionRule.ALL and found.seats:
        for each in before:
            if each.user_id not in new:
                each.state = AssignmentState.WITHDRAWN
    record(
        session,
        request,
        AuditAction.REQUEST_ESCALATED,
        by="service:people",
        details={"to": [each.user.email for each in found.seats], "unasked": list(found.unasked)},
    )
    return found


def reassign(
    session: Session,
    request_id: uuid.UUID,
    *,
    to_email: str,
    from_email: str = "",
    by: str,
    why: str,
    now: dt.datetime,
) -> HumanAssignment:
    """Somebody else is asked in the place of `from_email`, or beside the others where that is "".

    Whether `by` may do so is the caller's to know. `NotKnown` for who is no user; `NotAsked` where
    `from_email` is not asked; `AlreadyAnswered`, `RequestWithdrawn`, and what bars `to_email`.
    """
    request = locked(session, request_id)
    refuse_unless_open(session, request)
    taker = users.find(session, request.org_id, to_email)
    if not taker.is_active:
        raise NotAsked(f"{taker.email} is no active user any more")
    if said := barred.of_run(session, run_of(session, request)).why(taker):
        raise _barred_for(session, request, taker, said)
    there = seats(session, request)
    if any(each.user_id == taker.user_id and each.state != AssignmentState.WITHDRAWN for each in there):
        raise NotAsked(f"{taker.email} is asked already")
    if from_email:
        _give_up(session, there, users.find(session, request.org_id, from_email))
    given = _renewed(there, taker) or _add(session, request, Seat(taker, ""), now)
    given.why = f"in the place of {from_email}, by {by}"[:255] if from_email else f"asked by {by}"[:255]
    request.asked = request.asked or [{"user": taker.email}]
    details = {"from": from_email, "to": taker.email, "why": why}
    record(session, request, AuditAction.REQUEST_REASSIGNED, by=by, details=details)
    session.flush()
    return given


def expire(session: Session, request: HumanRequest, *, now: dt.datetime) -> HumanRequest:
    """End it where it is open and its deadline has passed: its default is then the decision.

    Where nobody could be asked there was nobody to answer, and no default is taken.
    """
    request = locked(session, request.request_id)
    if request.state != RequestState.OPEN or request.deadline is None or now < request.deadline:
        return request
    was_asked = not request.asked or bool(seats(session, request))
    request.state, request.decided_at = RequestState.EXPIRED, now
    request.decision = request.default_choice if was_asked else ""
    close_seats(session, request)
    details = {"decision": request.decision, "unasked": list(request.unasked)}
    record(session, request, AuditAction.REQUEST_EXPIRED, by="service:people", details=details)
    session.flush()
    return request


def withdraw_of_run(
    session: Session, run_id: uuid.UUID, why: str, *, by: str = "service:people", now: dt.datetime
) -> int:
    """No one need answer any more: for a run that has ended. Returns how many requests were open."""
    query = select(HumanRequest).where(HumanRequest.run_id == run_id, HumanRequest.state == RequestState.OPEN)
    found = session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    withdraw(session, found, why, by=by, now=now)
    return len(found)


def withdraw(
    session: Session, open_ones: Sequence[HumanRequest], why: str, *, by: str, now: dt.datetime
) -> None:
    """No one need answer these any more."""
    for request in open_ones:
        request.state, request.decided_at = RequestState.WITHDRAWN, now
        close_seats(session, request)
        record(session, request, AuditAction.REQUEST_WITHDRAWN, by=by, details={"why": why})
    session.flush()


def refuse_unless_open(session: Session, request: HumanRequest) -> None:
    """`AlreadyAnswered` says by whom and when; `RequestWithdrawn`."""
    if request.state != RequestState.OPEN:
        refuse_ended(holding.of_ended(session, request), run_of(session, request))


def refuse_ended(held: Held, run: AnyRun) -> None:
    """As `refuse_unless_open`; `run` is the request's."""
    request = held.request
    if request.state == RequestState.OPEN:
        return
    if request.state == RequestState.WITHDRAWN:
        raise RequestWithdrawn(why_withdrawn(run))
    at = request.decided_at.isoformat(timespec="seconds") if request.decided_at else ""
    said = [each for each in held.seats if each.state == AssignmentState.ANSWERED]
    who = ", ".join(answerer_of(each, held.people) for each in said)
    if request.state == RequestState.EXPIRED:
        what = f"taken as {request.decision}" if request.decision else "without a decision"
        raise AlreadyAnswered(f"its time was over at {at}, {what}", by=who, at=request.decided_at)
    raise AlreadyAnswered(f"already answered by {who} at {at}", by=who, at=request.decided_at)


def _of_act(session: Session, place: Place) -> HumanRequest | None:
    query = select(HumanRequest).where(
        HumanRequest.run_id == place.run_id,
        HumanRequest.node_key == place.node,
        HumanRequest.map_index == place.map_index,
        HumanRequest.generation == place.generation,
    )
    newest = query.order_by(HumanRequest.attempt.desc()).limit(1).with_for_update()
    found = session.scalar(newest.execution_options(populate_existing=True))
    if found is None or found.attempt == place.attempt or place.resuming:
        return found
    return None


def _open(session: Session, place: Place, question: Question, now: dt.datetime) -> HumanRequest:
    if question.kind is None:
        raise ValueError("a question without a kind is not kept")
    run = session.get_one(WorkflowRun, place.run_id)
    after, its_owner = question.escalate_after, ownership.of_run(session, place.run_id)
    request = HumanRequest(
        request_id=place.request_id,
        org_id=run.org_id,
        run_id=place.run_id,
        node_key=place.node,
        map_index=place.map_index,
        generation=place.generation,
        attempt=place.attempt,
        kind=RequestKind(question.kind),
        subject=question.subject[:200],
        body=owned(its_owner, question.body),
        options=list(question.options),
        reasons=list(question.reasons),
        rule=question.rule,
        needed=question.needed,
        asked=[dict(each) for each in question.asked],
        form=owned(its_owner, dict(question.form) if question.form is not None else None),
        deadline=now + question.timeout if question.timeout is not None else None,
        default_choice=question.default or "",
        due_at=question.due,
        escalate_at=now + after if after is not None else None,
        escalate_to=[dict(each) for each in question.escalate_to],
        unasked=[],
        not_counted=[],
        state=RequestState.OPEN,
        created_at=now,
    )
    request.remind_at = _remind_at(request, question)
    session.add(request)
    session.flush()
    found = seat(session, request, request.asked, now=now)
    if request.asked and not found.seats and request.escalate_to:
        unasked = request.unasked
        found = escalate(session, request, now=now)
        request.unasked = [*unasked, *request.unasked]
    names = [each.user.email for each in found.seats]
    details = {"asked": names, "unasked": list(request.unasked), "rule": request.rule.value}
    record(session, request, AuditAction.REQUEST_OPENED, by="service:people", details=details)
    session.flush()
    return request


def _open_again(session: Session, request: HumanRequest, question: Question, now: dt.datetime) -> None:
    """Its run goes on after all, or its task was cleared when its time was over."""
    request.state, request.decision, request.decided_at = RequestState.OPEN, "", None
    request.told_airflow_at = None
    request.deadline = now + question.timeout if question.timeout is not None else None
    request.remind_at = _remind_at(request, question)
    for each in seats(session, request):
        if each.state == AssignmentState.WITHDRAWN:
            each.state = AssignmentState.OPEN
    record(session, request, AuditAction.REQUEST_OPENED, by="service:people", details={"again": True})
    session.flush()


def _remind_at(request: HumanRequest, question: Question) -> dt.datetime | None:
    ends, before = request.deadline or request.due_at, question.remind_before
    return ends - before if ends is not None and before is not None else None


def _add(session: Session, request: HumanRequest, new: Seat, now: dt.datetime) -> HumanAssignment:
    made = HumanAssignment(
        assignment_id=new_id(),
        org_id=request.org_id,
        request_id=request.request_id,
        user_id=new.user.user_id,
        why=new.why,
        state=AssignmentState.OPEN,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def _renewed(there: Sequence[HumanAssignment], taker: User) -> HumanAssignment | None:
    for each in there:
        if each.user_id == taker.user_id:
            each.state, each.mailed_at, each.mail_problem = AssignmentState.OPEN, None, ""
            return each
    return None


def _give_up(session: Session, there: Sequence[HumanAssignment], giver: User) -> None:
    for each in there:
        if each.user_id == giver.user_id and each.state == AssignmentState.ANSWERED:
            at = each.answered_at.isoformat(timespec="seconds") if each.answered_at else ""
            who = answerer(session, each)
            raise AlreadyAnswered(f"already answered by {who} at {at}", by=who, at=each.answered_at)
        if each.user_id == giver.user_id and each.state == AssignmentState.OPEN:
            each.state = AssignmentState.WITHDRAWN
            return
    raise NotAsked(f"{giver.email} is not asked")


def _barred_for(session: Session, request: HumanRequest, taker: User, said: str) -> AnswerRefused:
    refusal = barred.of_run(session, run_of(session, request)).refusal(taker)
    return type(refusal or NotAsked(""))(f"{said}: somebody else has to answer")


def close_seats(session: Session, request: HumanRequest) -> None:
    open_seats = update(HumanAssignment).where(
        HumanAssignment.request_id == request.request_id, HumanAssignment.state == AssignmentState.OPEN
    )
    session.execute(open_seats.values(state=AssignmentState.WITHDRAWN))
