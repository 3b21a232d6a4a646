"""The moment that an event's `time` names.

RFC 3339, section 5.6, and of what is not in it that which can be read in one way only: an offset without its
colon (`+0000`) or its minutes (`+01`), no seconds, and the leap second `:60`, which is the first moment of
the next minute. Without a zone nobody knows the moment.
"""

from __future__ import annotations

import datetime as dt
import re

from officeflow.errors import InvalidEvent
from officeflow.statuses import RefusalReason

FORM = "2026-01-31T09:00:00Z"

_DAY = r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
_CLOCK = r"(?P<minute>[0-9]{2}:[0-9]{2})(?::(?P<second>[0-9]{2})(?P<fraction>\.[0-9]+)?)?"
_ZONE = r"(?P<zone>[Zz]|(?P<hours>[+-][0-9]{2})(?::?(?P<minutes>[0-9]{2}))?)"
_TIME = re.compile(rf"{_DAY}[Tt ]{_CLOCK}(?: ?{_ZONE})?\Z")
LONGEST_SHOWN = 40


def event_time(text: str) -> dt.datetime:
    """In UTC. `InvalidEvent` `invalid_time` says what was seen, in its form alone, and what to send."""
    try:
        return moment_of(text)
    except NoMoment as error:
        raise InvalidEvent(f"its time {error}", reason_code=RefusalReason.INVALID_TIME) from error


class NoMoment(ValueError):
    """What is wrong with the text of a time, as it is said behind the name of the field."""


def moment_of(text: str) -> dt.datetime:
    """The same; `NoMoment` says what is wrong."""
    found = _TIME.match(text)
    if found is None:
        raise NoMoment(
            f"is not of the form {FORM}, with zone: it looks like {_form(text)} (x is a letter, 0 a digit)"
        )
    if found["zone"] is None:
        raise NoMoment(
            f"has no zone: it is {text!r}, write {text}Z where it is UTC, or the offset, such as {text}+01:00"
        )
    leap = dt.timedelta(seconds=1) if found["second"] == "60" else dt.timedelta()
    second = "59" if leap else found["second"] or "00"
    fraction = "" if leap else found["fraction"] or ""
    offset = "+00:00" if found["hours"] is None else f"{found['hours']}:{found['minutes'] or '00'}"
    try:
        return (
            dt.datetime.fromisoformat(f"{found['day']}T{found['minute']}:{second}{fraction}{offset}") + leap
        ).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise NoMoment(f"is one that the calendar does not have: {text!r}") from error


def _form(text: str) -> str:
    """`text` with 0 for each digit and x for each letter: what it holds may be private."""
    shown = text[:LONGEST_SHOWN]
    return repr("".join("0" if c.isdecimal() else "x" if c.isalpha() and c not in "TZ" else c for c in shown))
