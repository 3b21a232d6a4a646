"""A calendar that speaks CalDAV."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from officeflow.addresses import address
from officeflow.connectors.caldav import reading, types, writing
from officeflow.connectors.caldav.errors import refusal, unreadable
from officeflow.connectors.caldav.types import MEDIA_TYPE, Collection, Stored, Unread
from officeflow.connectors.call import Call, after_write
from officeflow.connectors.connection import Connection
from officeflow.connectors.families.calendar import OWN_UID, KeepsEvents, Meeting, MeetingChange
from officeflow.connectors.http import HttpClient, Request
from officeflow.errors import Conflict, NotFound, Rejected

if TYPE_CHECKING:
    import httpx
    import icalendar


class CaldavCalendar(HttpClient, KeepsEvents):
    """A calendar over CalDAV.

    An event lives at `<calendar>/<uid>.ics`. It is created only where nothing is there, and changed only
    where it is still as it was read (RFC 4791 section 5.3.2, RFC 9110 section 13.1). Where a server gives it
    another address or UID, it is known by the act's key in it.
    """

    provider = "caldav"

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        super().__init__(connection, correlation_id=correlation_id)
        self._default_calendar = str(connection.extra.get("calendar") or "")
        organizer = str(connection.extra.get("organizer") or "")
        self._organizer = address(organizer) if organizer else None
        self._calendars: dict[str, str] = {}

    def check(self) -> str:
        """Finds the calendar that is used where a node names none."""
        call = self.call(f"PROPFIND {self.address}/")
        try:
            url = self._calendar_url(None, call)
            call = self.call(f"PROPFIND {url}")
            found = self._propfind(url, types.FIND_CALENDARS, call)
        except (NotFound, Rejected) as error:
            error.hint = (
                error.hint
                or "url is the address of the server or of a calendar, such as https://calendar.example.com/people/onboarding/"
            )
            raise
        if not any(each.is_calendar for each in found):
            raise call.error(Rejected, f"{url} is no calendar", hint="name one by calendar=…")
        return f"the calendar {url}"

    def find_event(self, uid: str, *, calendar: str | None = None) -> Meeting | None:
        stored = self._stored(uid, calendar, self.call("find_event"))
        return self._meeting(stored) if stored else None

    def create_event(self, meeting: Meeting, *, calendar: str | None = None, key: str) -> Meeting:
        call = self.call("create_event", writes=True)
        url = self._event_url(meeting.uid, calendar, call.reading())
        invited = dataclasses.replace(meeting, organizer=meeting.organizer or self._organizer)
        content = writing.new_calendar(invited, key=key, now=dt.datetime.now(dt.UTC))
        response = self._put(url, content, call, key=key, condition={"If-None-Match": "*"})
        with after_write():
            read = self._created(url, response.headers.get("Location"), meeting, calendar, call, key=key)
            if (read.start, read.end, read.cancelled) != (meeting.start, meeting.end, False):
                raise call.nothing_happened(
                    f"the event reads back from {read.start.isoformat()} to {read.end.isoformat()}"
                )
            return read

    def find_like(self, meeting: Meeting, *, calendar: str | None = None) -> list[Meeting]:
        call = self.call("find_event")
        query = types.find_by_time(meeting.start, meeting.end)
        return [
            self._meeting(stored)
            for stored in self._objects(query, calendar, call, lambda it: _alike(self._meeting(it), meeting))
        ]

    def update_event(
        self, uid: str, change: MeetingChange, *, calendar: str | None = None, key: str
    ) -> Meeting:
        call = self.call("update_event", writes=True)
        stored = self._stored(uid, calendar, call.reading())
        if stored is None:
            raise call.error(NotFound, f"there is no event {uid}")
        if self._meeting(stored).cancelled:
            raise call.error(Conflict, f"the event {uid} is cancelled")
        if stored.is_series and change.start is not None:
            raise call.error(Rejected, f"the event {uid} is a series, whose time is not one")
        url = self._absolute(stored.href)
        self._put(
            url,
            writing.update(stored, change, now=dt.datetime.now(dt.UTC)),
            call,
            key=key,
            condition=_unchanged(stored),
        )
        with after_write():
            read = self._read_back(url, call)
            if not writing.fits(read, change):
                raise call.nothing_happened(f"the event {uid} does not read back as it was to be")
            return read

    def cancel_event(self, uid: str, *, calendar: str | None = None, key: str) -> Meeting | None:
        call = self.call("cancel_event", writes=True)
        stored = self._stored(uid, calendar, call.reading())
        if stored is None:
            raise call.error(NotFound, f"there is no event {uid}")
        found = self._meeting(stored)
        if found.cancelled:
            return found
        url = self._absolute(stored.href)
        self._put(
            url,
            writing.cancel(stored, now=dt.datetime.now(dt.UTC)),
            call,
            key=key,
            condition=_unchanged(stored),
        )
        with after_write():
            read = self._read_back(url, call)
            if not read.cancelled:
                raise call.nothing_happened(f"the event {uid} does not read back as cancelled")
            return read

    def _created(
        self, url: str, location: str | None, meeting: Meeting, calendar: str | None, call: Call, *, key: str
    ) -> Meeting:
        """The event that was just taken: where we put it, where the server says that it put it, or known by
        its UID or the act's key.
        """
        for place in (url, self._absolute(location) if location else url):
            stored = self._get(place, call)
            if stored is not None:
                return self._meeting(stored)
        found = self.find_event(meeting.uid, calendar=calendar)
        found = found or next(
            (like for like in self.find_like(meeting, calendar=calendar) if like.key == key), None
        )
        if found is None:
            raise call.nothing_happened("the event is not there when read back")
        return found

    def _put(
        self, url: str, content: icalendar.Calendar, call: Call, *, key: str, condition: dict[str, str]
    ) -> httpx.Response:
        headers = {"Content-Type": MEDIA_TYPE, **condition}
        return self._send(
            Request(method="PUT", url=url, headers=headers, content=content.to_ical(), key=key), call
        )

    def _read_back(self, url: str, call: Call) -> Meeting:
        stored = self._get(url, call)
        if stored is None:
            raise call.nothing_happened("the event is not there when read back")
        return self._meeting(stored)

    def _meeting(self, stored: Stored) -> Meeting:
        return reading.meeting(stored, url=self._absolute(stored.href))

    def _stored(self, uid: str, calendar: str | None, call: Call) -> Stored | None:
        """The event where we would put it; otherwise wherever in the calendar somebody else has put it."""
        stored = self._get(self._event_url(uid, calendar, call), call)
        if stored is not None and (stored.event["UID"] == uid or uid.startswith(OWN_UID)):
            return stored
        return next(
            iter(
                self._objects(types.find_by_uid(uid), calendar, call, lambda it: bool(it.event["UID"] == uid))
            ),
            None,
        )

    def _objects(
        self, query: bytes, calendar: str | None, call: Call, wanted: Callable[[Stored], bool]
    ) -> list[Stored]:
        """What a REPORT finds and is wanted: servers may ignore its filter.

        Where there is none, what cannot be read is an error.
        """
        request = Request(
            method="REPORT", url=self._calendar_url(calendar, call), headers=_xml(depth=1), content=query
        )
        response = self._send(request, call)
        try:
            found = list(reading.stored_objects(types.parse_xml(response.content)))
        except ValueError as error:
            raise call.not_in("CalDAV", str(error), Rejected) from error
        fitting = [
            stored for each in found if (stored := self._whole(each, call)) is not None and wanted(stored)
        ]
        broken = [each for each in found if isinstance(each, Unread) and each.reason]
        if broken and not fitting:
            raise unreadable(call, f"{broken[0].href}: {broken[0].reason}")
        return fitting

    def _whole(self, found: Stored | Unread, call: Call) -> Stored | None:
        """The object; asked for by its address where the server gave that alone."""
        if isinstance(found, Stored):
            return found
        return None if found.reason else self._get(self._absolute(found.href), call)

    def _get(self, url: str, call: Call) -> Stored | None:
        try:
            response = self._send(Request(method="GET", url=url), call)
        except NotFound:
            return None
        try:
            return Stored(
                href=url, etag=response.headers.get("ETag"), calendar=reading.parse_calendar(response.content)
            )
        except reading.BrokenEvent as error:
            raise unreadable(call, f"{url}: {error}") from error
        except ValueError as error:
            raise call.not_in("CalDAV", str(error), Rejected) from error

    def _event_url(self, uid: str, calendar: str | None, call: Call) -> str:
        return f"{self._calendar_url(calendar, call)}{quote(uid, safe='@')}.ics"

    def _calendar_url(self, calendar: str | None, call: Call) -> str:
        """With a slash at its end.

        A calendar is named by its address, its display name or the last part of its path.
        """
        wanted = calendar or self._default_calendar
        if "/" in wanted:
            return self._absolute(wanted).rstrip("/") + "/"
        if wanted not in self._calendars:
            self._calendars[wanted] = self._absolute(self._discover(wanted, call)).rstrip("/") + "/"
        return self._calendars[wanted]

    def _discover(self, wanted: str, call: Call) -> str:
        """The path of the calendar called `wanted`, or of the first one (RFC 5397, RFC 4791 section
        6.2.1).
        """
        here = self._propfind(self.address + "/", types.FIND_PRINCIPAL, call)
        if here and here[0].is_calendar and (not wanted or here[0].is_called(wanted)):
            return here[0].href
        principal = next((found.principal for found in here if found.principal), None)
        if principal is None:
            raise call.not_in("CalDAV", "the server names no principal for this account", Rejected)
        homes = [home for found in self._propfind(principal, types.FIND_HOME, call) for home in found.homes]
        calendars = [
            c
            for home in homes
            for c in self._propfind(home, types.FIND_CALENDARS, call, depth=1)
            if c.is_calendar
        ]
        for found in calendars:
            if not wanted or found.is_called(wanted):
                return found.href
        names = ", ".join(found.name or found.href for found in calendars) or "none"
        text = (
            f"there is no calendar {wanted!r}; there are: {names}"
            if wanted
            else "the account has no calendar"
        )
        raise call.error(NotFound, text)

    def _propfind(self, href: str, body: str, call: Call, *, depth: int = 0) -> list[Collection]:
        response = self._send(
            Request(
                method="PROPFIND", url=self._absolute(href), headers=_xml(depth=depth), content=body.encode()
            ),
            call,
        )
        try:
            return list(types.collections(types.parse_xml(response.content)))
        except ValueError as error:
            raise call.not_in("CalDAV", str(error), Rejected) from error

    def _absolute(self, href: str) -> str:
        """The address that `href` stands for; `Rejected` where the account's credentials may not go there."""
        return self.http.resolve(href, self.call("discover"))

    def _send(self, request: Request, call: Call) -> httpx.Response:
        response = self.http.send(request, call)
        if not response.is_success:
            raise refusal(response, call)
        return response


def _unchanged(stored: Stored) -> dict[str, str]:
    """The condition that it is still as it was read; a weak ETag cannot say so (RFC 9110 section 13.1.1)."""
    return {"If-Match": stored.etag} if stored.etag and not stored.etag.startswith("W/") else {}


def _alike(found: Meeting, wished: Meeting) -> bool:
    """Whether it is the same meeting to those who see it.

    A server may have put the organizer among those invited.
    """
    same_time = (found.start, found.end, found.cancelled) == (wished.start, wished.end, False)
    same_title = " ".join(found.title.split()) == " ".join(wished.title.split())
    invited = {address.casefold() for address in found.attendees}
    return same_time and same_title and {address.casefold() for address in wished.attendees} <= invited


def _xml(*, depth: int) -> dict[str, str]:
    return {"Content-Type": "application/xml; charset=utf-8", "Depth": str(depth)}
