"""What a run would do, or has still to do, without doing it."""

from __future__ import annotations

import json
import uuid
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field, JsonValue, model_validator

from officeflow.api import within
from officeflow.api.needs import Caller, Needs
from officeflow.api.problems import ProblemItem
from officeflow.api.publishing import publisher
from officeflow.api.routing import Route
from officeflow.api.shapes import Body, JsonObject, Whole
from officeflow.rights.permissions import Permission
from officeflow.runner.inquiring import questions
from officeflow.runner.planning import calls
from officeflow.runner.planning import given as planning
from officeflow.runner.planning import past as pasts
from officeflow.runner.planning import plan as plans
from officeflow.runner.planning.plan import Verdict
from officeflow.sdk import Doing
from officeflow.workflows import batch, store
from officeflow.workflows.models import Definition

LOOK = "Also look into the systems, which changes nothing there and takes some seconds."

router = APIRouter(tags=["workflows"], route_class=Route)


class ToPlan(Body):
    """Of a published workflow (`slug`, by default its newest version) or of a `definition`; for an `event`,
    as it would be sent, or for an `employee`.
    """

    slug: str | None = Field(None, max_length=41)
    version: Whole | None = Field(None, ge=1, le=2**31 - 1)
    definition: JsonValue = None
    event: JsonObject | None = None
    employee: str | None = Field(None, max_length=255, description="The HR system's identifier.")
    look: bool = Field(False, description=LOOK)

    @model_validator(mode="after")
    def _says_what_and_for_what(self) -> Self:
        if (self.slug is None) == (self.definition is None):
            raise ValueError("either slug or definition is needed")
        if (self.event is None) == (self.employee is None):
            raise ValueError("either event or employee is needed")
        return self


class FieldChangeShown(BaseModel):
    field: str
    before: JsonValue = Field(description="null where it holds nothing.")
    after: JsonValue
    secret: bool = Field(description="Whether it is `***` in both.")


class PlannedActShown(BaseModel):
    doing: Doing
    what: str = Field(description="What it is done to, and where.")
    fields: list[FieldChangeShown]
    note: str = Field(description="What else to know; of what is unknown, why.")


class UnknownShown(BaseModel):
    path: str
    reads: list[str] = Field(description="What it reads that only a run knows.")


class PlannedNodeShown(BaseModel):
    key: str
    type: str
    name: str
    connection: str | None
    effect: str = Field(description="What acting a second time would do.")
    verdict: Verdict
    why: str
    params: JsonObject = Field(description="As they would be; *** where a value is sensitive.")
    unknown: list[UnknownShown]
    hidden: list[str] = Field(description="Paths of parameters that are sensitive.")
    problems: list[ProblemItem] = Field(description="Why it would fail.")
    each: str | None = Field(description="The loop that it runs in.")
    rounds: int | None = Field(description="How often; null where that is not known, or it is in no loop.")
    acts: list[PlannedActShown] | None = Field(
        description="What it would do in its system; null where nobody looked."
    )
    note: str = Field(description="What else to know of it, such as why its rounds are not planned.")
    round: int | None = Field(description="Of one in `in_rounds`, which round it is, from 0.")
    item: JsonValue = Field(description="What that round is for; *** where it is sensitive.")
    in_rounds: list[PlannedNodeShown] = Field(
        description=(
            "A node of a loop whose items are known, in each round that is planned: its parameters stand"
            " there, and `acts` are those of all of them."
        )
    )
    called: list[PlannedNodeShown] = Field(description="The nodes of the workflow that it calls.")


class PlanShown(BaseModel):
    starts: bool | None = Field(description="Whether the event starts it; null where there is none.")
    why: str
    nodes: list[PlannedNodeShown] = Field(description="In the order of a run.")
    looked: bool = Field(description="Whether the systems were looked into.")
    cannot_know: list[str] = Field(description="What no plan can tell.")


@router.post("/organizations/{org}/workflows/plan")
def plan_run(asked: ToPlan, caller: Annotated[Caller, Needs(Permission.WORKFLOW_EDIT)]) -> PlanShown:
    """What a run would do for an event or a person: which nodes run, and with which parameters. Nothing is
    done, and nothing kept.

    Who may not read employees plans as if nothing were known of the event's person before it. With `look` the
    organization's systems are asked what is there now, which takes some seconds; that is for those who may
    read employees, and for a `definition` for those who may publish one.
    """
    context, definition = caller.context, _definition(asked, caller)
    if asked.employee is not None:
        caller.principal.require(Permission.EMPLOYEE_READ, caller.org_id)
        about = planning.of_person(context.database, caller.tenant_id, asked.employee)
    else:
        about = planning.of_event(
            context.database,
            context.clock,
            context.settings,
            caller.tenant_id,
            json.dumps(asked.event).encode(),
            knows_person=caller.principal.may(Permission.EMPLOYEE_READ, caller.org_id),
        )
    if not asked.look:
        callees = calls.callees(context.database, str(caller.tenant_id))
        return PlanShown.model_validate(plans.to_json(plans.make(definition, about, callees=callees)))
    wanted = questions.ForWorkflow(
        definition=definition,
        given=about,
        event=asked.event,
        employee=asked.employee,
        is_published=asked.slug is not None,
    )
    question = questions.of_workflow(wanted, caller.tenant_id, by=caller.principal)
    return PlanShown.model_validate(within.answer(caller, question))


class ToPlanRest(Body):
    look: bool = Field(False, description=LOOK)


@router.post("/organizations/{org}/runs/{run_id}/plan")
def plan_rest_of_run(
    run_id: uuid.UUID, asked: ToPlanRest, caller: Annotated[Caller, Needs(Permission.EMPLOYEE_READ)]
) -> PlanShown:
    """What is still to come of a run, by the version that it runs, its event, and what its nodes have given
    so far. Nothing is done.
    """
    database = caller.context.database
    within.run_of(caller, run_id)
    found = pasts.of_run(database, caller.tenant_id, run_id)
    if not asked.look:
        callees = calls.callees(database, str(caller.tenant_id))
        made = plans.make(found.definition, found.given, past=found.past, callees=callees)
        return PlanShown.model_validate(plans.to_json(made))
    question = questions.of_run(run_id, employee=found.employee, by=caller.principal)
    return PlanShown.model_validate(within.answer(caller, question))


def _definition(asked: ToPlan, caller: Caller) -> Definition:
    """`InvalidDefinition` where it could not be published."""
    if asked.slug is not None:
        with caller.of_tenant() as session:
            found = store.find(session, caller.tenant_id, asked.slug)
            return Definition.model_validate(store.version(session, found, asked.version).definition)
    with publisher(caller) as publishing:
        batch.refuse(publishing.problems(str(caller.tenant_id), {"": asked.definition}), 1)
    return Definition.model_validate(asked.definition)
