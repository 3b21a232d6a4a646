"""What people decide about a run as a whole, and about one of its nodes."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from officeflow.api import within
from officeflow.api.needs import Caller, Needs
from officeflow.api.routing import Route
from officeflow.api.run_shapes import MapIndex, Remaining, Why
from officeflow.rights.permissions import Permission
from officeflow.runner.undoing import by_hand
from officeflow.runner.undoing.by_hand import Shown
from officeflow.runner.undoing.plan import By
from officeflow.runs import steps
from officeflow.runs.engine import Engine
from officeflow.statuses import RunControl, RunStatus

router = APIRouter(tags=["runs"], route_class=Route)

RUN = "/organizations/{org}/runs/{run_id}"
Steering = Annotated[Caller, Needs(Permission.RUN_STEER)]
Node = Annotated[str, Path(min_length=1, max_length=250, description="Its id in the workflow.")]


class SteeringDecision(BaseModel):
    why: Why


class NodeDecision(SteeringDecision):
    map_index: MapIndex = -1


class Steered(BaseModel):
    run_id: uuid.UUID
    run: str = Field(description="DAG and Airflow's run id, with a slash between them.")
    changed: bool = Field(description="false: it was so already.")
    told: str = Field(description="Who wanted it before, when and why; empty where it was changed.")


@router.post(f"{RUN}/pause")
def pause_run(caller: Steering, run_id: uuid.UUID, decision: SteeringDecision) -> Steered:
    """Nodes that act finish, none begins."""
    return _steer(caller, run_id, RunControl.PAUSE, decision)


@router.post(f"{RUN}/resume")
def resume_run(caller: Steering, run_id: uuid.UUID, decision: SteeringDecision) -> Steered:
    """Let a paused run go on."""
    return _steer(caller, run_id, RunControl.NONE, decision)


@router.post(f"{RUN}/cancel")
def cancel_run(caller: Steering, run_id: uuid.UUID, decision: SteeringDecision) -> Steered:
    """The run ends, and what it did is taken back."""
    return _steer(caller, run_id, RunControl.CANCEL, decision)


def _steer(caller: Caller, run_id: uuid.UUID, wanted: RunControl, decision: SteeringDecision) -> Steered:
    with within.airflow(caller) as api:
        engine = Engine(caller.context.database, api, caller.context.settings, by=caller.actor, trusted=True)
        done = engine.steer_in(within.org_of(caller), run_id, wanted, why=decision.why)
    return Steered(run_id=done.run.run_id, run=str(done.run), changed=done.changed, told=done.told)


class Reader(BaseModel):
    """What reads a node's output, and what it will see where the node is given up."""

    place: str
    sees: str


class NodeStep(BaseModel):
    run_id: uuid.UUID
    node: str
    map_index: int
    was: str | None = Field(description="The state of its task in Airflow.")
    read_by: list[Reader]


@router.post(f"{RUN}/nodes/{{node}}/retry")
def retry_node(caller: Steering, run_id: uuid.UUID, node: Node, decision: NodeDecision) -> NodeStep:
    """Let a node that has failed try again at once; what it did is not done twice."""
    named = within.run_of(caller, run_id)
    with within.airflow(caller) as api:
        person = within.person_of(caller, decision.why)
        step = steps.retry(caller.context.database, api, named, node, person, map_index=decision.map_index)
    return _step(step)


@router.get(f"{RUN}/nodes/{{node}}/skip")
def preview_skip(
    caller: Steering,
    run_id: uuid.UUID,
    node: Node,
    map_index: Annotated[int, Query(ge=-1, le=2_147_483_647)] = -1,
) -> NodeStep:
    """What reads the node's output, and what that will see where the node is given up; nothing is changed."""
    named = within.run_of(caller, run_id)
    with within.airflow(caller) as api:
        return _step(steps.to_skip(caller.context.database, api, named, node, map_index=map_index))


@router.post(f"{RUN}/nodes/{{node}}/skip")
def skip_node(caller: Steering, run_id: uuid.UUID, node: Node, decision: NodeDecision) -> NodeStep:
    """Give a node up: the run goes on behind it as if it had been done, and it has no output."""
    named = within.run_of(caller, run_id)
    with within.airflow(caller) as api:
        person = within.person_of(caller, decision.why)
        step = steps.skip(caller.context.database, api, named, node, person, map_index=decision.map_index)
    return _step(step)


def _step(step: steps.Step) -> NodeStep:
    readers = [Reader(place=each.place, sees=each.sees) for each in step.read_by]
    return NodeStep(
        run_id=step.run.run_id, node=step.node, map_index=step.map_index, was=step.state, read_by=readers
    )


class UndoneAct(BaseModel):
    node: str
    map_index: int
    type: str
    did: str


class UndoStep(BaseModel):
    """What is done to take acts back."""

    acts: list[UndoneAct]
    run: str = Field(description="The called run that they are of; empty: this one.")
    by: By
    node: str | None = Field(description="The compensating node.")
    told: str


class UndoPlan(BaseModel):
    run: str
    status: RunStatus
    steps: list[UndoStep] = Field(description="In the order in which they are done.")
    remaining: list[Remaining] = Field(description="What is not taken back, and why.")


@router.get(f"{RUN}/compensation")
def preview_compensation(
    caller: Annotated[Caller, Needs(Permission.RUN_READ)], run_id: uuid.UUID
) -> UndoPlan:
    """What would be taken back of the run, in order, and what cannot be; nothing is changed."""
    return _plan(by_hand.shown(caller.context.database, within.run_of(caller, run_id)))


@router.post(f"{RUN}/compensation", status_code=202)
def compensate_run(caller: Steering, run_id: uuid.UUID, decision: SteeringDecision) -> UndoPlan:
    """Take back what a run did that has ended, also where it succeeded: the last act first, each once. Its
    task `undo` does that from now on.
    """
    named, person = within.run_of(caller, run_id), within.person_of(caller, decision.why)
    with within.airflow(caller) as api:
        return _plan(by_hand.compensate(caller.context.database, api, named, person))


def _plan(found: Shown) -> UndoPlan:
    return UndoPlan.model_validate(found.to_json())
