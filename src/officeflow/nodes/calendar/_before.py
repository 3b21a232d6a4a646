"""What a meeting was before it was changed, and the change that makes it so again."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from officeflow.connectors.families.calendar import Meeting, MeetingChange, MeetingForm
from officeflow.sdk import FieldChange, Planned, changes
from officeflow.sdk.times import zone_names


class Before(BaseModel):
    """Of each thing that was changed, what it was; null where it was not changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str | None = Field(None, description="What it was about.")
    start: dt.datetime | None = Field(None, description="When it began.")
    end: dt.datetime | None = Field(None, description="When it ended.")
    zone: str = Field("", description="In which zone it was held.")
    form: MeetingForm = Field("zoned", description="Whether it had a zone at all.")
    attendees: list[str] | None = Field(None, description="Who was invited.")
    location: str | None = Field(None, description='Where it was; "" where that was left open.')
    description: str | None = Field(None, description='What else it said; "" where that was nothing.')


def before_of(there: Meeting, change: MeetingChange) -> Before:
    """What is remembered of the meeting as it is there before the change."""
    moved = change.start is not None
    return Before(
        title=None if change.title is None else there.title,
        start=there.start if moved else None,
        end=there.end if moved else None,
        zone=str(there.start.tzinfo) if moved else "",
        form=there.form if moved else "zoned",
        attendees=None if change.attendees is None else list(there.attendees),
        location=None if change.location is None else there.location or "",
        description=None if change.description is None else there.description or "",
    )


def way_back(before: Before, there: Meeting) -> MeetingChange:
    """What is to be different about the meeting for it to be as before; nothing where it is so already."""
    start, end = (_in_zone(moment, before.zone) for moment in (before.start, before.end))
    is_moved = start is not None and (start, end, before.form) != (there.start, there.end, there.form)
    people = None if before.attendees is None else tuple(before.attendees)
    return MeetingChange(
        title=_other(before.title, there.title),
        start=start if is_moved else None,
        end=end if is_moved else None,
        form=before.form if is_moved else "zoned",
        attendees=None if people is None or same_people(people, there.attendees) else people,
        location=_other(before.location, there.location),
        description=_other(before.description, there.description),
    )


def _in_zone(moment: dt.datetime | None, zone: str) -> dt.datetime | None:
    """A zone that only the calendar's own document describes cannot be written anew: UTC has the moment."""
    if moment is None:
        return None
    return moment.astimezone(ZoneInfo(zone) if zone in zone_names() else dt.UTC)


def _other(was: str | None, there: str | None) -> str | None:
    return None if was is None or was == (there or "") else was


def same_people(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return {address.casefold() for address in some} == {address.casefold() for address in others}


def named(change: MeetingChange) -> list[str]:
    """What is different, in words."""
    values = {
        "title": change.title,
        "time": change.start,
        "those invited": change.attendees,
        "place": change.location,
        "description": change.description,
    }
    return [name for name, value in values.items() if value is not None]


def planned(what: str, there: Meeting, change: MeetingChange) -> Planned:
    """What the change makes different, field by field."""
    fields = (
        ("title", there.title, change.title),
        ("start", there.shown(there.start), _shown(change.start, change)),
        ("end", there.shown(there.end), _shown(change.end, change)),
        ("attendees", list(there.attendees), None if change.attendees is None else list(change.attendees)),
        ("location", there.location or "", change.location),
        ("description", there.description or "", change.description),
    )
    return changes(
        what, [FieldChange(field=name, before=was, after=new) for name, was, new in fields if new is not None]
    )


def _shown(moment: dt.datetime | None, change: MeetingChange) -> dt.datetime | None:
    return moment if moment is None or change.form == "zoned" else moment.replace(tzinfo=None)
