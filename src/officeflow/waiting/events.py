"""Nodes that wait for an event: what each waits for, and which event has come for it.

An event is found by whichever is second. The wait is committed before its node looks into the inbox; an event
is in the inbox before the dispatcher looks for waits. An event that the dispatcher has at hand counts once it
is dispatched: until then the person's record may not have what it says.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from officeflow.database.tables import EventWait, InboxEvent
from officeflow.errors import InvalidExpression
from officeflow.expressions.cel import answers
from officeflow.owners import owned
from officeflow.statuses import UNDISPATCHED, EventStatus
from officeflow.tenants import ownership
from officeflow.waiting import wakes

AT_ONCE = 200
"""Events of the inbox that are read at once."""

GRACE = dt.timedelta(minutes=1)
"""How long after a deadline an event that arrived before it may still be dispatched and count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """`wait_id` is made of the act. `node_key` is the Airflow task that is to be woken. `bindings` are the
    names that the `expression` reads beside `event`, with their values.
    """

    wait_id: uuid.UUID
    org_id: uuid.UUID
    run_id: uuid.UUID
    node_key: str
    map_index: int
    generation: int
    kinds: Sequence[str]
    employee: str
    expression: str
    bindings: Mapping[str, Any]
    since: dt.datetime
    deadline: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Looked:
    """`event` has come; or nothing will (`ended`), because of `error` where there is one; or it may come, and
    one that arrived already (`pending`) is being dispatched.
    """

    event: InboxEvent | None = None
    at: dt.datetime | None = None
    ended: bool = False
    error: str = ""
    pending: bool = False


def note(session: Session, wait: Wait) -> None:
    """Note the wait, where it is not noted yet. To be committed before `look`; `session` is the
    organization's.
    """
    row = {
        "wait_id": wait.wait_id,
        "org_id": wait.org_id,
        "run_id": wait.run_id,
        "node_key": wait.node_key,
        "map_index": wait.map_index,
        "generation": wait.generation,
        "kinds": list(wait.kinds),
        "employee": wait.employee,
        "expression": wait.expression,
        "bindings": owned(ownership.of_run(session, wait.run_id), dict(wait.bindings) or None),
        "since": wait.since,
        "deadline": wait.deadline,
    }
    session.execute(insert(EventWait).on_conflict_do_nothing(), row)


def look(session: Session, wait_id: uuid.UUID, *, org: str, now: dt.datetime) -> Looked:
    """What has come of the wait by now, which is noted: what was found once stays so. `org` is the
    organization's slug.

    `InvalidExpression` and its kin never leave: an expression that cannot be evaluated on an event ends the
    wait. `EvaluatorStuck` says nothing about it.
    """
    wait = session.get_one(EventWait, wait_id, with_for_update=True)
    if wait.inbox_id is not None:
        return Looked(session.get_one(InboxEvent, wait.inbox_id), at=wait.matched_at)
    if wait.ended_at is not None and not _was_cut_short(wait):
        return _ended(wait)
    wait.ended_at = None
    for event in _arrived(session, wait):
        answer = _matches(wait, event, org)
        if isinstance(answer, InvalidExpression):
            wait.ended_at, wait.error_details = now, _error(event, answer)
            return _ended(wait)
        if answer:
            wait.inbox_id, wait.matched_at = event.inbox_id, now
            return Looked(event, at=now)
    pending = session.scalar(select(_of_wait(wait).where(_waits_to_be_dispatched()).exists())) or False
    if wait.deadline is not None and now >= wait.deadline + (GRACE if pending else dt.timedelta()):
        wait.ended_at = now
        return _ended(wait)
    return Looked(pending=pending)


def offer(session: Session, event: InboxEvent, values: Mapping[str, Any]) -> int:
    """Give the event to all who wait for it, and wake them; returns how many that are.

    `session` is the organization's, in the transaction in which the event becomes part of the person's
    record. `values` has the `event` as expressions see it. `EvaluatorStuck`: nothing can be said.
    """
    waits = session.scalars(_open_for(event)).all()
    found = 0
    for wait, answer in _judged(waits, values):
        if isinstance(answer, InvalidExpression):
            changes = {"ended_at": func.clock_timestamp(), "error_details": _error(event, answer)}
        elif answer:
            changes = {"inbox_id": event.inbox_id, "matched_at": func.clock_timestamp()}
        else:
            continue
        still_open = (EventWait.matched_at.is_(None), EventWait.ended_at.is_(None))
        taken = session.scalars(
            update(EventWait)
            .where(EventWait.wait_id == wait.wait_id, *still_open)
            .values(changes)
            .returning(EventWait.wait_id),
            execution_options={"synchronize_session": False},
        ).first()
        if taken is not None:
            found += 1
            cause = f"event {event.kind} {event.event_id}"
            wakes.wake(
                session, wait.org_id, wait.run_id, wait.node_key, map_index=wait.map_index, cause=cause
            )
    return found


