"""What a node asks a person, and what was answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a node asks a person.

    It is shown, with a button for each option, where Airflow lists what waits for people.

    `timeout` is how long to wait; after it `default` (one of the options) is the answer, or, without one, the
    node is told that there is none.
    """

    subject: str
    options: tuple[str, ...]
    body: str = ""
    timeout: dt.timedelta | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered, by whom (an Airflow user name, or "" where nobody answered in time) and when."""

    chosen: str
    by: str = ""
    at: dt.datetime | None = None
    in_time: bool = True
