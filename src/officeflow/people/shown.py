"""A request as people and programs read it; nothing that was filled in and is private is in it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.tables import HumanAssignment, HumanRequest, User, WorkflowRun
from officeflow.errors import AlreadyAnswered, RequestWithdrawn
from officeflow.people import answers, requests
from officeflow.people.telling import answerer
from officeflow.sdk import form
from officeflow.statuses import AssignmentState, RequestState

HIDDEN = "***"


def as_json(session: Session, request: HumanRequest, *, now: dt.datetime) -> dict[str, Any]:
    """All of it: the question, the rule and how far it is, each who is asked with what they said, and the
    answers that did not count.
    """
    run = requests.run_of(session, request)
    yes, needed = answers.progress(session, request)
    open_seats = {each.seat.assignment_id: each for each in requests.holders(session, request, now=now)}
    people = [
        _person(session, request, each, open_seats.get(each.assignment_id))
        for each in requests.seats(session, request)
    ]
    return {
        "request": str(request.request_id),
        "run": f"{run.dag_id}/{run.dag_run_id}",
        "node": request.node_key,
        "map_index": request.map_index,
        "kind": request.kind.value,
        "subject": request.subject,
        "body": request.body,
        "options": list(request.options),
        "reasons": list(request.reasons),
        "form": request.form,
        "rule": request.rule.value,
        "yes": yes,
        "needed": needed,
        "state": request.state.value,
        "decision": request.decision,
        "asked": people,
        "unasked": list(request.unasked),
        "not_counted": list(request.not_counted),
        "since": request.created_at.isoformat(),
        "deadline": _moment(request.deadline),
        "due": _moment(request.due_at),
        "default": request.default_choice,
        "escalates_at": _moment(request.escalate_at),
        "escalated_at": _moment(request.escalated_at),
        "decided_at": _moment(request.decided_at),
        "told_airflow_at": _moment(request.told_airflow_at),
    }


def in_words(session: Session, request: HumanRequest, *, now: dt.datetime) -> str:
    """Whom it waits for and how far it is, in a line: `al@a.example, bo@a.example for cy@a.example; 1 of 2
    have said yes`.
    """
    if not request.asked:
        return "whoever may change the run in Airflow"
    waits_for = [
        each.user.email if not each.hops else f"{each.user.email} for {each.asked.email}"
        for each in requests.holders(session, request, now=now)
    ]
    if not waits_for:
        why = "; ".join(request.unasked) or "nobody is asked"
        return f"nobody, so it cannot go on: {why}"
    yes, needed = answers.progress(session, request)
    far = f"; {yes} of {needed} have said yes" if needed > 1 else ""
    return ", ".join(waits_for) + far


def ended_in_words(session: Session, request: HumanRequest) -> str:
    """By whom and when it was answered, or why it needs no answer any more; "" while it is open."""
    try:
        requests.refuse_unless_open(session, request)
    except (AlreadyAnswered, RequestWithdrawn) as ended:
        return ended.message
    return ""


def newest_of_runs(
    session: Session, run_ids: Collection[uuid.UUID]
) -> Mapping[tuple[uuid.UUID, str, int], HumanRequest]:
    """The newest requests of these runs, whatever became of them, by run, Airflow task id and map index."""
    query = select(HumanRequest).where(HumanRequest.run_id.in_(run_ids))
    found = session.scalars(query.order_by(HumanRequest.generation, HumanRequest.attempt))
    return {(each.run_id, each.node_key, each.map_index): each for each in found}


def every(
    session: Session, org_id: uuid.UUID, *, user: User | None = None, most: int = 100
) -> Sequence[HumanRequest]:
    """The organization's open requests, the oldest first; with a user those that they are asked."""
    query = select(HumanRequest).where(HumanRequest.org_id == org_id, HumanRequest.state == RequestState.OPEN)
    if user is not None:
        mine = select(HumanAssignment.request_id).where(
            HumanAssignment.user_id == user.user_id, HumanAssignment.state == AssignmentState.OPEN
        )
        query = query.where(HumanRequest.request_id.in_(mine))
    query = query.join(WorkflowRun, WorkflowRun.run_id == HumanRequest.run_id)
    return session.scalars(query.order_by(HumanRequest.created_at).limit(most)).all()


def _person(
    session: Session, request: HumanRequest, each: HumanAssignment, holder: requests.Holder | None
) -> dict[str, Any]:
    user = session.get(User, each.user_id) if each.user_id else None
    private = form.private_fields(request.form or {})
    said = {name: HIDDEN if name in private else value for name, value in (each.answer or {}).items()}
    return {
        "user": user.email if user else "",
        "name": user.name if user else each.login,
        "why": holder.why if holder else each.why,
        "answers_now": holder.user.email if holder else "",
        "state": each.state.value,
        "by": answerer(session, each) if each.state == AssignmentState.ANSWERED else "",
        "choice": each.choice,
        "reason": each.reason,
        "values": said,
        "at": _moment(each.answered_at),
        "door": each.door,
    }


def _moment(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None
