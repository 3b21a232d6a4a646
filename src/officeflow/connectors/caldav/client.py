"""A calendar that speaks CalDAV."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from officeflow.addresses import address
from officeflow.connectors.caldav import types
from officeflow.connectors.caldav.errors import not_caldav, refusal
from officeflow.connectors.caldav.types import MEDIA_TYPE, Collection, Stored
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Meeting, MeetingChange
from officeflow.connectors.http import Call, HttpSession, Request, after_write
from officeflow.errors import Conflict, ConnectorError, NotFound, NothingHappened, Rejected

if TYPE_CHECKING:
    import httpx
    import icalendar

PROVIDER = "caldav"


class CaldavCalendar:
    """`officeflow.connectors.families.Calendar` over CalDAV.

    An event lives at `<calendar>/<uid>.ics`. It is created only where nothing is there, and changed only where it is still as it was read
    (RFC 4791 section 5.3.2, RFC 9110 section 13.1).
    """

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        self._http = HttpSession(connection, correlation_id=correlation_id)
        self._default_calendar = str(connection.extra.get("calendar") or "")
        organizer = str(connection.extra.get("organizer") or "")
        self._organizer = address(organizer) if organizer else None
        self._calendars: dict[str, str] = {}
        self.address = self._http.address

    def close(self) -> None:
        self._http.close()

    def find_event(self, uid: str, *, calendar: str | None = None) -> Meeting | None:
        stored = self._stored(uid, calendar, Call(provider=PROVIDER, operation="find_event"))
        return self._meeting(stored) if stored else None

    def create_event(self, meeting: Meeting, *, calendar: str | None = None, key: str) -> Meeting:
        url = self._event_url(meeting.uid, calendar, Call(provider=PROVIDER, operation="create_event"))
        call = Call(provider=PROVIDER, operation="create_event", writes=True)
        invited = dataclasses.replace(meeting, organizer=meeting.organizer or self._organizer)
        content = types.new_calendar(invited, now=dt.datetime.now(dt.UTC))
        self._put(url, content, call, key=key, condition={"If-None-Match": "*"})
        with after_write():
            read = self._read_back(url, call)
            if (read.uid, read.start, read.end, read.cancelled) != (meeting.uid, meeting.start, meeting.end, False):
                raise _nothing_happened(call, f"the event reads back from {read.start.isoformat()} to {read.end.isoformat()}")
            return read

    def update_event(self, uid: str, change: MeetingChange, *, calendar: str | None = None, key: str) -> Meeting:
        operation = "update_event"
        stored = self._stored(uid, calendar, Call(provider=PROVIDER, operation=operation))
        if stored is None:
            raise NotFound(f"there is no event {uid}", provider=PROVIDER, operation=operation)
        if self._meeting(stored).cancelled:
            raise Conflict(f"the event {uid} is cancelled", provider=PROVIDER, operation=operation)
        if stored.is_series and change.start is not None:
            raise Rejected(f"the event {uid} is a series, whose time is not one", provider=PROVIDER, operation=operation)
        call = Call(provider=PROVIDER, operation=operation, writes=True)
        url = self._absolute(stored.href)
        self._put(url, types.update(stored, change, now=dt.datetime.now(dt.UTC)), call, key=key, condition=_unchanged(stored))
        with after_write():
            read = self._read_back(url, call)
            if not types.fits(read, change):
                raise _nothing_happened(call, f"the event {uid} does not read back as it was to be")
            return read

    def cancel_event(self, uid: str, *, calendar: str | None = None, key: str) -> Meeting | None:
        stored = self._stored(uid, calendar, Call(provider=PROVIDER, operation="cancel_event"))
        if stored is None:
            raise NotFound(f"there is no event {uid}", provider=PROVIDER, operation="cancel_event")
        found = self._meeting(stored)
        if found.cancelled:
            return found
        call = Call(provider=PROVIDER, operation="cancel_event", writes=True)
        url = self._absolute(stored.href)
        self._put(url, types.cancel(stored, now=dt.datetime.now(dt.UTC)), call, key=key, condition=_unchanged(stored))
        with after_write():
            read = self._read_back(url, call)
            if not read.cancelled:
                raise _nothing_happened(call, f"the event {uid} does not read back as cancelled")
            return read

    def _put(self, url: str, content: icalendar.Calendar, call: Call, *, key: str, condition: dict[str, str]) -> None:
        headers = {"Content-Type": MEDIA_TYPE, **condition}
        self._send(Request(method="PUT", url=url, headers=headers, content=content.to_ical(), key=key), call)

    def _read_back(self, url: str, call: Call) -> Meeting:
        stored = self._get(url, call)
        if stored is None:
            raise _nothing_happened(call, "the event is not there when read back")
        return self._meeting(stored)

    def _meeting(self, stored: Stored) -> Meeting:
        return types.meeting(stored, url=self._absolute(stored.href))

    def _stored(self, uid: str, calendar: str | None, call: Call) -> Stored | None:
        """The event where we would put it; otherwise wherever in the calendar somebody else has put it."""
        stored = self._get(self._event_url(uid, calendar, call), call)
        if stored is not None:
            return stored
        request = Request(method="REPORT", url=self._calendar_url(calendar, call), headers=_xml(depth=1), content=types.find_by_uid(uid))
        response = self._send(request, call)
        try:
            found = list(types.stored_objects(types.parse_xml(response.content)))
        except ValueError as error:
            raise not_caldav(call, str(error)) from error
        return next((stored for stored in found if stored.event["UID"] == uid), None)

    def _get(self, url: str, call: Call) -> Stored | None:
        try:
            response = self._send(Request(method="GET", url=url), call)
        except NotFound:
            return None
        try:
            return Stored(href=url, etag=response.headers.get("ETag"), calendar=types.parse_calendar(response.content))
        except ValueError as error:
            raise not_caldav(call, str(error)) from error

    def _event_url(self, uid: str, calendar: str | None, call: Call) -> str:
        return f"{self._calendar_url(calendar, call)}{quote(uid, safe='@')}.ics"

    def _calendar_url(self, calendar: str | None, call: Call) -> str:
        """With a slash at its end. A calendar is named by its address, its display name or the last part of its path."""
        wanted = calendar or self._default_calendar
        if "/" in wanted:
            return self._absolute(wanted).rstrip("/") + "/"
        if wanted not in self._calendars:
            self._calendars[wanted] = self._absolute(self._discover(wanted, call)).rstrip("/") + "/"
        return self._calendars[wanted]

    def _discover(self, wanted: str, call: Call) -> str:
        """The path of the calendar called `wanted`, or of the first one (RFC 5397, RFC 4791 section 6.2.1)."""
        here = self._propfind(self.address + "/", types.FIND_PRINCIPAL, call)
        if here and here[0].is_calendar and (not wanted or here[0].is_called(wanted)):
            return here[0].href
        principal = next((found.principal for found in here if found.principal), None)
        if principal is None:
            raise not_caldav(call, "the server names no principal for this account")
        homes = [home for found in self._propfind(principal, types.FIND_HOME, call) for home in found.homes]
        calendars = [c for home in homes for c in self._propfind(home, types.FIND_CALENDARS, call, depth=1) if c.is_calendar]
        for found in calendars:
            if not wanted or found.is_called(wanted):
                return found.href
        names = ", ".join(found.name or found.href for found in calendars) or "none"
        text = f"there is no calendar {wanted!r}; there are: {names}" if wanted else "the account has no calendar"
        raise NotFound(text, provider=PROVIDER, operation=call.operation)

    def _propfind(self, href: str, body: str, call: Call, *, depth: int = 0) -> list[Collection]:
        response = self._send(Request(method="PROPFIND", url=self._absolute(href), headers=_xml(depth=depth), content=body.encode()), call)
        try:
            return list(types.collections(types.parse_xml(response.content)))
        except ValueError as error:
            raise not_caldav(call, str(error)) from error

    def _absolute(self, href: str) -> str:
        """The address that `href` stands for. The account's credentials go to the server's own domain alone, whatever it answers."""
        url = urljoin(self.address + "/", href)
        if not _same_domain(url, self.address):
            raise Rejected(f"{url} lies outside of {self.address}", provider=PROVIDER, operation="discover")
        return url

    def _send(self, request: Request, call: Call) -> httpx.Response:
        response = self._http.send(request, call)
        if not response.is_success:
            raise refusal(response, call)
        return response


def _unchanged(stored: Stored) -> dict[str, str]:
    """The condition that it is still as it was read; a weak ETag cannot say so (RFC 9110 section 13.1.1)."""
    return {"If-Match": stored.etag} if stored.etag and not stored.etag.startswith("W/") else {}


def _xml(*, depth: int) -> dict[str, str]:
    return {"Content-Type": "application/xml; charset=utf-8", "Depth": str(depth)}


def _same_domain(url: str, base: str) -> bool:
    """Whether `url` is on the host of `base`, or on a sibling (providers spread their calendars over several), no less encrypted."""
    there, here = urlsplit(url), urlsplit(base)
    if there.scheme != here.scheme:
        return False
    if there.netloc == here.netloc:
        return True
    host, _, parent = (here.hostname or "").partition(".")
    domain = parent if "." in parent else f"{host}.{parent}"
    return not domain.replace(".", "").isdecimal() and (there.hostname or "").endswith(f".{domain}")


def _nothing_happened(call: Call, text: str) -> ConnectorError:
    return NothingHappened(f"{call.provider} said yes to {call.operation}, but {text}", provider=call.provider, operation=call.operation)