def end_all(session: Session, run_id: uuid.UUID) -> None:
    """The run has ended: none of its nodes waits any more."""
    still_open = (EventWait.matched_at.is_(None), EventWait.ended_at.is_(None))
    session.execute(
        update(EventWait)
        .where(EventWait.run_id == run_id, *still_open)
        .values(ended_at=func.clock_timestamp()),
        execution_options={"synchronize_session": False},
    )


def shown(event: InboxEvent, org: str) -> dict[str, Any]:
    """The event as expressions see it: no sensitive field is in it."""
    return {
        "id": event.event_id,
        "source": event.source,
        "kind": event.kind,
        "org": org,
        "employee": event.employee_key,
        "time": event.event_time.isoformat(),
        "payload": event.payload,
    }


def _open_for(event: InboxEvent) -> Select[EventWait]:
    """Always in the same order: several dispatchers may change the same rows."""
    return (
        select(EventWait)
        .where(
            EventWait.org_id == event.org_id,
            EventWait.employee.in_(["", event.employee_key]),
            EventWait.matched_at.is_(None),
            EventWait.ended_at.is_(None),
            func.jsonb_exists(EventWait.kinds, event.kind),
            EventWait.since <= event.received_at,
            or_(EventWait.deadline.is_(None), EventWait.deadline >= event.received_at),
        )
        .order_by(EventWait.wait_id)
    )


def _judged(
    waits: Sequence[EventWait], values: Mapping[str, Any]
) -> Iterator[tuple[EventWait, bool | InvalidExpression]]:
    """Each wait, and whether the event is the one; those that read nothing but the event are asked about in
    one go.
    """
    alike = [wait for wait in waits if wait.expression and not wait.bindings]
    told = dict(
        zip(
            (wait.wait_id for wait in alike),
            answers([wait.expression for wait in alike], {"event": values["event"]}),
            strict=True,
        )
    )
    for wait in waits:
        if not wait.expression:
            yield wait, True
        elif wait.wait_id in told:
            yield wait, told[wait.wait_id]
        else:
            yield wait, answers([wait.expression], {**(wait.bindings or {}), "event": values["event"]})[0]


def _matches(wait: EventWait, event: InboxEvent, org: str) -> bool | InvalidExpression:
    if not wait.expression:
        return True
    values: dict[str, Any] = {**(wait.bindings or {}), "event": shown(event, org)}
    return answers([wait.expression], values)[0]


TAKEN = (EventStatus.DISPATCHED, EventStatus.IGNORED)


def _of_wait(wait: EventWait) -> Select[InboxEvent]:
    query = select(InboxEvent).where(
        InboxEvent.org_id == wait.org_id,
        InboxEvent.kind.in_(wait.kinds),
        InboxEvent.received_at >= wait.since,
    )
    if wait.employee:
        query = query.where(InboxEvent.employee_key == wait.employee)
    if wait.deadline is not None:
        query = query.where(InboxEvent.received_at <= wait.deadline)
    return query


def _waits_to_be_dispatched() -> ColumnElement[bool]:
    return InboxEvent.status.in_(UNDISPATCHED)


def _arrived(session: Session, wait: EventWait) -> Iterator[InboxEvent]:
    """Those that are dispatched, in the order in which they arrived."""
    query = _of_wait(wait).where(InboxEvent.status.in_(TAKEN)).order_by(InboxEvent.arrival).limit(AT_ONCE)
    last: int | None = None
    while events := session.scalars(query if last is None else query.where(InboxEvent.arrival > last)).all():
        yield from events
        last = events[-1].arrival
        if len(events) < AT_ONCE:
            return


def _was_cut_short(wait: EventWait) -> bool:
    """Its run had ended before that, and goes on after all."""
    in_time = wait.deadline is None or (wait.ended_at is not None and wait.ended_at < wait.deadline)
    return in_time and wait.error_details is None


def _ended(wait: EventWait) -> Looked:
    return Looked(at=wait.ended_at, ended=True, error=(wait.error_details or {}).get("message", ""))


def _error(event: InboxEvent, error: InvalidExpression) -> dict[str, Any]:
    where = f"{event.kind} {event.event_id} from {event.source}"
    problems = "; ".join(map(str, error.problems))
    told = f"{error.message}{f': {problems}' if problems else ''}"
    return {"code": error.code, "message": f"params.match, for the event {where}: {told}", "hint": error.hint}
