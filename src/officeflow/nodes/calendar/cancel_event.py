"""`calendar.cancel_event`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.calendar import KeepsEvents
from officeflow.nodes.calendar._events import described, find
from officeflow.sdk import (
    Act,
    Effect,
    FieldChange,
    Node,
    NodeOutput,
    NodeParams,
    NodeSpec,
    Planned,
    irreversible,
    no_change,
)


class Params(NodeParams):
    """Which event to cancel."""

    uid: str = Field(
        description="The event's UID, as calendar.create_event gives it.",
        examples=["${{ nodes.create_event.output.uid }}"],
        min_length=1,
        max_length=512,
    )
    calendar: str | None = Field(
        None, description="Name or address of the calendar; the connection's where it is left out."
    )


class Result(NodeOutput):
    """The event that does not take place."""

    uid: str = Field(description="The event's UID.")
    start: dt.datetime = Field(description="When it would have begun.")


class CancelEvent(Node[Params, KeepsEvents, Result]):
    """Cancel a meeting: it stays in the calendar, marked as cancelled, and those invited are told.

    Cancelling twice is a success. It cannot be taken back: whoever was told that the meeting is off has
    to be invited to another one.
    """

    spec = NodeSpec(
        type="calendar.cancel_event",
        title="Cancel event",
        group="Calendar",
        effect=Effect.IDEMPOTENT,
        family=Family.CALENDAR,
        irreversible=True,
        evidence="The event is read again and is cancelled.",
    )

    def perform(self, params: Params, provider: KeepsEvents, act: Act) -> Result:
        before = find(provider, params.uid, params.calendar, act, operation="cancel_event")
        if before.cancelled:
            act.note("it is cancelled already")
            return Result(changed=False, uid=before.uid, start=before.shown(before.start))
        after = provider.cancel_event(params.uid, calendar=params.calendar, key=act.key) or before
        act.changed(f"cancelled event {after.uid}")
        act.read_back(described(after))
        return Result(changed=True, uid=after.uid, start=after.shown(after.start))

    def plan(self, params: Params, provider: KeepsEvents, act: Act) -> Sequence[Planned]:
        """The event that is cancelled, and who is told."""
        there = find(provider, params.uid, params.calendar, act, operation="cancel_event")
        what = f"{described(there)} at {provider.address}"
        if there.cancelled:
            return (no_change(what, "it is cancelled already"),)
        told = [FieldChange(field="attendees", before=list(there.attendees))] if there.attendees else []
        return (irreversible(what, told, "it is cancelled, and those invited are told"),)
