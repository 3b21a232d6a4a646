"""Types of payload fields.

Messages never quote a value: they are stored and logged in plain text, and the value may be private.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def _is_date(text: str) -> str:
    """RFC 3339, section 5.6: `full-date`."""
    if not _DATE.match(text):
        raise ValueError("is not a date of the form 2026-01-31")
    try:
        dt.date.fromisoformat(text)
    except ValueError as error:
        raise ValueError("is a date that the calendar does not have") from error
    return text


def _is_zone(text: str) -> str:
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is not a time zone of the IANA database, such as Europe/Berlin") from error
    return text


Text = Annotated[str, StringConstraints(max_length=255)]
LongText = Annotated[str, StringConstraints(max_length=4000)]
Email = Annotated[
    str,
    StringConstraints(max_length=255, pattern=r"^[^@\s]+@[^@\s]+$"),
    Field(json_schema_extra={"format": "email"}),
]
Date = Annotated[str, AfterValidator(_is_date), Field(json_schema_extra={"format": "date"})]
TimeZone = Annotated[str, AfterValidator(_is_zone), Field(max_length=64)]
