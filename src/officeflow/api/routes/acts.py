"""The ledger: what nodes did, with the evidence, and what people decide about it."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from officeflow.api import within
from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged, several
from officeflow.api.routes.steering import RUN, Node, NodeDecision
from officeflow.api.routing import Route
from officeflow.api.run_shapes import Act, act_shown
from officeflow.database.pages import Wanted
from officeflow.rights.permissions import Permission
from officeflow.runs import corrections, deeds
from officeflow.runs.correcting import Correction
from officeflow.runs.deeds import Sought
from officeflow.statuses import ActStatus
from officeflow.workflows.undoing import task_of

router = APIRouter(tags=["ledger"], route_class=Route)
Reading = Annotated[Caller, Needs(Permission.LEDGER_READ)]
Correcting = Annotated[Caller, Needs(Permission.LEDGER_CORRECT)]


class ActFilter(BaseModel):
    status: list[ActStatus] = several()
    type: str | None = Field(None, max_length=50, description="A node type, such as `email.send`.")
    node: str | None = Field(None, max_length=250)
    employee: str | None = Field(None, max_length=255, description="The HR system's identifier.")
    since: AwareDatetime | None = Field(None, description="Begun, or allowed, then or later.")
    until: AwareDatetime | None = None


@router.get("/organizations/{org}/acts")
def list_acts(caller: Reading, wanted: Paged, query: Annotated[ActFilter, Query()]) -> Listed[Act]:
    """Acts across runs, the newest first. By type and node they are sifted, and by QUEUED, STARTED and
    SUCCEEDED: a page may have fewer items than `limit`, or none, and a `next` all the same.
    """
    sought = Sought(
        statuses=query.status,
        type=query.type,
        node=query.node,
        employee=query.employee,
        since=query.since,
        until=query.until,
    )
    return _listed(caller, sought, wanted)


@router.get(f"{RUN}/acts")
def list_acts_of_run(caller: Reading, run_id: uuid.UUID, wanted: Paged) -> Listed[Act]:
    """The acts of a run, the newest first, each with its story."""
    within.run_of(caller, run_id)
    return _listed(caller, Sought(run_id=run_id), wanted)


@router.get("/organizations/{org}/acts/{act_id}")
def show_act(caller: Reading, act_id: uuid.UUID) -> Act:
    """An act, with its story: what it found, changed and read back."""
    org_id = within.org_of(caller)
    with caller.context.database.tenant(org_id) as session:
        return act_shown(deeds.one(session, org_id, act_id))


def _listed(caller: Caller, sought: Sought, wanted: Wanted) -> Listed[Act]:
    org_id = within.org_of(caller)
    with caller.context.database.tenant(org_id) as session:
        page = deeds.page(session, org_id, sought, wanted)
    return Listed(items=[act_shown(each) for each in page.rows], next=page.next)


class GoesOn(BaseModel):
    cleared: list[str] = Field(description="Tasks that run again in Airflow.")
    left_in: str | None = Field(
        description="The state of the act's own task where it was not cleared; null where it was."
    )


class Redo(NodeDecision):
    act: bool = Field(True, description="Clear its task at once, so that it acts; false: only allow it.")


class Redone(GoesOn):
    generation: int


@router.post(f"{RUN}/nodes/{{node}}/redo")
def redo_act(caller: Correcting, run_id: uuid.UUID, node: Node, redo: Redo) -> Redone:
    """Let a node act once more, on purpose, whatever it has done before."""
    with within.airflow(caller) as api:
        correction = _correction(caller, api, run_id, node, redo)
        generation = correction.redo()
        found = correction.act_again() if redo.act else None
    return Redone(
        generation=generation, cleared=list(found.cleared) if found else [], left_in=found and found.left_in
    )


class Resolution(NodeDecision):
    done: bool = Field(description="What was found out at the other system.")
    output: dict[str, Any] | None = Field(
        None, description="With `done`: what later nodes are to read of it. It is shown to nobody."
    )


@router.post(f"{RUN}/nodes/{{node}}/resolve")
def resolve_act(caller: Correcting, run_id: uuid.UUID, node: Node, resolution: Resolution) -> GoesOn:
    """Say whether a node was done, where nothing but a person can tell; its failed task then goes on."""
    with within.airflow(caller) as api:
        correction = _correction(caller, api, run_id, node, resolution)
        correction.resolve(caller.context.clock, done=resolution.done, output=resolution.output)
        found = correction.go_on()
    return GoesOn(cleared=list(found.cleared), left_in=found.left_in)


def _correction(caller: Caller, api: Any, run_id: uuid.UUID, node: str, decision: NodeDecision) -> Correction:
    database, named = caller.context.database, within.run_of(caller, run_id)
    place = corrections.find_place(database, named, node, decision.map_index)
    person = within.person_of(caller, decision.why)
    return Correction(database, api, place, person, task=task_of(node))
