"""Dates and times in vendors' forms. `ValueError` says what is wrong, without the value."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

from officeflow.events.times import moment_of

NO_DATES = frozenset({"0000-00-00", "null", "none", "n/a", "-"})
"""What vendors write where there is no date."""

_XML_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)\Z")
"""XML Schema Part 2, section 3.2.9: a date with a zone, which Workday writes."""

USUAL = "2026-01-31T09:00:00Z"
ISO, SECONDS, MILLISECONDS = "iso", "epoch_s", "epoch_ms"


def date(value: Any, form: str) -> str | None:
    """The date as ISO 8601; None where the vendor says that there is none."""
    if value is None or (isinstance(value, str) and value.strip().lower() in NO_DATES):
        return None
    if form == ISO and isinstance(value, str) and (found := _XML_DATE.match(value)):
        value = found[1]
    return _moment(value, form).date().isoformat()


def time(value: Any, form: str | None, zone: str | None) -> str:
    """The moment as RFC 3339, in UTC. `zone` is that of a time that says none."""
    if form is None and isinstance(value, str) and zone is None:
        return _rfc_3339(value)
    moment = _moment(value, form or ISO)
    if moment.tzinfo is None:
        if zone is None:
            raise ValueError("the time says no zone, and the source none for it")
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(dt.UTC).isoformat()


def _rfc_3339(text: str) -> str:
    """The usual form, whole seconds in UTC, stays as it is."""
    if len(text) == len(USUAL) and text.endswith("Z"):
        with contextlib.suppress(ValueError):
            dt.datetime.fromisoformat(text)
            return f"{text[:-1]}+00:00"
    return moment_of(text).isoformat()


def _moment(value: Any, form: str) -> dt.datetime:
    if form in {SECONDS, MILLISECONDS}:
        return _epoch(value, 1000 if form == MILLISECONDS else 1)
    if not isinstance(value, str):
        raise ValueError(f"it is no text of the form {form}")  # noqa: TRY004 - what a vendor sends, not a mistake of ours
    try:
        return dt.datetime.fromisoformat(value) if form == ISO else dt.datetime.strptime(value, form)  # noqa: DTZ007 - a date, or its zone is the source's
    except ValueError as error:
        raise ValueError(f"it is not of the form {form}") from error


def _epoch(value: Any, unit: int) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(float(value) / unit, dt.UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise ValueError("it is no number of seconds since 1970") from error
