"""Whether anything waits too long for a second person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from officeflow.counts import counted
from officeflow.database.engine import Database
from officeflow.doctor.finding import Check, Finding, Subject, ok, warning
from officeflow.events.inbox import database_time
from officeflow.workflows.release_waits import Waiting, waiting

AREA = "releases"
LONG = dt.timedelta(days=1)
LONG_FOR_EVENTS = dt.timedelta(hours=1)
"""Of somebody whose exit is held the accounts stay open meanwhile."""


def decided(subject: Subject) -> Iterator[Finding]:
    with Database.from_settings(subject.known) as database, database.service() as session:
        found, now = waiting(session), database_time(session)
    late = [finding for each in found for finding in _late(each, now)]
    yield from late
    if late:
        return
    if not found:
        yield ok("nothing waits for a second admin")
    for each in found:
        yield ok(f"{told(each)}, and not for long; `{each.command}`")


def told(each: Waiting) -> str:
    """For people."""
    waits = "waits" if each.releases == 1 else "wait"
    events = f", {counted(each.events, 'event')} held" if each.events else ""
    return f"{each.organization}: {counted(each.releases, 'release')} {waits} for a second admin{events}"


def _late(each: Waiting, now: dt.datetime) -> Iterator[Finding]:
    do = f"`{each.command}`, then `release approve` or `release refuse`"
    if each.oldest_event is not None and now - each.oldest_event > LONG_FOR_EVENTS:
        since = each.oldest_event.isoformat(timespec="seconds")
        yield warning(f"{told(each)} since {since}: they start nothing until then", do)
    elif now - each.oldest > LONG:
        yield warning(f"{told(each)}, the first since {each.oldest.isoformat(timespec='seconds')}", do)


CHECKS = (
    Check(area=AREA, name="decided", examine=decided, needs=("database.reachable", "database.revision")),
)
