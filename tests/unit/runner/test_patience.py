"""What is away is waited for, and what is said to be absent is believed when it was said often enough."""

from __future__ import annotations

import datetime as dt

import pytest

from officeflow.errors import InvalidInput, NotKnown, OfficeFlowError, StillAway, Unavailable
from officeflow.runner.patience import ABSENT_LOOKS, OUTAGE, borne
from officeflow.runs.refusals import Seen

NOW = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


def look(error: OfficeFlowError, seen: Seen | None = None) -> OfficeFlowError:
    return borne(error, seen, now=NOW, drawn=0.5)


def test_an_outage_is_waited_for_an_hour_without_a_try() -> None:
    away = look(Unavailable("away"))
    assert isinstance(away, StillAway)
    assert NOW < away.until < NOW + dt.timedelta(minutes=1)
    assert isinstance(
        look(Unavailable("away"), Seen("unavailable", NOW - OUTAGE + dt.timedelta(seconds=1), 90)), StillAway
    )
    assert isinstance(look(Unavailable("away"), Seen("unavailable", NOW - OUTAGE, 240)), Unavailable)


def test_an_absence_is_believed_at_the_third_look_in_a_row() -> None:
    looks = [
        look(NotKnown("no"), Seen("not_known", NOW, number) if number else None)
        for number in range(ABSENT_LOOKS)
    ]
    assert [type(each) for each in looks] == [StillAway, StillAway, NotKnown]


@pytest.mark.parametrize("code", ["unavailable", "invalid_parameters"])
def test_looks_that_found_something_else_do_not_count(code: str) -> None:
    assert isinstance(look(NotKnown("no"), Seen(code, NOW, 9)), StillAway)


def test_what_is_neither_is_an_error_at_once() -> None:
    error = InvalidInput("wrong")
    assert look(error) is error
