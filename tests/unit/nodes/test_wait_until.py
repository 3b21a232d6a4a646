"""When `flow.wait_until` ends: dates, zones, clocks that are changed, days that are skipped."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.errors import InvalidParameters
from officeflow.nodes.flow.wait_until import Due, WaitUntil, due
from officeflow.sdk import first_moment
from officeflow.workflows.check_nodes import params_problems

BERLIN = "Europe/Berlin"
ZONES = st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])
WALLS = st.datetimes(
    min_value=dt.datetime.fromisoformat("1975-01-01"), max_value=dt.datetime.fromisoformat("2090-01-01")
)


def until(clocks: str = BERLIN, **params: Any) -> Due:
    return due(WaitUntil.parse(params), clocks)


def local(clocks: str = BERLIN, **params: Any) -> str:
    return until(clocks, **params).local.isoformat(timespec="minutes")


def wrong(**params: Any) -> str:
    with pytest.raises(InvalidParameters) as caught:
        until(**params)
    return "; ".join(map(str, caught.value.problems))


class TestTheDate:
    @pytest.mark.parametrize(
        ("params", "shown"),
        [
            ({"date": "2026-12-01"}, "2026-12-01T00:00"),
            ({"date": "2026-12-01", "at": "09:00"}, "2026-12-01T09:00"),
            ({"date": "2026-12-01T08:15"}, "2026-12-01T08:15"),
            ({"date": "2026-12-01T23:30:00Z"}, "2026-12-02T00:30"),
            ({"date": "2026-12-01T23:30:00Z", "at": "09:00"}, "2026-12-02T09:00"),
            ({"date": "2026-12-01", "offset": "P30D"}, "2026-12-31T00:00"),
            ({"date": "2026-12-01", "offset": "-P7D", "at": "17:30"}, "2026-11-24T17:30"),
            ({"date": "2026-12-01", "offset": "-P1W"}, "2026-11-24T00:00"),
            ({"date": "2026-12-01", "offset": {"days": 30}}, "2026-12-31T00:00"),
            ({"date": "2026-12-01", "offset": "PT4H30M", "at": "09:00"}, "2026-12-01T13:30"),
            ({"date": "2026-01-31", "offset": "P1M"}, "2026-02-28T00:00"),
            ({"date": "2026-03-31", "offset": "-P1M1D"}, "2026-02-27T00:00"),
            ({"date": "2028-02-29", "offset": "P1Y"}, "2029-02-28T00:00"),
            ({"date": "2028-02-29", "offset": "P4Y"}, "2032-02-29T00:00"),
        ],
    )
    def test_it_is_moved_along_the_calendar(self, params: dict[str, Any], shown: str) -> None:
        assert local(**params) == shown

    def test_a_moment_stays_the_moment_that_it_is(self) -> None:
        """Clocks in Berlin show 02:30 twice on 25 October 2026; 01:30 UTC is the second."""
        assert until(date="2026-10-25T01:30:00Z").moment == dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC)
        assert until(date="2026-10-24T22:30:00Z", offset="PT3H").moment.hour == 1

    @pytest.mark.parametrize(
        ("params", "said"),
        [
            ({"date": "2027-02-29"}, "there is no 29 February 2027: that month ends on the 28th"),
            ({"date": "2026-13-01"}, "there is no such day"),
            ({"date": "tomorrow"}, "write it as 2026-12-01"),
            ({"date": None}, "date has no value"),
            ({"date": "2026-12-01", "offset": "30 days"}, "write it as P30D, -P7D"),
            ({"date": "2026-12-01", "offset": "P"}, "write it as P30D"),
            ({"date": "2026-12-01", "offset": {"fortnights": 2}}, "params.offset.fortnights"),
            ({"date": "2026-12-01", "offset": "P9000Y"}, "params.offset.years"),
            ({"date": "9999-12-31", "offset": "P1D"}, "outside of the years 1 to 9999"),
            ({"date": "0001-01-01", "offset": "-P1M"}, "outside of the years 1 to 9999"),
            ({"date": "2026-12-01", "at": "24:00"}, "params.at"),
            ({"date": "2026-12-01", "zone": "Europe/Berln"}, "there is no time zone 'Europe/Berln'"),
            ({"date": "2026-12-01", "country": "XX"}, "no holidays are known of a country 'XX'"),
            ({"date": "2026-12-01", "country": "de"}, "params.country"),
            ({"date": "2026-12-01", "country": "DE", "subdivision": "XY"}, "DE has no subdivision 'XY'"),
            ({"date": "2026-12-01", "subdivision": "BY"}, "subdivision: it is one of a country"),
            ({"date": "2026-12-01", "skip": "holidays"}, "holidays need a country"),
            ({"date": "2026-12-01", "skip": "mondays"}, "params.skip"),
        ],
    )
    def test_what_cannot_be_is_refused_with_its_field(self, params: dict[str, Any], said: str) -> None:
        assert said in wrong(**params)


class TestClocksThatAreChanged:
    def test_a_time_that_clocks_do_not_show_is_the_first_moment_after_the_gap(self) -> None:
        found = until(date="2026-03-29", at="02:30")
        assert found.moment == dt.datetime(2026, 3, 29, 1, 0, tzinfo=dt.UTC)
        assert found.local.isoformat() == "2026-03-29T03:00:00"

    def test_a_time_that_they_show_twice_is_the_earlier_one(self) -> None:
        assert until(date="2026-10-25", at="02:30").moment == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)

    def test_a_day_later_is_the_same_time_and_24_hours_later_is_not(self) -> None:
        assert local(date="2026-03-28", at="09:00", offset="P1D") == "2026-03-29T09:00"
        assert local(date="2026-03-28", at="09:00", offset="PT24H") == "2026-03-29T10:00"

    def test_a_day_that_a_country_left_out_is_the_first_moment_of_the_next(self) -> None:
        assert local("Pacific/Apia", date="2011-12-30", at="12:00") == "2011-12-31T00:00"

    @given(wall=WALLS, zone=ZONES)
    def test_clocks_show_the_time_or_have_just_jumped_over_it(self, wall: dt.datetime, zone: str) -> None:
        wall, place = wall.replace(microsecond=0), ZoneInfo(zone)
        found = first_moment(wall, zone)
        shown = found.astimezone(place).replace(tzinfo=None)
        just_before = (found - dt.timedelta(seconds=1)).astimezone(place).replace(tzinfo=None)
        assert shown >= wall
        assert shown == wall or just_before < wall
        earlier = wall.replace(tzinfo=place, fold=0).astimezone(dt.UTC)
        assert found <= earlier

    @given(first=WALLS, second=WALLS, zone=ZONES)
    def test_what_is_later_by_the_clock_of_another_day_is_not_earlier(
        self, first: dt.datetime, second: dt.datetime, zone: str
    ) -> None:
        early, late = sorted((first, second))
        if late.date() > early.date() + dt.timedelta(days=1):
            assert first_moment(early, zone) < first_moment(late, zone)


class TestDaysThatAreSkipped:
    def test_a_weekend_moves_to_monday_or_back_to_friday(self) -> None:
        saturday = {"date": "2026-11-28", "at": "09:00", "skip": "weekends"}
        found = until(**saturday)
        assert (found.local.isoformat(), found.moved_from, found.moved_because) == (
            "2026-11-30T09:00:00",
            dt.date(2026, 11, 28),
            "a weekend",
        )
        assert local(**saturday, roll="previous") == "2026-11-27T09:00"

    def test_a_working_day_stays(self) -> None:
        assert until(date="2026-11-27", skip=["weekends", "holidays"], country="DE").moved_from is None

    def test_holidays_and_weekends_together_are_passed_over(self) -> None:
        """25 and 26 December 2026 are a Friday and a Saturday."""
        found = until(date="2026-12-25", skip=["weekends", "holidays"], country="DE")
        assert found.local.date() == dt.date(2026, 12, 28)
        assert "Weihnacht" in found.moved_because or "Christmas" in found.moved_because

    def test_a_holiday_of_one_state_counts_there_alone(self) -> None:
        assumption = {"date": "2028-08-15", "skip": "holidays", "country": "DE"}
        assert local(**assumption) == "2028-08-15T00:00"
        assert local(**assumption, subdivision="SL") == "2028-08-16T00:00"

    def test_the_weekend_is_that_of_the_country(self) -> None:
        friday = {"date": "2026-11-27", "skip": "weekends"}
        assert local(**friday) == "2026-11-27T00:00"
        assert local(**friday, country="SA") == "2026-11-29T00:00"

    @pytest.mark.parametrize(
        ("days", "day"), [(1, "2026-11-30"), (5, "2026-12-04"), (-1, "2026-11-26"), (-5, "2026-11-20")]
    )
    def test_business_days_are_counted_without_weekends(self, days: int, day: str) -> None:
        assert local(date="2026-11-27", offset={"business_days": days}) == f"{day}T00:00"

    def test_business_days_are_counted_without_the_countrys_holidays(self) -> None:
        assert local(date="2026-12-23", offset={"business_days": 2}, country="DE") == "2026-12-28T00:00"

    @given(day=st.dates(dt.date(2001, 1, 1), dt.date(2060, 1, 1)), days=st.integers(1, 60))
    def test_business_days_end_on_working_days_and_lead_back(self, day: dt.date, days: int) -> None:
        there = until(date=day.isoformat(), offset={"business_days": days}).local.date()
        assert there.weekday() < 5
        back = until(date=there.isoformat(), offset={"business_days": -days}).local.date()
        assert back <= day
        assert back.weekday() < 5
        assert day.weekday() >= 5 or back == day

    @given(day=st.dates(dt.date(2001, 1, 1), dt.date(2060, 1, 1)))
    def test_a_skipped_day_is_never_where_it_ends(self, day: dt.date) -> None:
        for roll in ("next", "previous"):
            ends = until(
                date=day.isoformat(), skip=["weekends", "holidays"], country="DE", roll=roll
            ).local.date()
            assert ends.weekday() < 5
            assert (ends >= day) if roll == "next" else (ends <= day)
            assert abs((ends - day).days) < 7


class TestValidation:
    """What stands in the definition is refused before any run; what is computed is left to the run."""

    def problems(self, **params: Any) -> list[str]:
        return [str(problem) for problem in params_problems(params, WaitUntil)]

    def test_a_literal_that_cannot_be_is_a_problem(self) -> None:
        date = "${{ event.payload.start_date }}"
        assert "no time zone" in self.problems(date=date, zone="Mars/Base")[0]
        assert "country 'QQ'" in self.problems(date=date, country="QQ")[0]
        assert "no 29 February" in self.problems(date="2027-02-29")[0]
        assert self.problems(date=date, skip="holidays")

    def test_what_is_computed_is_not(self) -> None:
        assert not self.problems(
            date="${{ employee.end_date }}",
            zone="${{ org.settings.zone }}",
            offset={"days": "${{ nodes.set.output.days }}"},
            skip=["weekends", "holidays"],
            country="${{ employee.country }}",
        )


def test_the_library_of_holidays_is_loaded_when_it_is_needed() -> None:
    code = "import sys; import officeflow.nodes.flow.wait_until; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
