"""The moment that an event's time names."""

from __future__ import annotations

import datetime as dt

import pytest

from officeflow.errors import InvalidEvent
from officeflow.events.times import event_time

NINE = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-05T09:00:00Z", NINE),
        ("2026-01-05t09:00:00z", NINE),
        ("2026-01-05 09:00:00Z", NINE),
        ("2026-01-05T10:00:00+01:00", NINE),
        ("2026-01-05T10:00:00+0100", NINE),
        ("2026-01-05T09:00:00+0000", NINE),
        ("2026-01-05T10:00:00+01", NINE),
        ("2026-01-05T09:00Z", NINE),
        ("2026-01-05T09:00+0000", NINE),
        ("2026-01-05 09:00:00 +0000", NINE),
        ("2026-01-05T08:59:60Z", NINE),
        ("2026-12-31T23:59:60Z", dt.datetime(2027, 1, 1, tzinfo=dt.UTC)),
        ("2026-12-31T23:59:60.5+00:00", dt.datetime(2027, 1, 1, tzinfo=dt.UTC)),
        ("2026-01-05T09:00:00.250Z", NINE + dt.timedelta(milliseconds=250)),
        ("2026-01-05T09:00:00.123456789Z", NINE + dt.timedelta(microseconds=123456)),
    ],
)
def test_what_can_be_read_in_one_way_only_is_taken(text: str, moment: dt.datetime) -> None:
    assert event_time(text) == moment


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-01-05T09:00:00", "write 2026-01-05T09:00:00Z where it is UTC, or the offset"),
        ("2026-01-05T09:00", "has no zone"),
        ("2026-01-05", "it looks like '0000-00-00'"),
        ("1767603600", "it looks like '0000000000'"),
        ("05.01.2026 09:00", "it looks like '00.00.0000 00:00'"),
        ("Ana Garcia", "it looks like 'xxx xxxxxx'"),
        ("2026-13-05T09:00:00Z", "one that the calendar does not have"),
        ("2026-01-05T09:61:00Z", "one that the calendar does not have"),
        ("2026-01-05T09:00:61Z", "one that the calendar does not have"),
        ("2026-01-05T09:00:00+25:00", "one that the calendar does not have"),
        ("\uff12\uff10\uff12\uff16-01-05T09:00:00Z", "not of the form"),
        ("2026-01-05T09:00:00Z\n", "not of the form"),
        ("", "not of the form"),
    ],
)
def test_anything_else_is_refused_with_what_was_seen_and_what_to_send(text: str, said: str) -> None:
    with pytest.raises(InvalidEvent) as caught:
        event_time(text)
    assert caught.value.reason_code == "invalid_time"
    assert said in caught.value.message
