"""`flow.call`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from officeflow.errors import FlowStopped, RunNeeded
from officeflow.sdk import (
    Act,
    Effect,
    EndedRun,
    Node,
    NodeOutput,
    NodeParams,
    NodeSpec,
    Planned,
    awaited,
    no_change,
)
from officeflow.statuses import RunStatus

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z](-?[a-z0-9]){0,40}$")]


class Params(NodeParams):
    """Which workflow, and what it is given."""

    workflow: Slug = Field(
        description="Slug of the organization's workflow, which declares inputs.", examples=["equip"]
    )
    version: int | None = Field(
        None,
        ge=1,
        description=(
            "The version that it has to have, left out for the newest. Where another one is published by"
            " then, the node fails."
        ),
    )
    input: dict[str, Any] = Field(
        default_factory=dict,
        description="What it reads as input.<name>: what its inputs declare.",
        examples=[{"laptop": "${{ event.payload.department == 'Design' ? 'large' : 'small' }}"}],
    )
    on_failure: Literal["fail", "go_on"] = Field(
        "fail",
        description=(
            "Where its run does not succeed: fail, or go on, where conditions of edges can read status."
        ),
    )


class Result(NodeOutput):
    """What became of it."""

    changed: bool = Field(False, description="Always False: what was changed is told of the run itself.")
    run_id: str = Field(description="UUID of its run.")
    status: str = Field(description="SUCCEEDED, FAILED, CANCELLED or COMPENSATED.")
    output: dict[str, Any] = Field(
        description="What the called workflow declares as its outputs; empty unless it succeeded."
    )


class Call(Node[Params, None, Result]):
    """Run another workflow of the organization, about the same person, and wait for its end.

    No process waits meanwhile. It is started once, however often the task is tried; a redo of the act starts
    another one.
    """

    spec = NodeSpec(
        type="flow.call",
        title="Call a workflow",
        group="Flow",
        effect=Effect.PURE,
        evidence="The run that it started is recorded, with how that ended and what it gave.",
        effect_note="What its run does is in the ledger under that run.",
    )

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        del provider
        ended = act.come
        if not isinstance(ended, EndedRun):
            call = awaited.Call(workflow=params.workflow, version=params.version, input=params.input)
            raise RunNeeded(f"the workflow {params.workflow}", until=act.now + awaited.RARE_LOOK, call=call)
        act.found(f"{ended.name} has ended: {ended.status}")
        if ended.status != RunStatus.SUCCEEDED and params.on_failure == "fail":
            why = f": {ended.error}" if ended.error else ""
            raise FlowStopped(
                f"the run {ended.name} of the workflow {params.workflow} is {ended.status}{why}",
                hint=(
                    "see to that run and clear its tasks, then this one; or redo this act: that starts a run"
                ),
            )
        return Result(run_id=ended.run_id, status=ended.status, output=dict(ended.output))

    def plan(self, params: Params, provider: None, act: Act) -> Sequence[Planned]:
        """The run that it starts; what that does is a part of the workflow's plan."""
        del provider, act
        what = f"run of the workflow {params.workflow}"
        return (no_change(what, "it is started, and its end is waited for"),)
