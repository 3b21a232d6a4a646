"""Calendar objects (RFC 5545) that a server gives: read with their own zones, and told apart from what is
broken in them.
"""

from __future__ import annotations

import datetime as dt
import re
import threading
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from officeflow.addresses import of_mailto
from officeflow.connectors.caldav.types import KEY_PROPERTY, Stored, Unread, responses, text_at
from officeflow.connectors.families.calendar import Meeting

if TYPE_CHECKING:
    import icalendar
    from lxml.etree import _Element as Element

UTC = ZoneInfo("UTC")
FOLD = re.compile(r"\r?\n[ \t]")
URL_AS_ZONE = re.compile(r"(;TZID=)([A-Za-z]+://[^\":;,\r\n]+)(?=[:;])")
"""A zone named by an address and not quoted, as Exchange does; the colon in it would end the parameter (RFC
5545 section 3.2).
"""
EXCHANGE_UTC = "tzone://Microsoft/Utc"


class BrokenEvent(ValueError):
    """It is a calendar, and an event in it makes no sense."""


_one_document = threading.Lock()


def parse_calendar(text: str | bytes) -> icalendar.Calendar:
    """A calendar object with an event in it, each event with a UID and a time.

    Raises ValueError, which says what is wrong.

    A zone that the document describes holds in this document alone.
    """
    import icalendar
    from icalendar.timezone import tzp

    plain = FOLD.sub("", text.decode() if isinstance(text, bytes) else text)
    with _one_document, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zones are guessed from vendors' names for them
        tzp.use_default()  # forgets the zones of the document before, which may bear the same names
        try:
            calendar = icalendar.Calendar.from_ical(URL_AS_ZONE.sub(r'\1"\2"', plain))
        except Exception as error:  # a zone that makes no sense raises whatever its rules raise
            raise (BrokenEvent if "BEGIN:VEVENT" in plain else ValueError)(str(error)) from error
    if not isinstance(calendar, icalendar.Calendar) or not calendar.events:
        raise ValueError("there is no event in it")
    for event in calendar.events:
        _check(event)
    return calendar


def _check(event: icalendar.Event) -> None:
    """That the event can be worked with: it is named, and its times are times."""
    uid = event.get("UID")
    if not uid:
        raise BrokenEvent("an event in it has no UID")
    for name in ("DTSTART", "DTEND", "DURATION"):
        value = event.get(name)
        if value is None:
            continue
        try:
            moment = getattr(value, "dt", None)
        except ValueError as error:
            raise BrokenEvent(f"the event {uid} has a {name} that cannot be read: {error}") from error
        if not isinstance(moment, dt.timedelta if name == "DURATION" else dt.date):
            raise BrokenEvent(f"the event {uid} has no single {name}")
        if isinstance(moment, dt.datetime) and moment.tzinfo is None and (zone := value.params.get("TZID")):
            value.dt = _in_zone(moment, str(zone), str(uid))
    if "DTSTART" not in event:
        raise BrokenEvent(f"the event {uid} has no DTSTART")


def _in_zone(moment: dt.datetime, zone: str, uid: str) -> dt.datetime:
    if zone == EXCHANGE_UTC:
        return moment.replace(tzinfo=UTC)
    raise BrokenEvent(f"the event {uid} is held in a zone that nothing describes: {zone}")


def stored_objects(multistatus: Element) -> Iterator[Stored | Unread]:
    """What a REPORT gave.

    ValueError where it is no multistatus, or says itself that there is more (RFC 4791 section 7.8).
    """
    for response in responses(multistatus):
        href, status = text_at(response, "d:href"), text_at(response, "d:status")
        if " 507 " in f"{status} ":
            raise ValueError("the server gave only a part of what it found")
        data = text_at(response, ".//c:calendar-data")
        if not data and (" 404 " in f"{status} " or href.endswith("/")):
            continue
        yield (
            _object(href, text_at(response, ".//d:getetag") or None, data)
            if data
            else Unread(href=href, reason="")
        )


def _object(href: str, etag: str | None, data: str) -> Stored | Unread:
    try:
        return Stored(href=href, etag=etag, calendar=parse_calendar(data))
    except ValueError as error:
        return Unread(href=href, reason=str(error))


def meeting(stored: Stored, *, url: str) -> Meeting:
    """What the object says. Times without a zone are given in UTC, with `form` telling so."""
    event = stored.event
    start = _moment(event["DTSTART"].dt)
    return Meeting(
        uid=str(event["UID"]),
        title=_first(event, "SUMMARY") or "",
        start=start,
        end=_end(event, start),
        form=stored.form,
        attendees=tuple(address_of(attendee) for attendee in listed(event.get("ATTENDEE"))),
        organizer=address_of(event["ORGANIZER"]) if "ORGANIZER" in event else None,
        location=_first(event, "LOCATION"),
        description=_first(event, "DESCRIPTION"),
        cancelled=(_first(event, "STATUS") or "").upper() == "CANCELLED",
        url=url,
        key=_first(event, KEY_PROPERTY),
        created_at=_created(event),
    )


def _end(event: icalendar.Event, start: dt.datetime) -> dt.datetime:
    """RFC 5545 section 3.6.1: without an end, a day lasts a day and a moment lasts no time."""
    if "DTEND" in event:
        return _moment(event["DTEND"].dt)
    if "DURATION" in event:
        length: dt.timedelta = event["DURATION"].dt
        return start + length
    return start if isinstance(event["DTSTART"].dt, dt.datetime) else start + dt.timedelta(days=1)


def _created(event: icalendar.Event) -> dt.datetime | None:
    try:
        value = event["CREATED"].dt
    except (KeyError, AttributeError, ValueError):
        return None
    return value if isinstance(value, dt.datetime) and value.tzinfo else None


def _moment(value: dt.date) -> dt.datetime:
    """A day begins at midnight."""
    if not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time.min)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _first(event: icalendar.Event, name: str) -> str | None:
    """A property that there may be once; of several the first."""
    values = listed(event.get(name))
    return str(values[0]) if values else None


def listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def address_of(value: object) -> str:
    return of_mailto(str(value))
