"""Spans and moments as people write them in parameters."""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

CLOCK_SKEW = dt.timedelta(minutes=2)
"""How far another system's clock may be from ours."""

# ISO 8601 without years and months, whose length nobody knows.
ISO_DURATION = r"^P(?=\d|T\d)(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$"


def _span(value: object) -> object:
    if isinstance(value, str) and not re.match(ISO_DURATION, value):
        raise ValueError("not a duration: write it as PT30M, PT8H, P2D or P1W, or as a number of seconds")
    return value


def _not_negative(value: dt.timedelta) -> dt.timedelta:
    if value < dt.timedelta(0):
        raise ValueError("a duration cannot be negative")
    return value


Duration = Annotated[
    dt.timedelta,
    BeforeValidator(_span),
    AfterValidator(_not_negative),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": ISO_DURATION}, {"type": "number", "minimum": 0}]}
    ),
]
"""A span of time: ISO 8601 (`PT30M`, `P2D`) or a number of seconds."""


@functools.cache
def zone_names() -> frozenset[str]:
    """All names, read once: that walks the whole database of time zones."""
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Whether the IANA database has a zone of this name."""
    return name in zone_names()


def _zone_name(value: str) -> str:
    if not is_zone(value):
        raise ValueError(f"there is no time zone {value!r}: write it as Europe/Madrid")
    return value


TimeZoneName = Annotated[str, AfterValidator(_zone_name)]
"""A zone's name in the IANA database."""


def local_moment(wall: dt.datetime, zone: str) -> dt.datetime:
    """The moment when clocks in `zone` show `wall` (naive), the first where they show it twice.

    ValueError where they never do, because the clocks were put forward over it.
    """
    moment = wall.replace(tzinfo=ZoneInfo(zone))
    if moment.astimezone(dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall:
        raise ValueError(f"on {wall.date()} the clocks in {zone} never show {wall.time():%H:%M}")
    return moment


def first_moment(wall: dt.datetime, zone: str) -> dt.datetime:
    """When clocks in `zone` show `wall` (naive) or, where they were put forward over it, the first moment
    after the gap; the first of two where they show it twice.

    In UTC. OverflowError outside of the years 1 to 9999.
    """
    place = ZoneInfo(zone)
    late, early = (wall.replace(tzinfo=place, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    if early >= late:  # clocks show it, once or twice
        return late
    before, after = int(early.timestamp()), int(late.timestamp())
    offset = late.astimezone(place).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        if dt.datetime.fromtimestamp(middle, place).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return dt.datetime.fromtimestamp(after, dt.UTC)
