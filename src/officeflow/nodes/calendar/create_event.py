"""`calendar.create_event`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from officeflow.connectors.families import Family
from officeflow.connectors.families.calendar import OWN_UID, KeepsEvents, Meeting
from officeflow.errors import Conflict, OutcomeUnknown
from officeflow.nodes.calendar._events import LOCAL_TIME, described
from officeflow.sdk import (
    CLOCK_SKEW,
    Act,
    BareAddress,
    Duration,
    Effect,
    FieldChange,
    Node,
    NodeOutput,
    NodeParams,
    NodeSpec,
    Planned,
    TextTemplate,
    TimeZoneName,
    creates,
    local_moment,
    no_change,
)


class Params(NodeParams):
    """The meeting. When: either `date`, `time` and `time_zone`, or `start` as one moment."""

    title: TextTemplate = Field(
        description="What it is about.", examples=["First day: {{ employee.given_name }}"], min_length=1
    )
    date: dt.date | None = Field(
        None, description="Day.", examples=["2026-12-01", "${{ event.payload.start_date }}"]
    )
    time: str | None = Field(
        None, description="Time of day in `time_zone`.", examples=["09:00"], pattern=LOCAL_TIME
    )
    start: dt.datetime | None = Field(
        None,
        description="The moment (RFC 3339), instead of date and time.",
        examples=["2026-12-01T09:00:00Z"],
    )
    time_zone: TimeZoneName = Field(
        "UTC", description="Zone that the meeting is held in.", examples=["Europe/Madrid"]
    )
    duration: Duration = Field(
        dt.timedelta(hours=1), description="How long: ISO 8601 or seconds.", examples=["PT30M"]
    )
    attendees: list[BareAddress] = Field(
        default_factory=list, description="E-mail addresses of those invited.", max_length=200
    )
    organizer: BareAddress | None = Field(
        None, description="E-mail address of who invites; the connection's where it is left out."
    )
    location: TextTemplate = Field("", description="Where.")
    description: TextTemplate = Field("", description="What else is to be said.")
    calendar: str | None = Field(
        None, description="Name or address of the calendar; the connection's where it is left out."
    )

    @model_validator(mode="after")
    def _has_a_time(self) -> Params:
        given = (self.start is not None, self.date is not None, self.time is not None)
        if given not in {(True, False, False), (False, True, True)}:
            raise ValueError("either start, or date and time, is needed")
        if self.duration <= dt.timedelta(0):
            raise ValueError("duration: a meeting takes some time")
        self.begins()
        return self

    def begins(self) -> dt.datetime:
        """The moment, in the meeting's zone. ValueError where clocks never show it."""
        if self.start is not None and self.start.tzinfo is not None:
            return self.start.astimezone(ZoneInfo(self.time_zone))
        wall = self.start or dt.datetime.combine(
            self.date or dt.date.min, dt.time.fromisoformat(self.time or "00:00")
        )
        return local_moment(wall, self.time_zone)


class Result(NodeOutput):
    """The event as the calendar has it."""

    uid: str = Field(
        description=(
            "The event's UID, made from the act's key where the calendar keeps it: what calendar.cancel_event"
            " wants."
        )
    )
    url: str | None = Field(description="Where the calendar server keeps it.")
    start: dt.datetime = Field(description="When it begins.")
    end: dt.datetime = Field(description="When it ends.")
    attendees: list[str] = Field(description="Those invited.")


