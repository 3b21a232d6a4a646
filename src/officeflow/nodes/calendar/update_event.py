"""`calendar.update_event`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from officeflow.connectors.families import Family
from officeflow.connectors.families.calendar import KeepsEvents, Meeting, MeetingChange, MeetingForm
from officeflow.errors import Conflict, InvalidParameters, NotUndoable, Problem
from officeflow.nodes.calendar._before import Before, before_of, named, planned, same_people, way_back
from officeflow.nodes.calendar._events import LOCAL_TIME, described, find
from officeflow.sdk import (
    Act,
    BareAddress,
    Duration,
    Effect,
    Node,
    NodeOutput,
    NodeParams,
    NodeSpec,
    Planned,
    TextTemplate,
    TimeZoneName,
    local_moment,
)
from officeflow.sdk.times import zone_names


class Params(NodeParams):
    """Which event, and what is to be different. What is left out stays as it is."""

    uid: str = Field(
        description="The event's UID, as calendar.create_event gives it.",
        examples=["${{ nodes.create_event.output.uid }}"],
        min_length=1,
        max_length=512,
    )
    title: TextTemplate | None = Field(None, description="What it is about.", min_length=1)
    date: dt.date | None = Field(
        None, description="New day; with `time`.", examples=["2026-12-02", "${{ event.payload.start_date }}"]
    )
    time: str | None = Field(
        None,
        description="New time of day in `time_zone`; with `date`.",
        examples=["10:00"],
        pattern=LOCAL_TIME,
    )
    start: dt.datetime | None = Field(
        None,
        description="The new moment (RFC 3339), instead of date and time.",
        examples=["2026-12-02T10:00:00Z"],
    )
    time_zone: TimeZoneName | None = Field(
        None, description="Zone of the new time; the event's own where it is left out."
    )
    duration: Duration | None = Field(
        None, description="New length: ISO 8601 or seconds.", examples=["PT30M"]
    )
    attendees: list[BareAddress] | None = Field(
        None,
        description="E-mail addresses of all who are to be invited now; those who stay keep their answers.",
        max_length=200,
    )
    location: TextTemplate | None = Field(None, description='Where; "" removes it.')
    description: TextTemplate | None = Field(None, description='What else is to be said; "" removes it.')
    calendar: str | None = Field(
        None, description="Name or address of the calendar; the connection's where it is left out."
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Params:
        if (self.date is None) != (self.time is None) or (self.start is not None and self.date is not None):
            raise ValueError("a new time is either start, or date and time")
        if self.time_zone is not None and self.start is None and self.date is None:
            raise ValueError("time_zone: it says where a new time holds, and none is given")
        if self.duration is not None and self.duration <= dt.timedelta(0):
            raise ValueError("duration: a meeting takes some time")
        if not self.model_fields_set - {"uid", "calendar"}:
            raise ValueError(
                "nothing is to be different: give one of title, start, date, duration, attendees, location"
                " and description"
            )
        return self

    def begins(self, there: Meeting) -> dt.datetime:
        """When it is to begin, in the zone that it is held in (UTC where it is held in none, as in
        `Meeting`).

        ValueError where clocks never show it, and where only a zone would say what is meant.
        """
        if not self.is_moved:
            return there.start
        wall = self.start or dt.datetime.combine(
            self.date or dt.date.min, dt.time.fromisoformat(self.time or "00:00")
        )
        if self.time_zone is None and there.form == "all_day":
            raise ValueError(
                "the event takes whole days: name the zone that its new time holds in, in time_zone"
            )
        if self.time_zone is None and there.form == "floating":
            if wall.tzinfo is not None:
                raise ValueError(
                    "the event is held in no zone: give date and time without one, or name one in time_zone"
                )
            return wall.replace(tzinfo=there.start.tzinfo)
        zone = self.time_zone or str(there.start.tzinfo)
        if zone not in zone_names():
            raise ValueError(f"the event is held in a zone of its own, {zone}: name one in time_zone")
        return wall.astimezone(ZoneInfo(zone)) if wall.tzinfo is not None else local_moment(wall, zone)

    @property
    def is_moved(self) -> bool:
        return self.start is not None or self.date is not None

    def form(self, there: Meeting) -> MeetingForm:
        """What has no zone gets none, unless one is named with a new time."""
        return "zoned" if self.is_moved and self.time_zone is not None else there.form


class Result(NodeOutput):
    """The event as the calendar has it now."""

    uid: str = Field(description="The event's UID.")
    url: str | None = Field(description="Where the calendar server keeps it.")
    title: str = Field(description="What it is about.")
    start: dt.datetime = Field(description="When it begins.")
    end: dt.datetime = Field(description="When it ends.")
    attendees: list[str] = Field(description="Those invited.")
    location: str = Field("", description='Where; "" where that is left open.')
    description: str = Field("", description='What else it says; "" where that is nothing.')
    before: Before | None = Field(None, description="What was changed, as it was; null where nothing was.")


class UpdateEvent(Node[Params, KeepsEvents, Result]):
    """Move a meeting or change what it says.

    Those invited are told; at another time they are asked anew. Doing it twice is a success.
    """

    spec = NodeSpec(
        type="calendar.update_event",
        title="Update event",
        group="Calendar",
        effect=Effect.IDEMPOTENT,
        family=Family.CALENDAR,
        undo=(
            "What was changed is as it was before again, and those invited are told; what somebody has"
            " changed since is left."
        ),
        evidence="The event is read again and is as it was to be.",
    )

    def perform(self, params: Params, provider: KeepsEvents, act: Act) -> Result:
        before, change = self._look(params, provider, act)
        if change == MeetingChange():
            act.note("it is so already")
            return _result(before, changed=False)
        after = provider.update_event(params.uid, change, calendar=params.calendar, key=act.key)
        act.changed(f"changed {', '.join(named(change))} of event {after.uid}")
        act.read_back(described(after))
        return _result(after, changed=True, before=before_of(before, change))

    def plan(self, params: Params, provider: KeepsEvents, act: Act) -> Sequence[Planned]:
        """What is different about the event, and who is invited."""
        before, change = self._look(params, provider, act)
        return (planned(f"{described(before)} at {provider.address}", before, change),)

    @staticmethod
    def _look(params: Params, provider: KeepsEvents, act: Act) -> tuple[Meeting, MeetingChange]:
        """The event, and what is to be different about it; `Conflict` where it is cancelled."""
        there = find(provider, params.uid, params.calendar, act, operation="update_event")
        if there.cancelled:
            raise Conflict(f"the event {params.uid} is cancelled", operation="update_event")
        return there, _change(params, there)

    def undo(self, params: Params, output: Result, provider: KeepsEvents, act: Act) -> None:
        there = provider.find_event(output.uid, calendar=params.calendar)
        if there is None:
            act.note(f"no event {output.uid} at {provider.address} any more: nothing is left to take back")
            return
        act.found(f"{described(there)} at {provider.address}")
        if output.before is None:
            raise NotUndoable("what the event was before is not recorded: it is left as it is")
        back = way_back(output.before, there)
        if there.cancelled or back == MeetingChange():
            act.note("it is cancelled" if there.cancelled else "it is as it was before already")
            return
        if others := [name for name in named(back) if name in _changed_since(output, there)]:
            raise NotUndoable(
                f"somebody has changed {' and '.join(others)} since: the event is left as it is"
            )
        after = provider.update_event(output.uid, back, calendar=params.calendar, key=act.key)
        act.changed(f"{', '.join(named(back))} of event {after.uid} as before again")
        act.read_back(described(after))


def _change(params: Params, there: Meeting) -> MeetingChange:
    """What is to be different and is not so already."""
    try:
        start = params.begins(there)
    except ValueError as error:
        raise InvalidParameters(
            "the new time cannot be", problems=[Problem("params.time", str(error))]
        ) from error
    length = params.duration if params.duration is not None else there.end - there.start
    form = params.form(there)
    if form == "all_day" and length % dt.timedelta(days=1):
        raise InvalidParameters(
            "the new time cannot be", problems=[Problem("params.duration", "the event takes whole days")]
        )
    end = (start.astimezone(dt.UTC) + length).astimezone(start.tzinfo)
    moved = (start, end, form) != (there.start, there.end, there.form)
    title = " ".join(params.title.split()) if params.title is not None else None
    people = None if params.attendees is None else tuple(params.attendees)
    return MeetingChange(
        title=_new(title, there.title),
        start=start if moved else None,
        end=end if moved else None,
        form=form if moved else "zoned",
        attendees=None if people is None or same_people(people, there.attendees) else people,
        location=_new(params.location, there.location),
        description=_new(params.description, there.description),
    )


def _new(wished: str | None, there: str | None) -> str | None:
    return None if wished is None or wished.strip() == (there or "") else wished.strip()


def _changed_since(output: Result, there: Meeting) -> set[str]:
    """What is not as the act has left it, in the words of `named`."""
    compared = {
        "title": there.title == output.title,
        "time": (there.shown(there.start), there.shown(there.end)) == (output.start, output.end),
        "those invited": same_people(there.attendees, tuple(output.attendees)),
        "place": (there.location or "") == output.location,
        "description": (there.description or "") == output.description,
    }
    return {name for name, is_same in compared.items() if not is_same}


def _result(meeting: Meeting, *, changed: bool, before: Before | None = None) -> Result:
    return Result(
        changed=changed,
        uid=meeting.uid,
        url=meeting.url,
        title=meeting.title,
        start=meeting.shown(meeting.start),
        end=meeting.shown(meeting.end),
        attendees=list(meeting.attendees),
        location=meeting.location or "",
        description=meeting.description or "",
        before=before,
    )
