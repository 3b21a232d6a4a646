"""Events in words, and what parameters of several types say of them."""

from __future__ import annotations

from officeflow.connectors.families.calendar import KeepsEvents, Meeting
from officeflow.errors import NotFound
from officeflow.sdk import Act

LOCAL_TIME = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"


def find(provider: KeepsEvents, uid: str, calendar: str | None, act: Act, *, operation: str) -> Meeting:
    """The event as it is, which is told; `NotFound` where there is none."""
    found = provider.find_event(uid, calendar=calendar)
    if found is None:
        raise NotFound(f"there is no event {uid} at {provider.address}", operation=operation)
    act.found(f"{described(found)} at {provider.address}")
    return found


def described(meeting: Meeting) -> str:
    """`event “First day” on 2026-12-01 from 09:00 to 10:00 Europe/Madrid`."""
    state = ", cancelled" if meeting.cancelled else ""
    zone = meeting.start.tzinfo if meeting.form == "zoned" else "without a zone"
    time = (
        "the whole day"
        if meeting.form == "all_day"
        else f"from {meeting.start:%H:%M} to {meeting.end:%H:%M} {zone}"
    )
    return f"event “{meeting.title}” on {meeting.start:%Y-%m-%d} {time}{state}"
