"""A request as people and programs read it; nothing that was filled in and is private is in it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, bindparam, literal, or_, select
from sqlalchemy.orm import Session

from officeflow.database.tables import HumanAssignment, HumanRequest, WorkflowRun
from officeflow.errors import AlreadyAnswered, RequestWithdrawn
from officeflow.people import answers, holding, requests, rows
from officeflow.people.holding import Held, Holder
from officeflow.people.rows import AnyRun, Request, RunEnd
from officeflow.people.telling import answerer_of
from officeflow.sdk import form
from officeflow.statuses import AssignmentState, RequestState

HIDDEN = "***"


def as_json(session: Session, request: HumanRequest, *, now: dt.datetime) -> dict[str, Any]:
    """All of it: the question, the rule and how far it is, each who is asked with what they said, and the
    answers that did not count.
    """
    whole = requests.seats(session, request)
    held = holding.of_request(session, request, now=now)
    run = requests.run_of(session, request)
    yes, needed = answers.progress(request, whole)
    open_seats = {each.seat.assignment_id: each for each in held.holders}
    private = form.private_fields(request.form or {})
    people = [_person(held, each, open_seats.get(each.assignment_id), private) for each in whole]
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


def in_words(held: Held) -> str:
    """Whom it waits for and how far it is, in a line: `al@a.example, bo@a.example for cy@a.example; 1 of 2
    have said yes`.
    """
    request = held.request
    if not request.asked:
        return "whoever may change the run in Airflow"
    waits_for = [
        each.user.email if not each.hops else f"{each.user.email} for {each.asked.email}"
        for each in held.holders
    ]
    if not waits_for:
        why = "; ".join(request.unasked) or "nobody is asked"
        return f"nobody, so it cannot go on: {why}"
    yes, needed = answers.progress(request, held.seats)
    far = f"; {yes} of {needed} have said yes" if needed > 1 else ""
    return ", ".join(waits_for) + far


def ended_in_words(held: Held, run: AnyRun) -> str:
    """By whom and when it was answered, or why it needs no answer any more; "" while it is open. `run` is the
    request's.
    """
    try:
        requests.refuse_ended(held, run)
    except (AlreadyAnswered, RequestWithdrawn) as ended:
        return ended.message
    return ""


def newest_of_runs(
    session: Session, run_ids: Collection[uuid.UUID]
) -> Mapping[tuple[uuid.UUID, str, int], tuple[Request, RunEnd]]:
    """The newest requests of these runs, whatever became of them, by run, Airflow task id and map index."""
    width = len(Request._fields)
    there = session.execute(_of_runs(), {"run_ids": list(run_ids)})
    found = [(Request._make(row[:width]), RunEnd._make(row[width:])) for row in there]
    return {(each.run_id, each.node_key, each.map_index): (each, run) for each, run in found}


@cache
def _of_runs() -> Select[*tuple[Any, ...]]:
    query = rows.requests().add_columns(*rows.columns(WorkflowRun, RunEnd))
    query = query.where(HumanRequest.run_id == any_(bindparam("run_ids", type_=ARRAY(Uuid))))
    return query.order_by(HumanRequest.generation, HumanRequest.attempt)


def every(session: Session, org_id: uuid.UUID, *, most: int = 100) -> Sequence[Request]:
    """The organization's open requests, the oldest first."""
    return _first(session, _open_of(org_id).order_by(HumanRequest.created_at), most)


def asked_of(
    session: Session, org_id: uuid.UUID, user_id: uuid.UUID, others: Collection[uuid.UUID], *, most: int = 100
) -> Sequence[Request]:
    """As `every`, of those that the user is asked, before those that one of the others is."""
    own = _asks([user_id])
    query = _open_of(org_id).where(or_(own, _asks(others)))
    return _first(session, query.order_by(own.desc(), HumanRequest.created_at), most)


def _open_of(org_id: uuid.UUID) -> Select[*tuple[Any, ...]]:
    return rows.requests().where(HumanRequest.org_id == org_id, HumanRequest.state == RequestState.OPEN)


def _first(session: Session, query: Select[*tuple[Any, ...]], most: int) -> Sequence[Request]:
    return [Request._make(row) for row in session.execute(query.limit(most))]


def _asks(user_ids: Collection[uuid.UUID]) -> ColumnElement[bool]:
    """Whether one of them has not answered yet."""
    seats = select(HumanAssignment.request_id).where(
        HumanAssignment.user_id == any_(literal(list(user_ids), ARRAY(Uuid))),
        HumanAssignment.state == AssignmentState.OPEN,
    )
    return HumanRequest.request_id.in_(seats)


def _person(
    held: Held, each: HumanAssignment, holder: Holder | None, private: Collection[str]
) -> dict[str, Any]:
    user = held.people.get(each.user_id) if each.user_id else None
    said = {name: HIDDEN if name in private else value for name, value in (each.answer or {}).items()}
    return {
        "user": user.email if user else "",
        "name": user.name if user else each.login,
        "why": holder.why if holder else each.why,
        "answers_now": holder.user.email if holder else "",
        "state": each.state.value,
        "by": answerer_of(each, held.people) if each.state == AssignmentState.ANSWERED else "",
        "choice": each.choice,
        "reason": each.reason,
        "values": said,
        "at": _moment(each.answered_at),
        "door": each.door,
    }


def _moment(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None
