"""The note of a run in Airflow says first what is wanted of the run: lists and headers show its beginning.

Below a line stands what the note said before, and stays when the run goes on.
"""

from __future__ import annotations

import datetime as dt
import textwrap

from officeflow.audit.entry import who
from officeflow.database.tables import WorkflowRun
from officeflow.runs.control import VERBS

LINE = "\n\n---\n\n"
"""Airflow shows notes as Markdown, and this as a line across."""

MOST = 1000
"""Characters that a note of Airflow's may have."""

LEAST = 40
"""Of which so many say at least what is wanted; a note that leaves no room for them stays as it is."""


def saying(note: str | None, run: WorkflowRun) -> str:
    """The note with what is wanted of the run now, by whom and why; the reason is cut to the room it has."""
    about, verb = without(note), VERBS[run.control].upper()
    room = MOST - len(about) - len(LINE)
    if room < LEAST:
        return about
    since = f" ({run.control_at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC)" if run.control_at else ""
    told = f"{verb} by {who(run.control_by)}: {run.control_why}"
    return f"{textwrap.shorten(told, room - len(since), placeholder=' …')}{since}{LINE}{about}"


def without(note: str | None) -> str:
    """The note as it is without what is wanted of the run."""
    text = note or ""
    begins = any(text.startswith(f"{verb.upper()} by ") for verb in VERBS.values())
    return text.partition(LINE)[2] if begins and LINE in text else text
