"""The CalDAV connector against a real CalDAV server."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import icalendar
import pytest

from officeflow.connectors.caldav.types import NAMESPACES
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.connectors.families.calendar import Meeting, MeetingChange
from officeflow.errors import Conflict, ConnectorError, NotFound, NothingHappened, Rejected
from tests.connectors.contract import KEY
from tests.connectors.http_contract import ReadingBackContract
from tests.connectors.http_faults import Fault, FaultProxy
from tests.connectors.test_caldav_documents import MADRID
from tests.counterparts.caldav import CaldavServer

START = re.compile(rb"DTSTART[^\r\n]*")
CONTENT = re.compile(rb"<(\w+:)?calendar-data>.*?</(\w+:)?calendar-data>", re.DOTALL)
PART = (
    b'<d:multistatus xmlns:d="DAV:"><d:response><d:href>/</d:href><d:status>HTTP/1.1 507'
    b" No</d:status></d:response></d:multistatus>"
)
FIRST_DAY = Meeting(
    uid="officeflow-1",
    title="First day: Ana, bring “papers”; please",
    start=dt.datetime(2026, 12, 1, 9, 0, tzinfo=MADRID),
    end=dt.datetime(2026, 12, 1, 10, 30, tzinfo=MADRID),
    attendees=("ana@acme.example", "boss@acme.example"),
    location="Room 1",
    description="Welcome\nto Acme",
)


def rewritten(server: CaldavServer, change: Callable[[str], str]) -> None:
    """Somebody else changes the event."""
    with server.client() as other:
        url = f"{server.calendar_url}{FIRST_DAY.uid}.ics"
        other.put(url, content=change(other.get(url).text).encode()).raise_for_status()


def calendar_of(text: str) -> icalendar.Calendar:
    found = icalendar.Calendar.from_ical(text)
    assert isinstance(found, icalendar.Calendar)
    return found


def answered(server: CaldavServer, address: str) -> None:
    """Somebody accepts."""

    def accept(text: str) -> str:
        found = calendar_of(text)
        for attendee in found.events[0]["ATTENDEE"]:
            if str(attendee) == f"mailto:{address}":
                attendee.params["PARTSTAT"] = "ACCEPTED"
        return str(found.to_ical().decode())

    rewritten(server, accept)


def connection(server: CaldavServer, **changes: Any) -> Connection:
    extra: dict[str, Any] = {
        name: changes[name]
        for name in ("timeout", "calendar", "organizer", "proxy", "trusted_hosts")
        if name in changes
    }
    password = changes.get("password", server.password)
    return Connection(
        id="acme.caldav",
        provider="caldav",
        host=changes.get("url", server.url),
        login=server.user,
        password=password,
        extra=extra,
    )


@pytest.mark.integration
class TestCaldav(ReadingBackContract):
    provider = "caldav"
    family = Family.CALENDAR
    promised = frozenset({507})
    writing = ("PUT",)
    reading = ("PROPFIND",)

    @pytest.fixture
    def server(self, caldav_server: CaldavServer) -> CaldavServer:
        return caldav_server

    def connection(self, server: CaldavServer, **changes: Any) -> Connection:
        return connection(server, **changes)

    def wrong_credentials(self, server: CaldavServer) -> Connection:
        return connection(server, password="wrong")

    def url(self, server: CaldavServer) -> str:
        return server.url

    def write(self, client: Any) -> Any:
        return client.create_event(FIRST_DAY, key=KEY)

    def read(self, client: Any) -> Any:
        return client.find_event(FIRST_DAY.uid)

    def is_done(self, server: CaldavServer) -> bool:
        return FIRST_DAY.uid in server.events()

    def correlation_ids(self, server: CaldavServer) -> set[str | None]:
        """Emptying the calendar before the test came without one."""
        own = [request for request in server.requests() if request["method"] not in {"DELETE", "MKCALENDAR"}]
        return {request.get("correlation_id") for request in own}

    def nothing_happened_fault(self) -> Fault:
        return Fault(kind="answer", methods=("PUT",), status=201)

    # ── what is CalDAV's own ──

    def test_an_event_keeps_its_zone_and_brings_the_zones_rules(
        self, server: CaldavServer, client: Any
    ) -> None:
        made = client.create_event(FIRST_DAY, key=KEY)
        assert (made.start, made.end) == (FIRST_DAY.start, FIRST_DAY.end)
        stored = calendar_of(server.events())
        event = stored.events[0]
        assert event["DTSTART"].params["TZID"] == "Europe/Madrid"
        assert [zone.tz_name for zone in stored.timezones] == ["Europe/Madrid"]
        assert event["DTSTART"].dt.astimezone(dt.UTC).hour == 8
        assert (event["STATUS"], int(event["SEQUENCE"])) == ("CONFIRMED", 0)

    def test_an_event_reads_back_as_it_was_written(self, client: Any) -> None:
        made = client.create_event(FIRST_DAY, key=KEY)
        found = client.find_event(FIRST_DAY.uid)
        assert made == found
        assert (made.key, made.form) == (KEY, "zoned")
        assert (found.title, found.location, found.description) == (
            FIRST_DAY.title,
            FIRST_DAY.location,
            FIRST_DAY.description,
        )
        assert found.attendees == FIRST_DAY.attendees
        assert not found.cancelled

    def test_people_are_invited_by_the_connections_organizer(self, server: CaldavServer) -> None:
        client = self.open(connection(server, organizer="hr@acme.example"))
        assert client.create_event(FIRST_DAY, key=KEY).organizer == "hr@acme.example"
        client.close()
        event = calendar_of(server.events()).events[0]
        assert {(str(a), a.params["PARTSTAT"], a.params["RSVP"]) for a in event["ATTENDEE"]} == {
            (f"mailto:{address}", "NEEDS-ACTION", "TRUE") for address in FIRST_DAY.attendees
        }

    def test_an_event_is_created_once_and_never_overwritten(self, client: Any, server: CaldavServer) -> None:
        client.create_event(FIRST_DAY, key=KEY)
        with pytest.raises(Conflict) as caught:
            client.create_event(FIRST_DAY, key=KEY)
        assert not caught.value.maybe_done
        assert server.events().count("BEGIN:VEVENT") == 1

    def test_an_event_is_moved_and_everybody_is_asked_anew(self, server: CaldavServer, client: Any) -> None:
        client.create_event(FIRST_DAY, key=KEY)
        answered(server, "ana@acme.example")
        later = MeetingChange(
            start=FIRST_DAY.start + dt.timedelta(days=1),
            end=FIRST_DAY.end + dt.timedelta(days=1),
            location="Room 2",
        )
        moved = client.update_event(FIRST_DAY.uid, later, key=KEY)
        assert (moved.start, moved.end, moved.location, moved.title) == (
            later.start,
            later.end,
            "Room 2",
            FIRST_DAY.title,
        )
        event = calendar_of(server.events()).events[0]
        assert (int(event["SEQUENCE"]), event["DTSTART"].params["TZID"]) == (1, "Europe/Madrid")
        assert {attendee.params["PARTSTAT"] for attendee in event["ATTENDEE"]} == {"NEEDS-ACTION"}

    def test_who_stays_invited_keeps_the_answer(self, server: CaldavServer, client: Any) -> None:
        client.create_event(FIRST_DAY, key=KEY)
        answered(server, "ana@acme.example")
        change = MeetingChange(attendees=("Ana@acme.example", "bob@acme.example"), description="")
        assert client.update_event(FIRST_DAY.uid, change, key=KEY).description is None
        event = calendar_of(server.events()).events[0]
        answers = {str(attendee): attendee.params["PARTSTAT"] for attendee in event["ATTENDEE"]}
        assert answers == {"mailto:ana@acme.example": "ACCEPTED", "mailto:bob@acme.example": "NEEDS-ACTION"}
        assert "DESCRIPTION" not in event

    def test_what_is_gone_or_cancelled_is_not_changed(self, client: Any) -> None:
        with pytest.raises(NotFound):
            client.update_event("nobody", MeetingChange(title="x"), key=KEY)
        client.create_event(FIRST_DAY, key=KEY)
        client.cancel_event(FIRST_DAY.uid, key=KEY)
        with pytest.raises(Conflict, match="cancelled"):
            client.update_event(FIRST_DAY.uid, MeetingChange(title="x"), key=KEY)

    def test_a_series_is_not_moved_as_if_it_were_one_event(self, server: CaldavServer, client: Any) -> None:
        client.create_event(FIRST_DAY, key=KEY)
        rewritten(server, lambda body: body.replace("SEQUENCE:0", "SEQUENCE:0\r\nRRULE:FREQ=WEEKLY;COUNT=3"))
        with pytest.raises(Rejected, match="series"):
            client.update_event(
                FIRST_DAY.uid, MeetingChange(start=FIRST_DAY.start, end=FIRST_DAY.end), key=KEY
            )
        assert client.update_event(FIRST_DAY.uid, MeetingChange(title="Weekly"), key=KEY).title == "Weekly"

    def test_a_change_of_what_somebody_changed_meanwhile_is_a_conflict(
        self, server: CaldavServer, client: Any, proxy: FaultProxy
    ) -> None:
        client.create_event(FIRST_DAY, key=KEY)

        def meanwhile(body: bytes) -> bytes:
            rewritten(server, lambda text: text.replace("Room 1", "Room 2"))
            return body

        proxy.fault(Fault(kind="rewrite", methods=("GET",), change=meanwhile))
        through = self.open(connection(server, url=proxy.url))
        with pytest.raises(Conflict) as caught:
            through.update_event(FIRST_DAY.uid, MeetingChange(title="x"), key=KEY)
        through.close()
        assert (caught.value.status, caught.value.maybe_done) == (412, False)

    def test_a_change_that_did_not_happen_is_found_out(
        self, server: CaldavServer, client: Any, proxy: FaultProxy
    ) -> None:
        client.create_event(FIRST_DAY, key=KEY)
        proxy.fault(Fault(kind="answer", methods=("PUT",), status=204))
        through = self.open(connection(server, url=proxy.url))
        with pytest.raises(NothingHappened) as caught:
            through.update_event(FIRST_DAY.uid, MeetingChange(title="x"), key=KEY)
        through.close()
        assert caught.value.maybe_done

    def test_a_cancelled_event_stays_and_says_so_in_its_next_revision(
        self, server: CaldavServer, client: Any
    ) -> None:
        client.create_event(FIRST_DAY, key=KEY)
        assert client.cancel_event(FIRST_DAY.uid, key=KEY).cancelled
        event = calendar_of(server.events()).events[0]
        assert (event["STATUS"], int(event["SEQUENCE"])) == ("CANCELLED", 1)
        assert str(event["SUMMARY"]) == FIRST_DAY.title

    def test_cancelling_twice_writes_once(self, server: CaldavServer, client: Any) -> None:
        client.create_event(FIRST_DAY, key=KEY)
        for _ in range(2):
            assert client.cancel_event(FIRST_DAY.uid, key=KEY).cancelled
        assert [request["method"] for request in server.writes()].count("PUT") == 2

    def test_cancelling_what_is_not_there_is_not_found(self, client: Any) -> None:
        with pytest.raises(NotFound):
            client.cancel_event("nobody", key=KEY)

    def test_an_event_that_somebody_changed_meanwhile_is_a_conflict(
        self, server: CaldavServer, client: Any, proxy: FaultProxy
    ) -> None:
        client.create_event(FIRST_DAY, key=KEY)

        def meanwhile(body: bytes) -> bytes:
            with server.client() as other:
                other.put(
                    f"{server.calendar_url}{FIRST_DAY.uid}.ics", content=body.replace(b"Room 1", b"Room 2")
                ).raise_for_status()
            return body

        proxy.fault(Fault(kind="rewrite", methods=("GET",), change=meanwhile))
        through = self.open(connection(server, url=proxy.url))
        with pytest.raises(Conflict) as caught:
            through.cancel_event(FIRST_DAY.uid, key=KEY)
        through.close()
        assert caught.value.status == 412
        assert not caught.value.maybe_done

    def test_a_cancellation_that_did_not_happen_is_found_out(
        self, server: CaldavServer, client: Any, proxy: FaultProxy
    ) -> None:
        client.create_event(FIRST_DAY, key=KEY)
        proxy.fault(Fault(kind="answer", methods=("PUT",), status=204))
        through = self.open(connection(server, url=proxy.url))
        with pytest.raises(Exception, match="does not read back as cancelled"):
            through.cancel_event(FIRST_DAY.uid, key=KEY)
        through.close()

    def test_an_event_at_another_address_is_found_by_its_uid(self, server: CaldavServer, client: Any) -> None:
        client.create_event(FIRST_DAY, key=KEY)
        with server.client() as other:
            other.request(
                "MOVE",
                f"{server.calendar_url}{FIRST_DAY.uid}.ics",
                headers={"Destination": f"{server.calendar_url}else.ics"},
            )
        found = client.find_event(FIRST_DAY.uid)
        assert found is not None
        assert found.url == f"{server.calendar_url}else.ics"
        assert client.cancel_event(FIRST_DAY.uid, key=KEY).cancelled
        assert client.find_event("officeflow") is None

    @pytest.mark.parametrize("line", ["DTSTART;TZID=tzone://Nowhere:20261201T090000", "DTSTART:soon"])
    def test_an_event_that_cannot_be_read_is_named_and_not_taken_for_absent(
        self, line: str, server: CaldavServer, client: Any, proxy: FaultProxy
    ) -> None:
        client.create_event(FIRST_DAY, key=KEY)
        proxy.fault(
            Fault(
                kind="rewrite",
                methods=("GET", "REPORT"),
                change=lambda body: START.sub(line.encode(), body),
                times=9,
            )
        )
        through = self.open(connection(server, url=proxy.url))
        acts: tuple[Callable[[], object], ...] = (
            lambda: through.find_event(FIRST_DAY.uid),
            lambda: through.cancel_event(FIRST_DAY.uid, key=KEY),
        )
        for act in acts:
            with pytest.raises(Rejected, match=r"cannot be read: .*(soon|a zone that nothing describes)"):
                act()
        through.close()

    @pytest.mark.parametrize("body", [b"<html/>", PART])
    def test_an_answer_that_does_not_answer_is_not_taken_for_absence(
        self, body: bytes, proxy: FaultProxy, failing: Any
    ) -> None:
        proxy.fault(Fault(kind="answer", methods=("REPORT",), status=207, body=body))
        with pytest.raises(Rejected, match="did not answer find_event in CalDAV"):
            self.read(failing)

    def test_events_that_a_server_names_without_their_content_are_asked_for(
        self, server: CaldavServer, client: Any, proxy: FaultProxy
    ) -> None:
        client.create_event(FIRST_DAY, key=KEY)
        with server.client() as other:
            other.request(
                "MOVE",
                f"{server.calendar_url}{FIRST_DAY.uid}.ics",
                headers={"Destination": f"{server.calendar_url}else.ics"},
            )
        proxy.fault(Fault(kind="rewrite", methods=("REPORT",), change=lambda body: CONTENT.sub(b"", body)))
        through = self.open(connection(server, url=proxy.url))
        assert through.find_event(FIRST_DAY.uid).title == FIRST_DAY.title
        through.close()

    @pytest.mark.parametrize("how", ["name", "address", "path", "the connection's address"])
    def test_a_calendar_is_named_in_several_ways(self, server: CaldavServer, how: str) -> None:
        named = {
            "name": server.calendar,
            "address": server.calendar_url,
            "path": f"/{server.user}/{server.calendar}/",
        }.get(how)
        client = self.open(connection(server, url=server.calendar_url if named is None else server.url))
        made = client.create_event(FIRST_DAY, calendar=named, key=KEY)
        client.close()
        assert made.url.startswith(server.calendar_url)

    def test_an_unknown_calendar_is_not_found_and_the_known_ones_are_named(
        self, client: Any, server: CaldavServer
    ) -> None:
        with pytest.raises(NotFound, match="there are"):
            client.find_event("x", calendar="holidays")

    def test_a_calendar_elsewhere_is_not_given_the_credentials(self, client: Any) -> None:
        with pytest.raises(Rejected, match="outside"):
            client.find_event("x", calendar="http://evil.example/calendar/")

    def test_the_precondition_that_failed_decides(self, proxy: FaultProxy, failing: Any) -> None:
        for reason, kind in (("no-uid-conflict", Conflict), ("valid-calendar-data", Rejected)):
            body = f'<D:error xmlns:D="DAV:" xmlns:C="{NAMESPACES["c"]}"><C:{reason}/></D:error>'.encode()
            proxy.fault(Fault(kind="answer", methods=("PUT",), status=403, body=body))
            with pytest.raises(kind, match=reason):
                self.write(failing)

    def test_an_event_that_reads_back_at_another_time_is_found_out(
        self, proxy: FaultProxy, failing: Any
    ) -> None:
        proxy.fault(
            Fault(kind="rewrite", methods=("GET",), change=lambda body: body.replace(b"T090000", b"T080000"))
        )
        with pytest.raises(ConnectorError, match="reads back from 2026-12-01T08:00") as caught:
            self.write(failing)
        assert caught.value.maybe_done

    def test_an_account_without_calendars_is_told_so(self, proxy: FaultProxy, failing: Any) -> None:
        proxy.fault(
            Fault(
                kind="rewrite",
                methods=("PROPFIND",),
                change=lambda body: body.replace(b":calendar />", b":schedule />"),
                times=9,
            )
        )
        proxy.fault(Fault(kind="rewrite", methods=("PROPFIND",), times=9))
        with pytest.raises((NotFound, Rejected)):
            self.read(failing)
