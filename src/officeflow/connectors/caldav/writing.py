"""Calendar objects that go to a server: new ones, and the next revisions of those that are there (RFC 5545,
RFC 5546).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from officeflow.addresses import mailto
from officeflow.connectors.caldav.reading import address_of, listed
from officeflow.connectors.caldav.types import KEY_PROPERTY, Stored
from officeflow.connectors.families.calendar import Meeting, MeetingChange, MeetingForm

if TYPE_CHECKING:
    import icalendar

PRODID = "-//OfficeFlow//OfficeFlow//EN"


def new_calendar(meeting: Meeting, *, key: str, now: dt.datetime) -> icalendar.Calendar:
    """The object to store, marked with the act's key.

    Its times carry the meeting's zone, and it the zone's VTIMEZONE: they hold when the zone's rules change.
    """
    import icalendar

    event = icalendar.Event()
    event.add("uid", meeting.uid)
    event.add("summary", meeting.title)
    event.add("dtstart", meeting.start)
    event.add("dtend", meeting.end)
    event.add("dtstamp", now)
    event.add("created", now)
    event.add("status", "CONFIRMED")
    event.add("sequence", 0)
    event.add(KEY_PROPERTY, key)
    for name, value in (("location", meeting.location), ("description", meeting.description)):
        if value is not None:
            event.add(name, value)
    _add_people(event, meeting)
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add_component(event)
    day = meeting.start.date()
    calendar.add_missing_timezones(day - dt.timedelta(days=366), day + dt.timedelta(days=366))
    return calendar


def _add_people(event: icalendar.Event, meeting: Meeting) -> None:
    import icalendar

    if meeting.organizer:
        event.add("organizer", icalendar.vCalAddress(mailto(meeting.organizer)))
    for attendee in meeting.attendees:
        event.add("attendee", _invited(attendee), encode=False)


def _invited(attendee: str) -> icalendar.vCalAddress:
    """Somebody who has not answered yet."""
    import icalendar

    address = icalendar.vCalAddress(mailto(attendee))
    for name, value in (
        ("CUTYPE", "INDIVIDUAL"),
        ("ROLE", "REQ-PARTICIPANT"),
        ("PARTSTAT", "NEEDS-ACTION"),
        ("RSVP", "TRUE"),
    ):
        address.params[name] = value
    return address


def cancel(stored: Stored, *, now: dt.datetime) -> icalendar.Calendar:
    """The object marked as cancelled, as its next revision (RFC 5546 section 3.2.5)."""
    for event in stored.calendar.events:
        _set(event, {"status": "CANCELLED", **_next_revision(event, now)})
    return stored.calendar


def update(stored: Stored, change: MeetingChange, *, now: dt.datetime) -> icalendar.Calendar:
    """The object changed, as its next revision (RFC 5546 section 3.2.2.1): at another time everybody is asked
    anew.
    """
    event = stored.event
    wished = {"summary": change.title, "location": change.location, "description": change.description}
    _set(
        event,
        {
            **{name: value for name, value in wished.items() if value is not None},
            **_next_revision(event, now),
        },
    )
    if change.start is not None and change.end is not None:
        event.pop("duration", None)
        _set(
            event,
            {
                "dtstart": _as_written(change.start, change.form),
                "dtend": _as_written(change.end, change.form),
            },
        )
    if change.attendees is not None or change.start is not None:
        _invite_again(event, change)
    day = event["DTSTART"].dt
    day = day.date() if isinstance(day, dt.datetime) else day
    stored.calendar.add_missing_timezones(day - dt.timedelta(days=366), day + dt.timedelta(days=366))
    return stored.calendar


def _as_written(moment: dt.datetime, form: MeetingForm) -> dt.date:
    """What has no zone is given none."""
    if form == "zoned":
        return moment
    return moment.date() if form == "all_day" else moment.replace(tzinfo=None)


def _invite_again(event: icalendar.Event, change: MeetingChange) -> None:
    """Those who stay keep their answers, unless the time is another; the organizer's own place in the list
    stays as it is.
    """
    there = {address_of(attendee).casefold(): attendee for attendee in listed(event.get("ATTENDEE"))}
    organizer = address_of(event.get("ORGANIZER", "")).casefold()
    wished = (
        [address_of(attendee) for attendee in there.values()]
        if change.attendees is None
        else change.attendees
    )
    event.pop("attendee", None)
    for address in wished:
        attendee = there.get(address.casefold())
        if attendee is not None and change.start is not None and address.casefold() != organizer:
            attendee.params["PARTSTAT"], attendee.params["RSVP"] = "NEEDS-ACTION", "TRUE"
        event.add("attendee", _invited(address) if attendee is None else attendee, encode=False)


def _next_revision(event: icalendar.Event, now: dt.datetime) -> dict[str, Any]:
    try:
        sequence = int(event.get("SEQUENCE", 0))
    except (TypeError, ValueError):  # counted anew where it is no number
        sequence = 0
    return {"sequence": sequence + 1, "dtstamp": now, "last-modified": now}


def _set(event: icalendar.Event, values: Mapping[str, Any]) -> None:
    """Put properties in the place of those that are there; an empty text removes one."""
    for name, value in values.items():
        event.pop(name, None)
        if value != "":
            event.add(name, value)


def fits(meeting: Meeting, change: MeetingChange) -> bool:
    """Whether the meeting is as the change wants it."""
    wished = ((change.title, meeting.title), (change.start, meeting.start), (change.end, meeting.end))
    if change.start is not None and change.form != meeting.form:
        return False
    texts = ((change.location, meeting.location or ""), (change.description, meeting.description or ""))
    people = change.attendees is None or _names(change.attendees) == _names(meeting.attendees)
    return people and all(wish is None or wish == there for wish, there in (*wished, *texts))


def _names(addresses: Iterable[str]) -> set[str]:
    return {address.casefold() for address in addresses}
