"""Lifecycle events: sending one, and what arrived."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Annotated, Any, Self

from fastapi import APIRouter, Body, Query, Response
from pydantic import AwareDatetime, BaseModel, Field, JsonValue

from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged
from officeflow.api.paths import located
from officeflow.api.routes.workflows import Reason
from officeflow.api.routing import Route
from officeflow.api.shapes import JsonObject
from officeflow.database.tables import InboxEvent, Organization
from officeflow.errors import Unavailable
from officeflow.events import decisions, lookup, pages, sending, shown
from officeflow.events.inbox import Outcome, outcome
from officeflow.events.pages import EventFilter, EventLine
from officeflow.rights.permissions import Permission
from officeflow.runs import states_of_runs
from officeflow.statuses import EventStatus, RunStatus

router = APIRouter(tags=["events"], route_class=Route)
MOST_SECONDS = 30.0
EXAMPLE = {
    "specversion": "1.0",
    "id": "4711",
    "source": "hr.example",
    "type": "employee.onboard",
    "subject": "E1024",
    "time": "2026-03-02T09:00:00Z",
    "data": {"given_name": "Ana", "start_date": "2026-04-01"},
}


class RunOfEvent(BaseModel):
    dag_id: str
    dag_run_id: str
    run_id: uuid.UUID | None
    status: RunStatus | None = Field(None, description="null where the run's row is not there yet.")
    instead_of: str | None = Field(None, description="The run id that another run had taken.")


class Dispatched(BaseModel):
    status: EventStatus
    runs: list[RunOfEvent]
    problem: str | None = Field(description="What it waits for, or what did not start.")


class Sent(BaseModel):
    event_id: str
    source: str
    correlation_id: str
    topic: str
    outcome: Dispatched | None = Field(description="null where it was not dispatched within `wait`.")


class EventShown(BaseModel):
    inbox_id: uuid.UUID
    received: dt.datetime
    kind: str
    employee: str
    status: EventStatus
    runs: int
    problem: str | None
    event_id: str
    source: str
    event_time: dt.datetime
    correlation_id: str
    release_id: uuid.UUID | None = Field(description="The release of the mass that it is part of.")

    @classmethod
    def of(cls, event: EventLine) -> Self:
        return cls(**_line(event))


class WholeEvent(EventShown):
    payload: JsonObject = Field(description="Without sensitive fields.")
    sensitive_fields: list[str] = Field(description="Their names.")
    started: list[RunOfEvent]
    attempts: int
    dispatched: dt.datetime | None


class Redispatched(BaseModel):
    inbox_id: uuid.UUID


@router.post("/organizations/{org}/events", status_code=202)
def send_event(
    event: Annotated[
        dict[str, JsonValue],
        Body(
            description="A CloudEvent as JSON, or the bare event.",
            openapi_examples={"joiner": {"value": EXAMPLE}},
        ),
    ],
    response: Response,
    caller: Annotated[Caller, Needs(Permission.EVENT_SEND)],
    wait: Annotated[
        float, Query(ge=0, le=MOST_SECONDS, description="Seconds to wait until it is dispatched.")
    ] = 0.0,
) -> Sent:
    """Send a lifecycle event, checked as the listener will check it. 202: Kafka has it. Under the same id and
    source it counts once, however often it is sent.
    """
    context = caller.context
    with caller.of_tenant() as session:
        target = sending.Target.of(session.get_one(Organization, caller.tenant_id))
    body = json.dumps(_correlated(event, caller.request_id)).encode()
    checked = sending.check(context.database, context.clock, context.settings, body, target)
    sending.send(context.database, context.clock, context.producer, checked, by=caller.actor)
    told = _awaited(caller, checked, wait) if wait else None
    response.headers["Location"] = located(
        caller.org, "inbox", "outcome", event_id=checked.event.id, source=checked.event.source
    )
    return Sent(
        event_id=checked.event.id,
        source=checked.event.source,
        correlation_id=checked.event.correlation_id,
        topic=checked.message.topic,
        outcome=told,
    )


@router.get("/organizations/{org}/inbox")
def list_events(
    caller: Annotated[Caller, Needs(Permission.EVENT_READ)],
    wanted: Paged,
    *,
    status: EventStatus | None = None,
    kind: Annotated[str | None, Query(max_length=100)] = None,
    employee: Annotated[str | None, Query(max_length=255)] = None,
    since: Annotated[AwareDatetime | None, Query(description="Received then or later.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Received before.")] = None,
    problem: Annotated[bool, Query(description="Those that wait or started less than they should.")] = False,
) -> Listed[EventShown]:
    """What arrived; the newest first."""
    asked = EventFilter(
        status=status, kind=kind, employee=employee, since=since, until=until, problem=problem
    )
    with caller.of_tenant() as session:
        page = pages.events(session, caller.tenant_id, wanted, asked)
    return Listed(items=[EventShown.of(each) for each in page.rows], next=page.next)


@router.get("/organizations/{org}/inbox/outcome")
def get_outcome(
    caller: Annotated[Caller, Needs(Permission.EVENT_READ)],
    event_id: Annotated[str, Query(max_length=255)],
    source: Annotated[str, Query(max_length=255)],
) -> Dispatched | None:
    """What came of an event, by the id that its source gave it; null where it has not arrived."""
    with caller.of_tenant() as session:
        found = outcome(session, caller.tenant_id, event_id, source=source)
    return None if found is None else _dispatched(caller, found)


@router.get("/organizations/{org}/inbox/{event}")
def get_event(event: uuid.UUID, caller: Annotated[Caller, Needs(Permission.EVENT_READ)]) -> WholeEvent:
    """An event with its runs; of sensitive fields the names."""
    with caller.of_tenant() as session:
        found = lookup.event(session, caller.tenant_id, str(event))
        whole = shown.whole_to_json(found)
    return WholeEvent.model_validate(
        {
            **_line(found),
            **{name: whole[name] for name in ("payload", "sensitive_fields", "attempts", "dispatched")},
            "started": _runs(caller, whole["runs"]),
        }
    )


@router.post("/organizations/{org}/inbox/{event}/replay", status_code=202)
def replay_event(
    event: uuid.UUID, asked: Reason, caller: Annotated[Caller, Needs(Permission.EVENT_CORRECT)]
) -> Redispatched:
    """Match and dispatch an event once more. A run that exists already stays the only one for its event and
    workflow.
    """
    with caller.of_tenant() as session:
        found = lookup.event(session, caller.tenant_id, str(event))
    context = caller.context
    decisions.replay(
        context.database,
        context.clock,
        context.settings,
        str(found.inbox_id),
        why=asked.why,
        by=caller.actor,
        org_id=caller.tenant_id,
    )
    return Redispatched(inbox_id=found.inbox_id)


def _correlated(event: dict[str, Any], request_id: str) -> dict[str, Any]:
    """A CloudEvent that names no correlation id has the request's."""
    if "specversion" not in event or event.get("correlationid") or not request_id:
        return event
    return {**event, "correlationid": request_id}


