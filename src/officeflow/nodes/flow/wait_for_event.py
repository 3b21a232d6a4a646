"""`flow.wait_for_event`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, model_validator

from officeflow.errors import EventNeeded, FlowStopped, InvalidParameters, Problem
from officeflow.events.topics import KINDS
from officeflow.sdk import (
    Act,
    AwaitedEvent,
    CameEvent,
    Condition,
    Duration,
    Effect,
    Node,
    NodeOutput,
    NodeParams,
    NodeSpec,
    NothingCame,
    Planned,
    no_change,
)
from officeflow.sdk.awaited import RARE_LOOK

Kind = Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})]


class Params(NodeParams):
    """Which event, and how long it is waited for."""

    kinds: list[Kind] = Field(
        min_length=1,
        max_length=len(KINDS),
        description="Kinds of lifecycle events; one of them is enough.",
        examples=[["employee.update", "employee.exit"]],
    )
    person: Literal["same", "any"] = Field(
        "same",
        description="Whose event: the person's whom the run is about, or anybody's that matches.",
    )
    match: Condition | None = Field(
        None,
        description=(
            "CEL over the awaited event, as event, and over employee, nodes, run and org as they are when the"
            " wait begins."
        ),
        examples=['event.payload.location == "Lisbon"'],
    )
    timeout: Duration | None = Field(
        None, description="How long, from when the run came here: ISO 8601 or seconds.", examples=["P14D"]
    )
    until: AwareDatetime | None = Field(None, description="Until when, in RFC 3339.")
    on_timeout: Literal["go_on", "fail"] = Field(
        "fail",
        description=(
            "Where none comes in time: fail, or go on, where came is false and the conditions of edges can"
            " take another way."
        ),
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Params:
        if self.person == "any" and not self.match:
            raise ValueError("match is needed where the event may be anybody's")
        if self.timeout is not None and self.until is not None:
            raise ValueError("one of timeout and until is enough")
        if self.until is None and self.timeout is None and "until" in self.model_fields_set:
            raise ValueError("until has no value: the date that it comes from is not there")
        if self.on_timeout == "go_on" and self.timeout is None and self.until is None:
            raise ValueError("on_timeout: to go on needs a timeout or until: without one the wait has no end")
        return self

    @model_validator(mode="after")
    def _knows_the_kinds(self) -> Params:
        odd = sorted(set(self.kinds) - set(KINDS))
        if odd:
            raise ValueError(f"kinds: there is no kind of event {odd[0]!r}: there are {', '.join(KINDS)}")
        return self


class Result(NodeOutput):
    """The event that came, or that none did."""

    changed: bool = Field(False, description="Always False: waiting changes nothing.")
    came: bool = Field(description="Whether such an event came in time. Without it, all below is null.")
    kind: str | None = Field(None, description="Its kind.")
    id: str | None = Field(None, description="Its id.")
    source: str | None = Field(None, description="The system that it came from.")
    employee: str | None = Field(None, description="The HR system's identifier of the person.")
    time: AwareDatetime | None = Field(None, description="When it happened.")
    payload: dict[str, Any] | None = Field(None, description="What it says, without sensitive fields.")
    at: AwareDatetime = Field(description="When the wait was over.")


class WaitForEvent(Node[Params, None, Result]):
    """Wait for an event: one that comes, or has come since the run began.

    No process waits meanwhile. What was found stays so, also when the task is cleared.
    """

    spec = NodeSpec(
        type="flow.wait_for_event",
        title="Wait for an event",
        group="Flow",
        effect=Effect.PURE,
        evidence="The event's identity is recorded as the node's output.",
    )

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        del provider
        deadline = params.until if params.timeout is None else act.began_at + params.timeout
        match act.come:
            case CameEvent() as event:
                act.found(f"{event.kind} of {event.employee}, event {event.id} from {event.source}")
                return _result(event)
            case NothingCame(at=at) if params.on_timeout == "go_on":
                act.note("none came in time: goes on")
                return Result(came=False, at=at)
            case NothingCame():
                raise FlowStopped(
                    f"no {' or '.join(params.kinds)} came in time{_whose(params, act)}",
                    hint="to go another way instead: on_timeout go_on, and edges that read came",
                )
        if params.person == "same" and not act.employee:
            raise InvalidParameters(
                "the run is about nobody",
                problems=[Problem("params.person", "there is no person", "any, with a match")],
            )
        raise EventNeeded(
            f"{' or '.join(params.kinds)}{_whose(params, act)}",
            until=deadline or act.now + RARE_LOOK,
            event=AwaitedEvent(
                kinds=tuple(params.kinds),
                employee=act.employee if params.person == "same" else "",
                match=params.match or "",
                deadline=deadline,
            ),
        )

    def plan(self, params: Params, provider: None, act: Act) -> Sequence[Planned]:
        """What it waits for."""
        del provider
        return (no_change(f"waits for {' or '.join(params.kinds)}{_whose(params, act)}"),)


def _whose(params: Params, act: Act) -> str:
    return f" of {act.employee}" if params.person == "same" else ""


def _result(event: CameEvent) -> Result:
    return Result(
        came=True,
        kind=event.kind,
        id=event.id,
        source=event.source,
        employee=event.employee,
        time=event.time,
        payload=dict(event.payload),
        at=event.at,
    )
