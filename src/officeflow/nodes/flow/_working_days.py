"""Which days are working days: by weekends, and by the public holidays of a country."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase

SATURDAY = 5
ONE_DAY = dt.timedelta(days=1)
MOST_STEPS = 366


@dataclass(frozen=True)
class WorkingDays:
    """Days are left out that are `weekends` or `holidays`, as it says.

    Without a country weekends are Saturdays and Sundays, and there are no holidays.
    """

    weekends: bool
    holidays: bool
    country: HolidayBase | None = field(default=None, repr=False)

    def why_not(self, day: dt.date) -> str:
        """Why no work is done on the day: `a weekend`, or the holiday's name; "" where it is."""
        if self.holidays and self.country is not None and (name := self.country.get(day)):
            return name
        return "a weekend" if self.weekends and self._is_weekend(day) else ""

    def is_working(self, day: dt.date) -> bool:
        return not self.why_not(day)

    def nearest(self, day: dt.date, *, backwards: bool) -> dt.date:
        """The day itself where it is a working day, otherwise the next one, or the one before.

        OverflowError where there is none within a year.
        """
        for _ in range(MOST_STEPS):
            if self.is_working(day):
                return day
            day += -ONE_DAY if backwards else ONE_DAY
        raise OverflowError("no working day")

    def _is_weekend(self, day: dt.date) -> bool:
        return day.weekday() >= SATURDAY if self.country is None else self.country.is_weekend(day)


def country_of(code: str, subdivision: str | None = None) -> HolidayBase:
    """The calendar of a country, by its ISO 3166 code. ValueError where it, or the subdivision, is not
    known.
    """
    from holidays import country_holidays

    try:
        country = country_holidays(code)
    except NotImplementedError:
        raise ValueError(
            f"no holidays are known of a country {code!r}: write its ISO 3166 code, as DE"
        ) from None
    if subdivision is None:
        return country
    try:
        return country_holidays(code, subdiv=subdivision)
    except NotImplementedError:
        known = ", ".join(country.subdivisions) or "none"
        raise ValueError(f"{code} has no subdivision {subdivision!r}: there are {known}"[:500]) from None
