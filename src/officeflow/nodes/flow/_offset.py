"""How far from a day: in the calendar, in business days, in hours."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from officeflow.sdk import NodeParams

ISO_OFFSET = r"^[+-]?P(?=\d|T\d)(\d{1,6}Y)?(\d{1,6}M)?(\d{1,6}W)?(\d{1,6}D)?(T(?=\d)(\d{1,6}H)?(\d{1,6}M)?)?$"
UNITS = ("years", "months", "weeks", "days", None, "hours", "minutes")
"""What the groups of `ISO_OFFSET` hold."""

MOST_BUSINESS_DAYS = 2_000
ONE_DAY = dt.timedelta(days=1)


class Offset(NodeParams):
    """Parts are added in this order, from the largest to the smallest. All may be negative."""

    years: int = Field(0, ge=-999, le=999, description="29 February becomes the 28th in other years.")
    months: int = Field(0, ge=-9999, le=9999, description="The 31st becomes a shorter month's last day.")
    weeks: int = Field(0, ge=-99_999, le=99_999, description="Seven days each.")
    days: int = Field(0, ge=-999_999, le=999_999, description="Days of the calendar.")
    business_days: int = Field(
        0,
        ge=-MOST_BUSINESS_DAYS,
        le=MOST_BUSINESS_DAYS,
        description="Days that are no weekend and, with a country, no holiday of it.",
    )
    hours: int = Field(0, ge=-999_999, le=999_999, description="As they pass, whatever clocks do meanwhile.")
    minutes: int = Field(0, ge=-999_999, le=999_999, description="As the hours.")

    def day_from(self, day: dt.date, is_working: Callable[[dt.date], bool]) -> dt.date:
        """`day` moved by all but hours and minutes; OverflowError outside of the years 1 to 9999."""
        moved = _month_later(day, 12 * self.years + self.months)
        moved += dt.timedelta(weeks=self.weeks, days=self.days)
        step = ONE_DAY if self.business_days > 0 else -ONE_DAY
        left = abs(self.business_days)
        while left:
            moved += step
            left -= is_working(moved)
        return moved

    @property
    def has_days(self) -> bool:
        """Whether it is more than hours and minutes."""
        return any((self.years, self.months, self.weeks, self.days, self.business_days))

    @property
    def span(self) -> dt.timedelta:
        """Its hours and minutes."""
        return dt.timedelta(hours=self.hours, minutes=self.minutes)


def _month_later(day: dt.date, months: int) -> dt.date:
    """The same day that many months later; the last of the month where that has no such day."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OverflowError(f"year {year}")
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _read(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = re.match(ISO_OFFSET, value)
    if found is None:
        raise ValueError(
            "not an offset: write it as P30D, -P7D, P1Y or PT4H, or in parts such as {business_days: 5}"
        )
    sign = -1 if value.startswith("-") else 1
    given = zip(UNITS, found.groups(), strict=True)
    parts: dict[str, Any] = {name: sign * int(text[:-1]) for name, text in given if name and text}
    return parts


OffsetGiven = Annotated[
    Offset,
    BeforeValidator(
        _read, json_schema_input_type=Annotated[str, StringConstraints(pattern=ISO_OFFSET)] | Offset
    ),
]
"""An offset in parts, or as ISO 8601 writes a duration, with a sign in front where it is negative."""