class CreateEvent(Node[Params, KeepsEvents, Result]):
    """Put a meeting into a calendar, once, in the time zone that it is held in."""

    spec = NodeSpec(
        type="calendar.create_event",
        title="Create event",
        group="Calendar",
        effect=Effect.CHECK_THEN_ACT,
        family=Family.CALENDAR,
        undo="The meeting is cancelled, and those invited are told.",
        inverse="calendar.cancel_event",
        evidence="The event is read again, and begins and ends when it should.",
    )

    def perform(self, params: Params, provider: KeepsEvents, act: Act) -> Result:
        there = self.find(params, provider, act)
        if there is not None:
            return there
        meeting = provider.create_event(_meeting(params, act), calendar=params.calendar, key=act.key)
        act.changed(f"created {described(meeting)} at {provider.address}, UID {meeting.uid}")
        act.read_back(described(meeting))
        return _result(meeting, changed=True)

    def find(self, params: Params, provider: KeepsEvents, act: Act) -> Result | None:
        """The event of this act. One that is not as wished is a conflict: somebody moved it meanwhile."""
        meeting = provider.find_event(_uid(act), calendar=params.calendar)
        if meeting is None and act.resuming:
            meeting = _alike(params, provider, act)
        if meeting is None:
            act.found(f"no event with UID {_uid(act)} at {provider.address}")
            return None
        act.found(f"{described(meeting)} at {provider.address}")
        if meeting.cancelled or meeting.start != params.begins():
            raise Conflict(
                f"the event {meeting.uid} is there already, but {described(meeting)}",
                operation="create_event",
            )
        return _result(meeting, changed=True)

    def plan(self, params: Params, provider: KeepsEvents, act: Act) -> Sequence[Planned]:
        """The event that is created, and who is invited."""
        wished = _meeting(params, act)
        what = f"{described(wished)} at {provider.address}"
        if self.find(params, provider, act) is not None:
            return (no_change(what, "it is there already"),)
        told = {
            "attendees": list(wished.attendees),
            "location": wished.location,
            "description": wished.description,
        }
        return (
            creates(what, [FieldChange(field=name, after=value) for name, value in told.items() if value]),
        )

    def undo(self, params: Params, output: Result, provider: KeepsEvents, act: Act) -> None:
        meeting = provider.find_event(output.uid, calendar=params.calendar)
        if meeting is None:
            act.note(f"no event {output.uid} at {provider.address} any more: nothing is left to take back")
            return
        act.found(f"{described(meeting)} at {provider.address}")
        if meeting.cancelled:
            act.note("it is cancelled already")
            return
        after = provider.cancel_event(output.uid, calendar=params.calendar, key=act.key) or meeting
        act.changed(f"cancelled event {after.uid}")
        act.read_back(described(after))


def _alike(params: Params, provider: KeepsEvents, act: Act) -> Meeting | None:
    """The event that an earlier attempt left in a calendar which keeps no UID of ours: by the act's key, or
    else by time, title and people.

    One that only looks so counts where the calendar had said yes to the write; otherwise, or where there are
    several, a person decides.
    """
    alike = provider.find_like(_meeting(params, act), calendar=params.calendar)
    own = [meeting for meeting in alike if meeting.key == act.key]
    earliest = act.began_at - CLOCK_SKEW
    unknown = [m for m in alike if m.key is None and (m.created_at is None or m.created_at >= earliest)]
    if own or not unknown:
        return own[0] if own else None
    if len(unknown) > 1 or not act.taken:
        text = (
            f"{len(unknown)} events at {provider.address} may be what an earlier attempt created:"
            f" {', '.join(m.uid for m in unknown)}"
        )
        raise OutcomeUnknown(text, hint="the calendar keeps no UID of ours: nothing else tells")
    act.note(
        f"{provider.address} gave the event a UID of its own: it is known by its time, its title and those"
        " invited"
    )
    return unknown[0]


def _uid(act: Act) -> str:
    return f"{OWN_UID}{act.key}"


def _meeting(params: Params, act: Act) -> Meeting:
    start = params.begins()
    end = (start.astimezone(dt.UTC) + params.duration).astimezone(start.tzinfo)
    return Meeting(
        uid=_uid(act),
        title=" ".join(params.title.split()),
        start=start,
        end=end,
        attendees=tuple(params.attendees),
        organizer=params.organizer,
        location=params.location.strip() or None,
        description=params.description.strip() or None,
    )


def _result(meeting: Meeting, *, changed: bool) -> Result:
    return Result(
        changed=changed,
        uid=meeting.uid,
        url=meeting.url,
        start=meeting.shown(meeting.start),
        end=meeting.shown(meeting.end),
        attendees=list(meeting.attendees),
    )
