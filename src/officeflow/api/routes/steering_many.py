"""What people decide about many runs at once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field, model_validator

from officeflow.api import within
from officeflow.api.needs import Caller, Needs
from officeflow.api.routing import Route
from officeflow.api.run_shapes import Why
from officeflow.api.shapes import Body, Whole, of_body
from officeflow.rights.permissions import Permission
from officeflow.runs import many
from officeflow.runs.engine import Engine
from officeflow.runs.finding import Sought
from officeflow.runs.many import One, SteeringOutcome
from officeflow.statuses import RunControl, ShownRunStatus

router = APIRouter(tags=["runs"], route_class=Route)

RUNS = "/organizations/{org}/runs"
Steering = Annotated[Caller, Needs(Permission.RUN_STEER)]


class SoughtRuns(Body):
    """The filter of the list of runs."""

    status: list[ShownRunStatus] = Field(default_factory=list, max_length=20)
    workflow: str | None = Field(None, max_length=250, description="Its slug, or the id of a DAG.")
    version: Whole | None = Field(None, ge=1, le=2_147_483_647)
    employee: str | None = Field(None, max_length=255, description="The HR system's identifier.")
    since: AwareDatetime | None = Field(None, description="Started then or later.")
    until: AwareDatetime | None = Field(None, description="Started before.")
    attention: bool | None = None

    def sought(self) -> Sought:
        return Sought(
            statuses=self.status,
            workflow=self.workflow,
            version=self.version,
            employee=self.employee,
            since=self.since,
            until=self.until,
            attention=self.attention,
        )


class ManyRuns(Body):
    """Which runs: `run_ids`, or `filter` with `expected`."""

    run_ids: list[uuid.UUID] | None = Field(None, min_length=1, max_length=many.MOST_NAMED)
    filter: SoughtRuns | None = None
    expected: Whole | None = Field(
        None,
        ge=1,
        le=many.MOST_FOUND,
        description="How many runs the filter has: where it has others by now, nothing is changed.",
    )
    why: Why

    @model_validator(mode="after")
    def _names_them_in_one_way(self) -> Self:
        if (self.run_ids is None) is (self.filter is None):
            raise ValueError("say which runs: either run_ids or filter")
        if (self.filter is None) is not (self.expected is None):
            raise ValueError("expected goes with filter: how many runs it has")
        return self


class OneSteered(BaseModel):
    run_id: uuid.UUID
    run: str = Field(
        description="DAG and Airflow's run id, with a slash between them; empty: there is no such run."
    )
    outcome: SteeringOutcome
    told: str = Field(description="Who wanted it before, which nodes try again, or why it was refused.")
    code: str = Field(description="Of the refusal, as a problem's; empty where there is none.")

    @classmethod
    def of(cls, one: One) -> Self:
        return cls(run_id=one.run_id, run=one.run, outcome=one.outcome, told=one.told, code=one.code)


class ManySteered(BaseModel):
    """What became of each; one that was refused kept no other from it."""

    items: list[OneSteered]
    done: int
    already: int
    refused: int


@router.post(f"{RUNS}/pause")
def pause_runs(caller: Steering, which: ManyRuns) -> ManySteered:
    """Pause many runs: nodes that act finish, none begins."""
    return _steer(caller, which, RunControl.PAUSE)


@router.post(f"{RUNS}/resume")
def resume_runs(caller: Steering, which: ManyRuns) -> ManySteered:
    """Let many paused runs go on."""
    return _steer(caller, which, RunControl.NONE)


@router.post(f"{RUNS}/cancel")
def cancel_runs(caller: Steering, which: ManyRuns) -> ManySteered:
    """Cancel many runs: they end, and what they did is taken back."""
    return _steer(caller, which, RunControl.CANCEL)


@router.post(f"{RUNS}/retry")
def retry_runs(caller: Steering, which: ManyRuns) -> ManySteered:
    """Let every node of these runs that has failed try again at once; what it did is not done twice."""
    ids, person = _ids(caller, which), within.person_of(caller, which.why)
    with within.airflow(caller) as api, of_body("body.why"):
        return _told(many.retry(caller.context.database, api, within.org_of(caller), ids, person))


def _steer(caller: Caller, which: ManyRuns, wanted: RunControl) -> ManySteered:
    ids, database = _ids(caller, which), caller.context.database
    with within.airflow(caller) as api, of_body("body.why"):
        engine = Engine(database, api, caller.context.settings, by=caller.actor, trusted=True)
        return _told(many.steer(database, engine, within.org_of(caller), ids, wanted, why=which.why))


def _ids(caller: Caller, which: ManyRuns) -> Sequence[uuid.UUID]:
    if which.filter is None or which.expected is None:
        return which.run_ids or ()
    with caller.of_tenant() as session, of_body("body.filter", instead_of="query"):
        return many.found(session, caller.tenant_id, which.filter.sought(), expected=which.expected)


def _told(answers: Sequence[One]) -> ManySteered:
    outcomes = [one.outcome for one in answers]
    return ManySteered(
        items=[OneSteered.of(one) for one in answers],
        done=outcomes.count(SteeringOutcome.DONE),
        already=outcomes.count(SteeringOutcome.ALREADY),
        refused=outcomes.count(SteeringOutcome.REFUSED),
    )
