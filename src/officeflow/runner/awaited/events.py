"""A node that waits for an event."""

from __future__ import annotations

import datetime as dt
from typing import Any

from officeflow.database.tables import InboxEvent, WorkflowRun
from officeflow.errors import EventNeeded, InvalidExpression
from officeflow.expressions.cel import compile_expression
from officeflow.ids import event_wait_id
from officeflow.runner.course import Course
from officeflow.runner.prepare import Prepared
from officeflow.runs.acts import Attempt
from officeflow.sdk import AwaitedEvent, CameEvent, NothingCame
from officeflow.waiting import events
from officeflow.waiting.events import Looked, Wait

SOON = dt.timedelta(seconds=2)
"""When it is looked again for an event that has arrived and is being dispatched."""


def come(
    course: Course, prepared: Prepared, attempt: Attempt, needed: EventNeeded
) -> CameEvent | NothingCame | None:
    """The wait is committed before the inbox is looked into: an event that comes in between is found by
    whoever dispatches it.
    """
    awaited, run = needed.event, prepared.request.run
    if not isinstance(awaited, AwaitedEvent):
        raise TypeError("EventNeeded wants an AwaitedEvent")
    database, now = course.services.database, course.services.clock.now()
    wait_id = event_wait_id(attempt.key)
    bindings = _bindings(awaited.match, prepared)
    with database.tenant(run.org_id) as session:
        began = session.get_one(WorkflowRun, run.run_id).started_at
        wait = Wait(
            wait_id=wait_id,
            org_id=run.org_id,
            run_id=run.run_id,
            node_key=course.given.node,
            map_index=course.given.map_index,
            generation=attempt.generation,
            kinds=awaited.kinds,
            employee=awaited.employee,
            expression=awaited.match,
            bindings=bindings,
            since=began,
            deadline=awaited.deadline,
        )
        events.note(session, wait)
    with database.tenant(run.org_id) as session:
        looked = events.look(session, wait_id, org=run.org, now=now)
    if looked.pending:
        raise EventNeeded(needed.message, until=min(needed.until, now + SOON, key=_ahead(now)), event=awaited)
    return _found(looked)


def _ahead(now: dt.datetime) -> Any:
    """Moments ahead before those that are past: an event that is being dispatched is waited for."""
    return lambda moment: (moment <= now, moment)


def _bindings(expression: str, prepared: Prepared) -> dict[str, Any]:
    if not expression:
        return {}
    names = compile_expression(expression).references.names - {"event"}
    return {name: prepared.values[name] for name in names if name in prepared.values}


def _found(looked: Looked) -> CameEvent | NothingCame | None:
    if looked.event is not None and looked.at is not None:
        return _came(looked.event, looked.at)
    if looked.error:
        raise InvalidExpression(looked.error)
    if looked.ended and looked.at is not None:
        return NothingCame(at=looked.at)
    return None


def _came(event: InboxEvent, at: dt.datetime) -> CameEvent:
    return CameEvent(
        id=event.event_id,
        source=event.source,
        kind=event.kind,
        employee=event.employee_key,
        time=event.event_time,
        payload=event.payload,
        at=at,
    )
