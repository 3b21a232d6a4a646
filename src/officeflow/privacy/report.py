"""An erasure as it is told: what was done, and what remains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from officeflow.counts import counted
from officeflow.database.tables import Erasure
from officeflow.statuses import ErasureState

TOLD = {
    ErasureState.WAITING: "waits for a second admin",
    ErasureState.ERASED: "erased here; Airflow is being told",
    ErasureState.DONE: "erased",
    ErasureState.WITHDRAWN: "withdrawn",
}


def to_line(erasure: Erasure) -> dict[str, Any]:
    """As a line of a list."""
    return {
        "employee": erasure.external_id,
        "state": erasure.state.value,
        "asked": erasure.asked_at.isoformat(timespec="seconds"),
        "by": erasure.asked_by,
        "confirmed_by": erasure.confirmed_by or None,
        "why": erasure.why,
        "done": erasure.done_at.isoformat(timespec="seconds") if erasure.done_at else None,
    }


def to_json(erasure: Erasure) -> dict[str, Any]:
    """With the whole report: `{"keys_destroyed", "rows": {table: number}, "held": {release: events}, "runs",
    "airflow": {"runs", "event_log", "logs"}, "remains": [{"where", "what", "until", "why"}]}`.
    """
    return {
        **to_line(erasure),
        "pseudonym": erasure.pseudonym,
        "erased": erasure.erased_at.isoformat(timespec="seconds") if erasure.erased_at else None,
        "still_at_airflow": len(erasure.airflow),
        "last_error": erasure.last_error or None,
        "report": erasure.report,
    }


def as_text(erasure: Erasure) -> str:
    """The same for people."""
    return "\n".join(_lines(erasure))


def _lines(erasure: Erasure) -> Iterator[str]:
    yield f"{erasure.external_id}: {TOLD[erasure.state]}"
    yield f"  asked for by {erasure.asked_by}: {erasure.why}"
    if erasure.confirmed_by:
        yield f"  confirmed by {erasure.confirmed_by}"
    if erasure.state not in {ErasureState.ERASED, ErasureState.DONE}:
        return
    told = erasure.report
    yield ""
    yield "Done"
    yield f"  {told['keys_destroyed']} keys destroyed; what was written under them is unreadable"
    yield from (f"  {table}: {number} rows emptied or removed" for table, number in told["rows"].items())
    for release, number in told.get("held", {}).items():
        events = counted(number, "held event")
        yield f"  release {release}: {events} of theirs taken out, which will start nothing"
    if found := told.get("airflow"):
        yield (
            f"  Airflow: {found.get('runs', 0)} runs forgotten, {found.get('event_log', 0)} entries of its"
            f" event log emptied, {found.get('logs', 0)} task logs removed"
        )
    if erasure.airflow:
        yield f"  Airflow has yet to forget {len(erasure.airflow)} runs" + (
            f": {erasure.last_error}" if erasure.last_error else ""
        )
    yield ""
    yield "Remains"
    for each in told["remains"]:
        yield f"  {each['where']}: {each['what']}"
        yield f"      until {each['until']}; {each['why']}"
