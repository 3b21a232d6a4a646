"""`flow.delay`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pydantic import AwareDatetime, Field, model_validator

from officeflow.errors import NotYet
from officeflow.sdk import Act, Duration, Effect, Node, NodeOutput, NodeParams, NodeSpec, Planned, no_change


class Params(NodeParams):
    """How long to wait, or until when."""

    duration: Duration | None = Field(
        None,
        description="How long, from when the run came here: ISO 8601 or seconds.",
        examples=["P2D", "PT4H", 90],
    )
    until: AwareDatetime | None = Field(
        None,
        description="Until when, in RFC 3339; a moment that is past is not waited for.",
        examples=["2026-12-01T08:00:00+01:00"],
    )

    @model_validator(mode="after")
    def _says_how_long(self) -> Params:
        if self.duration is None and self.until is None and "until" in self.model_fields_set:
            raise ValueError("until has no value: the date that it comes from is not there, or not any more")
        if (self.duration is None) == (self.until is None):
            raise ValueError("one of duration and until is needed")
        return self


class Result(NodeOutput):
    """How long it was."""

    changed: bool = Field(False, description="Always False: waiting changes nothing.")
    due: AwareDatetime = Field(description="When the run was allowed to go on.")
    waited_seconds: float = Field(description="How long it waited, in seconds.")


class Delay(Node[Params, None, Result]):
    """Wait. No process waits meanwhile, and a retry or a restart does not begin the wait anew.

    Where `until` comes from the person (`event.payload.end_date`, `employee.…`), it follows the record: a
    later event that moves the date moves the end of the wait at once, also into the past, and one that takes
    it away fails the node.
    """

    spec = NodeSpec(
        type="flow.delay",
        title="Wait",
        group="Flow",
        effect=Effect.PURE,
        evidence="The due time counts from the moment that the ledger has for the first attempt.",
    )

    follows_person = True

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        del provider
        due = _due(params, act)
        if act.now < due:
            raise NotYet("as its workflow says", until=due)
        act.note(f"was due at {due.isoformat(timespec='seconds')}: goes on")
        return Result(due=due, waited_seconds=(act.now - act.began_at).total_seconds())

    def plan(self, params: Params, provider: None, act: Act) -> Sequence[Planned]:
        """Until when it waits."""
        del provider
        return (no_change(f"waits until {_due(params, act).isoformat(timespec='seconds')}"),)


def _due(params: Params, act: Act) -> dt.datetime:
    return act.began_at + params.duration if params.duration is not None else params.until or act.began_at
