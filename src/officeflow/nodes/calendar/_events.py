"""Events in words."""

from __future__ import annotations

from officeflow.connectors.families import Meeting


def described(meeting: Meeting) -> str:
    """`event “First day” on 2026-12-01 from 09:00 to 10:00 Europe/Madrid`."""
    state = ", cancelled" if meeting.cancelled else ""
    time = f"{meeting.start:%Y-%m-%d} from {meeting.start:%H:%M} to {meeting.end:%H:%M} {meeting.start.tzinfo}"
    return f"event “{meeting.title}” on {time}{state}"
