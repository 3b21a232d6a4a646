"""What other programs wrote into calendars, as it is read."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest

from officeflow.connectors.caldav.reading import meeting, parse_calendar
from officeflow.connectors.caldav.types import Stored, parse_xml

MADRID = ZoneInfo("Europe/Madrid")


def stored(*lines: str) -> Stored:
    text = "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:x",
            "BEGIN:VEVENT",
            "UID:u",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )
    return Stored(href="/u.ics", etag=None, calendar=parse_calendar(text))


class TestWhatOthersWrote:
    def test_a_day_lasts_from_midnight_to_midnight(self) -> None:
        read = meeting(stored("DTSTART;VALUE=DATE:20261201"), url="")
        assert (read.start, read.end) == (
            dt.datetime(2026, 12, 1, tzinfo=dt.UTC),
            dt.datetime(2026, 12, 2, tzinfo=dt.UTC),
        )
        assert (read.form, read.shown(read.start)) == ("all_day", dt.datetime(2026, 12, 1))  # noqa: DTZ001

    def test_a_zone_belongs_to_the_document_that_describes_it(self) -> None:
        def described(offset: str) -> str:
            zone = [
                "BEGIN:VTIMEZONE",
                "TZID:Custom",
                "BEGIN:STANDARD",
                "DTSTART:19700101T000000",
                f"TZOFFSETFROM:{offset}",
            ]
            zone += [f"TZOFFSETTO:{offset}", "END:STANDARD", "END:VTIMEZONE"]
            event = ["BEGIN:VEVENT", "UID:u", "DTSTART;TZID=Custom:20261201T090000", "END:VEVENT"]
            return "\r\n".join(
                ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *zone, *event, "END:VCALENDAR", ""]
            )

        read = [
            parse_calendar(described(offset)).events[0]["DTSTART"].dt.utcoffset()
            for offset in ("+0300", "-0500", "+0000")
        ]
        assert read == [dt.timedelta(hours=hours) for hours in (3, -5, 0)]

    @pytest.mark.parametrize("name", ["tzone://Microsoft/Utc", '"tzone://Microsoft/Utc"'])
    def test_utc_as_exchange_calls_it_is_utc(self, name: str) -> None:
        assert meeting(stored(f"DTSTART;TZID={name}:20261201T090000"), url="").start == dt.datetime(
            2026, 12, 1, 9, tzinfo=dt.UTC
        )

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("DTSTART;TZID=Nowhere/Land:20261201T090000", "zone that nothing describes: Nowhere/Land"),
            ("DTSTART;TZID=tzone://Microsoft/Custom:20261201T090000", "tzone://Microsoft/Custom"),
            ("DTSTART:99999999T090000", "DTSTART"),
            ("DTSTART:20261201T090000\r\nDTSTART:20261202T090000", "no single DTSTART"),
            ("DTSTART:20261201T090000\r\nDURATION:soon", "DURATION"),
            ("SUMMARY:no time", "no DTSTART"),
        ],
    )
    def test_what_is_wrong_with_a_calendar_is_named(self, line: str, why: str) -> None:
        with pytest.raises(ValueError, match=re.escape(why)):
            stored(line)

    def test_a_duration_gives_the_end(self) -> None:
        read = meeting(stored("DTSTART:20261201T090000Z", "DURATION:PT90M"), url="")
        assert read.end - read.start == dt.timedelta(minutes=90)

    def test_one_attendee_is_a_list_of_one(self) -> None:
        read = meeting(
            stored("DTSTART:20261201T090000Z", "ATTENDEE:MAILTO:ana@acme.example", "STATUS:CANCELLED"), url=""
        )
        assert (read.attendees, read.cancelled) == (("ana@acme.example",), True)

    @pytest.mark.parametrize("text", ["", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "<html>"])
    def test_what_is_no_event_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError):
            parse_calendar(text)

    def test_entities_of_an_answer_are_not_followed(self) -> None:
        text = b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/hostname">]><d>&e;</d>'
        assert not (parse_xml(text).text or "").strip()
