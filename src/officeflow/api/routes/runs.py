"""Runs: which there are, what became of one, and a new one by hand."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from officeflow.api import within
from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged, several
from officeflow.api.paths import located
from officeflow.api.routing import Route
from officeflow.api.run_shapes import Run, RunDetail, Why, detail_shown, run_shown
from officeflow.rights.permissions import Permission
from officeflow.runs import finding
from officeflow.runs.engine import Engine
from officeflow.runs.finding import Sort, Sought
from officeflow.runs.report import report_of
from officeflow.statuses import ShownRunStatus

router = APIRouter(tags=["runs"], route_class=Route)

ANSWER_SECONDS = 5.0


class RunFilter(BaseModel):
    status: list[ShownRunStatus] = several(description="As shown; several: one of them.")
    workflow: str | None = Field(None, max_length=250, description="Its slug, or the id of a DAG.")
    version: int | None = Field(None, ge=1, le=2_147_483_647)
    employee: str | None = Field(None, max_length=255, description="The HR system's identifier.")
    since: AwareDatetime | None = Field(None, description="Started then or later.")
    until: AwareDatetime | None = Field(None, description="Started before.")
    attention: bool | None = Field(
        None,
        description="true: failed; or open with a node that failed, could not begin, or perhaps acted.",
    )
    sort: Sort = Sort.NEWEST


@router.get("/organizations/{org}/runs")
def list_runs(
    caller: Annotated[Caller, Needs(Permission.RUN_READ)],
    wanted: Paged,
    query: Annotated[RunFilter, Query()],
) -> Listed[Run]:
    """Runs, the newest first or the oldest, by when they were started."""
    sought = Sought(
        statuses=query.status,
        workflow=query.workflow,
        version=query.version,
        employee=query.employee,
        since=query.since,
        until=query.until,
        attention=query.attention,
        sort=query.sort,
    )
    with caller.of_tenant() as session:
        page = finding.page(session, caller.tenant_id, sought, wanted)
    return Listed(items=[run_shown(line) for line in page.rows], next=page.next)


class Start(BaseModel):
    """A run by hand. The fields are those of a lifecycle event's form."""

    workflow: str = Field(min_length=1, max_length=41, description="Its slug.")
    employee: str = Field(
        min_length=1, max_length=255, description="The HR system's identifier, or the work address."
    )
    kind: str | None = Field(
        None, max_length=100, description="Needed where the workflow starts on several kinds of events."
    )
    payload: dict[str, Any] = Field(default_factory=dict, description="As the kind's schema has it.")
    time: AwareDatetime | None = Field(None, description="Of the event; now where it is left out.")
    id: str = Field("", max_length=255, description="Under the same id there is one run.")
    why: Why


class Started(BaseModel):
    run_id: uuid.UUID | None = Field(description="null where it was only checked.")
    run: str = Field(description="DAG and Airflow's run id, with a slash between them.")
    started: bool = Field(description="false: it was only checked, or is there already under this id.")
    told: str = ""


@router.post("/organizations/{org}/runs", status_code=201, responses={200: {"model": Started}})
def start_run(
    caller: Annotated[Caller, Needs(Permission.RUN_START)],
    start: Start,
    response: Response,
    dry_run: Annotated[bool, Query(description="Only check it; nothing is started.")] = False,
) -> Started:
    """Start a run of a workflow by hand, checked as one that Airflow's form starts."""
    given: dict[str, Any] = {
        "employee": start.employee,
        "payload": start.payload,
        "kind": start.kind,
        "time": start.time and start.time.isoformat(),
        "correlation_id": caller.request_id,
    }
    payload = {name: value for name, value in given.items() if value is not None}
    with within.airflow(caller) as api:
        engine = Engine(caller.context.database, api, caller.context.settings, by=caller.actor, trusted=True)
        if dry_run:
            told = engine.check_start(caller.org, start.workflow, payload).note
            response.status_code = 200
            return Started(run_id=None, run="", started=False, told=told)
        done = engine.execute_workflow(
            caller.org, start.workflow, payload, why=start.why, request_id=start.id
        )
    response.headers["Location"] = located(caller.org, "runs", done.run.run_id)
    response.status_code = 201 if done.changed else 200
    return Started(run_id=done.run.run_id, run=str(done.run), started=done.changed, told=done.told)


@router.get("/organizations/{org}/runs/{run_id}")
def show_run(caller: Annotated[Caller, Needs(Permission.RUN_READ)], run_id: uuid.UUID) -> RunDetail:
    """A run with its nodes, what it waits for, and where Airflow shows it. Airflow may be away."""
    with caller.context.airflow(timeout=ANSWER_SECONDS) as api:
        return detail_shown(report_of(caller.context.database, api, within.org_of(caller), run_id))
