"""Which field of an event's payload goes where in an employee's record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from officeflow.errors import InvalidInput, Problem

TEXTS: Mapping[str, int] = MappingProxyType(
    {
        "given_name": 255,
        "family_name": 255,
        "work_email": 255,
        "department": 255,
        "title": 255,
        "manager_external_id": 255,
        "location": 255,
        "time_zone": 64,
    }
)
"""Columns of text, each with the most characters that it holds."""

DATES = ("start_date", "end_date")
IDENTITY = ("employee_id", "external_id", "status")
"""What the record says of itself: fields of these names are not kept."""

OTHER_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {"first_name": "given_name", "last_name": "family_name"}
)


@dataclass(frozen=True, slots=True)
class Field:
    """A field's new value; None empties it. Sensitive ones are kept encrypted, beside the columns."""

    value: Any
    is_sensitive: bool = False


def fields_of(payload: Mapping[str, Any], sensitive: Mapping[str, Any]) -> dict[str, Field]:
    """The fields that an event names, under the names of the record.

    `InvalidInput` with every one that its column cannot hold.
    """
    given = {name: Field(value) for name, value in payload.items()} | {
        name: Field(value, True) for name, value in sensitive.items()
    }
    for other, name in OTHER_SPELLINGS.items():
        field = given.pop(other, None)
        if field is not None and (name not in given or given[name].value is None):
            given[name] = field
    kept = {name: field for name, field in given.items() if name not in IDENTITY}
    problems = [
        problem
        for name, field in kept.items()
        if not field.is_sensitive
        for problem in _problems(name, field.value)
    ]
    if problems:
        raise InvalidInput("the employee's record cannot hold the event", problems=problems)
    return {name: _typed(name, field) for name, field in kept.items()}


def is_column(name: str) -> bool:
    return name in TEXTS or name in DATES


def _typed(name: str, field: Field) -> Field:
    return Field(_date(field.value)) if name in DATES and not field.is_sensitive else field


def _problems(name: str, value: Any) -> Iterator[Problem]:
    if value is None:
        return
    if name in TEXTS and not (isinstance(value, str) and len(value) <= TEXTS[name] and "\0" not in value):
        yield Problem(f"payload.{name}", f"it is not a text of at most {TEXTS[name]} characters")
    if name in DATES and _date(value) is None:
        yield Problem(f"payload.{name}", f"{str(value)[:40]!r} is not a date", "such as 2026-01-31")


def _date(value: Any) -> dt.date | None:
    try:
        return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
