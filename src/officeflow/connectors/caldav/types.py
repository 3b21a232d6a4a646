"""What goes to a CalDAV server and what comes back: iCalendar objects (RFC 5545) and WebDAV properties (RFC 4918)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from officeflow.addresses import mailto, of_mailto
from officeflow.connectors.families import Meeting, MeetingChange

if TYPE_CHECKING:
    import icalendar
    from lxml.etree import _Element as Element

PRODID = "-//OfficeFlow//OfficeFlow//EN"
NAMESPACES = {"d": "DAV:", "c": "urn:ietf:params:xml:ns:caldav"}
MEDIA_TYPE = "text/calendar; charset=utf-8"

_XMLNS = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"'
FIND_PRINCIPAL = f"<d:propfind {_XMLNS}><d:prop><d:resourcetype/><d:displayname/><d:current-user-principal/></d:prop></d:propfind>"
FIND_HOME = f"<d:propfind {_XMLNS}><d:prop><c:calendar-home-set/></d:prop></d:propfind>"
FIND_CALENDARS = f"<d:propfind {_XMLNS}><d:prop><d:resourcetype/><d:displayname/></d:prop></d:propfind>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A WebDAV collection as PROPFIND shows it; `href` is a path on the server."""

    href: str
    name: str
    is_calendar: bool
    principal: str | None
    homes: tuple[str, ...]

    def is_called(self, name: str) -> bool:
        return name in {self.name, self.href.rstrip("/").rpartition("/")[2]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A calendar object as the server has it."""

    href: str
    etag: str | None
    calendar: icalendar.Calendar

    @property
    def event(self) -> icalendar.Event:
        """The event itself, not one of its moved occurrences."""
        events = self.calendar.events
        return next((event for event in events if "RECURRENCE-ID" not in event), events[0])

    @property
    def is_series(self) -> bool:
        return len(self.calendar.events) > 1 or any(name in self.event for name in ("RRULE", "RDATE", "RECURRENCE-ID"))


def parse_xml(content: bytes) -> Element:
    """The document, without following anything it refers to. Raises ValueError."""
    from lxml import etree

    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error


def collections(multistatus: Element) -> Iterator[Collection]:
    for response in multistatus.iterfind("d:response", NAMESPACES):
        yield Collection(
            href=_text(response, "d:href"),
            name=_text(response, ".//d:displayname"),
            is_calendar=response.find(".//d:resourcetype/c:calendar", NAMESPACES) is not None,
            principal=_text(response, ".//d:current-user-principal/d:href") or None,
            homes=tuple(href.text or "" for href in response.iterfind(".//c:calendar-home-set/d:href", NAMESPACES)),
        )


def stored_objects(multistatus: Element) -> Iterator[Stored]:
    for response in multistatus.iterfind("d:response", NAMESPACES):
        data = _text(response, ".//c:calendar-data")
        if data:
            etag = _text(response, ".//d:getetag") or None
            yield Stored(href=_text(response, "d:href"), etag=etag, calendar=parse_calendar(data))


def _text(element: Element, path: str) -> str:
    found = element.find(path, NAMESPACES)
    return (found.text or "").strip() if found is not None else ""


def find_by_uid(uid: str) -> bytes:
    """A REPORT for the object with exactly this UID (RFC 4791 section 7.8.6)."""
    from lxml import etree

    c, d = "{urn:ietf:params:xml:ns:caldav}", "{DAV:}"
    query = etree.Element(f"{c}calendar-query", nsmap=dict(NAMESPACES))
    prop = etree.SubElement(query, f"{d}prop")
    etree.SubElement(prop, f"{d}getetag")
    etree.SubElement(prop, f"{c}calendar-data")
    events = etree.SubElement(
        etree.SubElement(etree.SubElement(query, f"{c}filter"), f"{c}comp-filter", name="VCALENDAR"), f"{c}comp-filter", name="VEVENT"
    )
    match = etree.SubElement(etree.SubElement(events, f"{c}prop-filter", name="UID"), f"{c}text-match", collation="i;octet")
    match.text = uid
    return bytes(etree.tostring(query, xml_declaration=True, encoding="utf-8"))


def parse_calendar(text: str | bytes) -> icalendar.Calendar:
    """A calendar object with an event in it. Raises ValueError."""
    import icalendar

    calendar = icalendar.Calendar.from_ical(text.decode() if isinstance(text, bytes) else text)
    if not isinstance(calendar, icalendar.Calendar) or not calendar.events:
        raise ValueError("there is no event in it")
    return calendar


def new_calendar(meeting: Meeting, *, now: dt.datetime) -> icalendar.Calendar:
    """The object to store. Its times carry the meeting's zone, and it the zone's VTIMEZONE: they hold when the zone's rules change."""
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
    for name, value in (("CUTYPE", "INDIVIDUAL"), ("ROLE", "REQ-PARTICIPANT"), ("PARTSTAT", "NEEDS-ACTION"), ("RSVP", "TRUE")):
        address.params[name] = value
    return address


def cancel(stored: Stored, *, now: dt.datetime) -> icalendar.Calendar:
    """The object marked as cancelled, as its next revision (RFC 5546 section 3.2.5)."""
    for event in stored.calendar.events:
        _set(event, {"status": "CANCELLED", **_next_revision(event, now)})
    return stored.calendar


def update(stored: Stored, change: MeetingChange, *, now: dt.datetime) -> icalendar.Calendar:
    """The object changed, as its next revision (RFC 5546 section 3.2.2.1): at another time everybody is asked anew."""
    event = stored.event
    wished = {"summary": change.title, "location": change.location, "description": change.description}
    _set(event, {**{name: value for name, value in wished.items() if value is not None}, **_next_revision(event, now)})
    if change.start is not None and change.end is not None:
        event.pop("duration", None)
        _set(event, {"dtstart": change.start, "dtend": change.end})
    if change.attendees is not None or change.start is not None:
        _invite_again(event, change)
    day = _moment(event["DTSTART"].dt).date()
    stored.calendar.add_missing_timezones(day - dt.timedelta(days=366), day + dt.timedelta(days=366))
    return stored.calendar


def _invite_again(event: icalendar.Event, change: MeetingChange) -> None:
    """Those who stay keep their answers, unless the time is another; the organizer's own place in the list stays as it is."""
    there = {_address(attendee).casefold(): attendee for attendee in _listed(event.get("ATTENDEE"))}
    organizer = _address(event.get("ORGANIZER", "")).casefold()
    wished = [_address(attendee) for attendee in there.values()] if change.attendees is None else change.attendees
    event.pop("attendee", None)
    for address in wished:
        attendee = there.get(address.casefold())
        if attendee is not None and change.start is not None and address.casefold() != organizer:
            attendee.params["PARTSTAT"], attendee.params["RSVP"] = "NEEDS-ACTION", "TRUE"
        event.add("attendee", _invited(address) if attendee is None else attendee, encode=False)


def _next_revision(event: icalendar.Event, now: dt.datetime) -> dict[str, Any]:
    return {"sequence": int(event.get("SEQUENCE", 0)) + 1, "dtstamp": now, "last-modified": now}


def _set(event: icalendar.Event, values: Mapping[str, Any]) -> None:
    """Put properties in the place of those that are there; an empty text removes one."""
    for name, value in values.items():
        event.pop(name, None)
        if value != "":
            event.add(name, value)


def fits(meeting: Meeting, change: MeetingChange) -> bool:
    """Whether the meeting is as the change wants it."""
    wished = ((change.title, meeting.title), (change.start, meeting.start), (change.end, meeting.end))
    texts = ((change.location, meeting.location or ""), (change.description, meeting.description or ""))
    people = change.attendees is None or _names(change.attendees) == _names(meeting.attendees)
    return people and all(wish is None or wish == there for wish, there in (*wished, *texts))


def _names(addresses: Iterable[str]) -> set[str]:
    return {address.casefold() for address in addresses}


def meeting(stored: Stored, *, url: str) -> Meeting:
    event = stored.event
    start = _moment(event["DTSTART"].dt)
    return Meeting(
        uid=str(event["UID"]),
        title=str(event.get("SUMMARY", "")),
        start=start,
        end=_end(event, start),
        attendees=tuple(_address(attendee) for attendee in _listed(event.get("ATTENDEE"))),
        organizer=_address(event["ORGANIZER"]) if "ORGANIZER" in event else None,
        location=str(event["LOCATION"]) if "LOCATION" in event else None,
        description=str(event["DESCRIPTION"]) if "DESCRIPTION" in event else None,
        cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
        url=url,
    )


def _end(event: icalendar.Event, start: dt.datetime) -> dt.datetime:
    if "DTEND" in event:
        return _moment(event["DTEND"].dt)
    return start + event["DURATION"].dt if "DURATION" in event else start


def _moment(value: dt.date) -> dt.datetime:
    """A day begins at midnight, and a time without a zone (RFC 5545 calls it floating) is read, in UTC."""
    if not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time.min)
    return value if value.tzinfo else value.replace(tzinfo=ZoneInfo("UTC"))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _address(value: object) -> str:
    return of_mailto(str(value))
