"""Figures for a dashboard. What several people look at is counted once in five seconds, beside them: what
they get is ten seconds old at most, and says when it was counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from officeflow.api import within
from officeflow.api.needs import Caller, Needs
from officeflow.api.routing import Route
from officeflow.events import figures as of_events
from officeflow.events import outbox
from officeflow.people import figures as of_people
from officeflow.rights.permissions import Permission
from officeflow.runs import figures as of_runs
from officeflow.runs.figures import MOST_DAYS, Days
from officeflow.statuses import EventStatus, RefusalReason, RequestKind, RunStatus
from officeflow.tenants import organizations

router = APIRouter(tags=["metrics"], route_class=Route)
Looking = Annotated[Caller, Needs(Permission.METRICS_READ)]
Figure = TypeVar("Figure")
Answer = TypeVar("Answer", bound=BaseModel)
METRICS = "/organizations/{org}/metrics"


class Within(BaseModel):
    first: dt.date | None = Field(None, description="The first day; null: 30 days before the last.")
    last: dt.date | None = Field(
        None, description=f"The last day, included; null: today. At most {MOST_DAYS} days."
    )


class OfDays(BaseModel, Generic[Figure]):
    """Figures of some days, by the calendar of the organization's time zone."""

    first: dt.date
    last: dt.date
    time_zone: str
    counted_at: dt.datetime
    items: list[Figure]


class OfNow(BaseModel, Generic[Figure]):
    counted_at: dt.datetime
    items: list[Figure]


class RunsOfDay(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    day: dt.date = Field(description="On which they were started.")
    status: RunStatus = Field(description="In which they are now.")
    runs: int


class OpenRuns(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    status: RunStatus
    runs: int
    oldest: dt.datetime


class Durations(BaseModel):
    """Of runs that ended on these days; seconds from start to end."""

    model_config = ConfigDict(from_attributes=True)

    dag_id: str
    status: RunStatus
    runs: int
    median: float
    p95: float
    longest: float


class Failed(BaseModel):
    """Nodes that failed for one reason, in runs that began on these days and failed."""

    model_config = ConfigDict(from_attributes=True)

    type: str
    code: str
    acted: bool = Field(description="false: they failed before they acted.")
    nodes: int
    newest: dt.datetime


class Questions(BaseModel):
    """Open questions to people, by age."""

    model_config = ConfigDict(from_attributes=True)

    kind: RequestKind
    open: int
    within_hour: int
    within_day: int
    within_week: int
    older: int
    overdue: int = Field(description="Tasks that should be done by now.")
    oldest: dt.datetime


class Came(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    day: dt.date
    status: EventStatus
    events: int


class Quarantined(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    day: dt.date
    reason: RefusalReason
    messages: int


class Events(OfDays[Came]):
    quarantined: list[Quarantined] = Field(
        description="Messages on the organization's topics that could not be taken."
    )


class Outbox(BaseModel):
    """Messages of the organization for Kafka."""

    counted_at: dt.datetime
    waiting: int
    oldest_seconds: float = Field(description="How long the oldest has waited; 0 where none does.")
    set_aside: int = Field(description="Kafka will never take them as they are.")


@router.get(f"{METRICS}/runs")
def runs_by_day(caller: Looking, query: Annotated[Within, Query()]) -> OfDays[RunsOfDay]:
    """Runs by the day of their start and the status that they are in now."""
    return _of_days(
        caller,
        "runs",
        query,
        lambda session, days: OfDays[RunsOfDay](
            **_frame(caller, days),
            items=_shown(RunsOfDay, of_runs.runs_by_day(session, within.org_of(caller), days)),
        ),
    )


@router.get(f"{METRICS}/open-runs")
def open_runs(caller: Looking) -> OfNow[OpenRuns]:
    """Runs that have not ended, whenever they began, by the status that is stored."""
    return _counted(
        caller,
        "open-runs",
        lambda session: OfNow[OpenRuns](
            counted_at=caller.context.clock.now(),
            items=_shown(OpenRuns, of_runs.open_runs(session, within.org_of(caller))),
        ),
    )


@router.get(f"{METRICS}/durations")
def durations(caller: Looking, query: Annotated[Within, Query()]) -> OfDays[Durations]:
    """Time from start to end, of each workflow's runs that ended on these days."""
    return _of_days(
        caller,
        "durations",
        query,
        lambda session, days: OfDays[Durations](
            **_frame(caller, days),
            items=_shown(Durations, of_runs.durations(session, within.org_of(caller), days)),
        ),
    )


@router.get(f"{METRICS}/failures")
def failures(caller: Looking, query: Annotated[Within, Query()]) -> OfDays[Failed]:
    """Failed nodes by node type and reason, of at most the 5,000 newest failed runs of these days."""
    return _of_days(
        caller,
        "failures",
        query,
        lambda session, days: OfDays[Failed](
            **_frame(caller, days),
            items=_shown(Failed, of_runs.failures(session, within.org_of(caller), days)),
        ),
    )


@router.get(f"{METRICS}/questions")
def open_questions(caller: Looking) -> OfNow[Questions]:
    """Open questions to people, and how old they are."""

    def count(session: Session) -> OfNow[Questions]:
        now = caller.context.clock.now()
        found = of_people.open_questions(session, within.org_of(caller), now=now)
        return OfNow[Questions](counted_at=now, items=_shown(Questions, found))

    return _counted(caller, "questions", count)


@router.get(f"{METRICS}/events")
def events_by_day(caller: Looking, query: Annotated[Within, Query()]) -> Events:
    """Lifecycle events that came in, and messages that could not be taken, by the day on which they did."""

    def count(session: Session, days: Days) -> Events:
        org_id = within.org_of(caller)
        came = of_events.came(session, org_id, holds=days.holds, day_of=days.of)
        refused = of_events.quarantined(session, org_id, holds=days.holds, day_of=days.of)
        return Events(
            **_frame(caller, days), items=_shown(Came, came), quarantined=_shown(Quarantined, refused)
        )

    return _of_days(caller, "events", query, count)


@router.get(f"{METRICS}/outbox")
def outbox_lag(caller: Looking) -> Outbox:
    """How far the relay to Kafka is behind."""

    def count(session: Session) -> Outbox:
        lag = outbox.lag(session)
        return Outbox(
            counted_at=caller.context.clock.now(),
            waiting=lag.waiting,
            oldest_seconds=lag.oldest_seconds,
            set_aside=lag.set_aside,
        )

    return _counted(caller, "outbox", count)


def _shown(kind: type[Answer], figures: Iterable[object]) -> list[Answer]:
    return [kind.model_validate(each) for each in figures]


def _counted(caller: Caller, what: str, count: Callable[[Session], Answer]) -> Answer:
    """What was counted a moment ago for the organization, or is now."""
    org_id = within.org_of(caller)

    def anew() -> Answer:
        with caller.context.database.tenant(org_id) as session:
            return count(session)

    return caller.context.counted.get((org_id, what), anew)


def _of_days(caller: Caller, what: str, query: Within, count: Callable[[Session, Days], Answer]) -> Answer:
    org_id, now = within.org_of(caller), caller.context.clock.now()

    def anew() -> Answer:
        with caller.context.database.tenant(org_id) as session:
            organization = organizations.find(session, caller.org)
            return count(session, of_runs.days(organization, query.first, query.last, now))

    return caller.context.counted.get((org_id, what, query.first, query.last), anew)


def _frame(caller: Caller, days: Days) -> dict[str, Any]:
    return {
        "first": days.first,
        "last": days.last,
        "time_zone": days.zone,
        "counted_at": caller.context.clock.now(),
    }
