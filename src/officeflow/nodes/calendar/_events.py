"""Events in words, and what parameters of several types say of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from officeflow.connectors.families import Meeting

LOCAL_TIME = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"
Attendee = Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;:]+@[^@\s<>,;:]+$", max_length=320)]


def described(meeting: Meeting) -> str:
    """`event “First day” on 2026-12-01 from 09:00 to 10:00 Europe/Madrid`."""
    state = ", cancelled" if meeting.cancelled else ""
    time = f"{meeting.start:%Y-%m-%d} from {meeting.start:%H:%M} to {meeting.end:%H:%M} {meeting.start.tzinfo}"
    return f"event “{meeting.title}” on {time}{state}"