def _awaited(caller: Caller, checked: sending.Checked, seconds: float) -> Dispatched | None:
    try:
        found = sending.dispatched(caller.context.database, checked, timeout=seconds)
    except Unavailable:
        return None
    return _dispatched(caller, found)


def _dispatched(caller: Caller, found: Outcome) -> Dispatched:
    return Dispatched(status=found.status, runs=_runs(caller, found.runs), problem=found.problem)


def _runs(caller: Caller, entries: Any) -> list[RunOfEvent]:
    ids = [uuid.UUID(each["run_id"]) for each in entries if each.get("run_id")]
    with caller.of_tenant() as session:
        statuses = states_of_runs.of(session, ids)
    return [
        RunOfEvent.model_validate({**each, "status": statuses.get(uuid.UUID(each["run_id"]))})
        for each in entries
    ]


def _line(event: InboxEvent | EventLine) -> dict[str, Any]:
    return {
        "inbox_id": event.inbox_id,
        "received": event.received_at,
        "kind": event.kind,
        "employee": event.employee_key,
        "status": event.status,
        "runs": len(event.runs),
        "problem": event.last_error,
        "event_id": event.event_id,
        "source": event.source,
        "event_time": event.event_time,
        "correlation_id": event.correlation_id,
        "release_id": event.release_id,
    }
