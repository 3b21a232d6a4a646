"""What goes to a CalDAV server and what comes back: iCalendar objects (RFC 5545) and WebDAV properties (RFC
4918).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from officeflow.connectors.families.calendar import MeetingForm

if TYPE_CHECKING:
    import icalendar
    from lxml.etree import _Element as Element

NAMESPACES = {"d": "DAV:", "c": "urn:ietf:params:xml:ns:caldav"}
C = f"{{{NAMESPACES['c']}}}"
KEY_PROPERTY = "X-OFFICEFLOW-KEY"
"""Holds the key of the act that made the event, for servers that keep neither UID nor address."""
MEDIA_TYPE = "text/calendar; charset=utf-8"

_XMLNS = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"'
FIND_PRINCIPAL = (
    "<d:propfind"
    f" {_XMLNS}><d:prop><d:resourcetype/><d:displayname/><d:current-user-principal/></d:prop></d:propfind>"
)
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
        return len(self.calendar.events) > 1 or any(
            name in self.event for name in ("RRULE", "RDATE", "RECURRENCE-ID")
        )

    @property
    def form(self) -> MeetingForm:
        start = self.event["DTSTART"].dt
        if not isinstance(start, dt.datetime):
            return "all_day"
        return "floating" if start.tzinfo is None else "zoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """An object that the server names, without its content or with one that cannot be read (`reason`, else
    "").
    """

    href: str
    reason: str


def parse_xml(content: bytes) -> Element:
    """The document, without following anything it refers to. Raises ValueError."""
    from lxml import etree

    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error


def responses(multistatus: Element) -> Iterator[Element]:
    """ValueError where it is none (RFC 4918 section 13)."""
    if multistatus.tag != "{DAV:}multistatus":
        raise ValueError(f"it is a {multistatus.tag}, not a multistatus")
    return iter(multistatus.findall("d:response", NAMESPACES))


def collections(multistatus: Element) -> Iterator[Collection]:
    for response in responses(multistatus):
        yield Collection(
            href=text_at(response, "d:href"),
            name=text_at(response, ".//d:displayname"),
            is_calendar=response.find(".//d:resourcetype/c:calendar", NAMESPACES) is not None,
            principal=text_at(response, ".//d:current-user-principal/d:href") or None,
            homes=tuple(
                href.text or "" for href in response.iterfind(".//c:calendar-home-set/d:href", NAMESPACES)
            ),
        )


def text_at(element: Element, path: str) -> str:
    found = element.find(path, NAMESPACES)
    return (found.text or "").strip() if found is not None else ""


def find_by_uid(uid: str) -> bytes:
    """A REPORT for the object with exactly this UID (RFC 4791 section 7.8.6)."""

    def only_it(events: Element) -> None:
        from lxml import etree

        match = etree.SubElement(
            etree.SubElement(events, f"{C}prop-filter", name="UID"), f"{C}text-match", collation="i;octet"
        )
        match.text = uid

    return _query(only_it)


def find_by_time(start: dt.datetime, end: dt.datetime) -> bytes:
    """A REPORT for all events that take place at any time between the two (RFC 4791 section 9.9)."""

    def then(events: Element) -> None:
        from lxml import etree

        etree.SubElement(events, f"{C}time-range", start=_utc_text(start), end=_utc_text(end))

    return _query(then)


def _utc_text(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")


def _query(narrow: Callable[[Element], None]) -> bytes:
    from lxml import etree

    c, d = C, "{DAV:}"
    query = etree.Element(f"{c}calendar-query", nsmap=dict(NAMESPACES))
    prop = etree.SubElement(query, f"{d}prop")
    etree.SubElement(prop, f"{d}getetag")
    etree.SubElement(prop, f"{c}calendar-data")
    events = etree.SubElement(
        etree.SubElement(etree.SubElement(query, f"{c}filter"), f"{c}comp-filter", name="VCALENDAR"),
        f"{c}comp-filter",
        name="VEVENT",
    )
    narrow(events)
    return bytes(etree.tostring(query, xml_declaration=True, encoding="utf-8"))
