"""Runs, and what their nodes did."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from officeflow.airflow_api.addresses import run_address, task_address
from officeflow.api.problems import ProblemItem
from officeflow.api.shapes import Whole
from officeflow.runs.deeds import Deed
from officeflow.runs.listing import RunLine
from officeflow.runs.report import Report
from officeflow.runs.store import TRIAL
from officeflow.statuses import ENDED_RUNS, ActStatus, RunStatus, ShownRunStatus, UnactedStatus, WaitsFor

Why = Annotated[str, Field(min_length=1, max_length=1000, description="The reason, for the audit log.")]
MapIndex = Annotated[
    Whole,
    Field(ge=-1, le=2_147_483_647, description="Which act of a node that runs for many items; -1: none."),
]
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else str(value))]


class FailureReason(BaseModel):
    """What one node said of why it failed."""

    node: Text = ""
    code: Text = ""
    message: Text = ""
    problems: list[ProblemItem] = Field(default_factory=list)


class Remaining(BaseModel):
    """An act that was not taken back."""

    node: Text = ""
    map_index: int = -1
    type: Text = ""
    kind: Text = ""
    did: Text = ""
    why: Text = ""
    run: Text = Field("", description="The called run that it is of; empty: this one.")


class Failure(BaseModel):
    """Why something failed, or what it waits for."""

    code: Text = Field("error", description="Stable: programs decide by it.")
    message: Text = ""
    provider: Text = ""
    operation: Text = ""
    maybe_done: bool = Field(False, description="It may have been done all the same.")
    again_at: Text = Field("", description="When it is tried again by itself.")
    problems: list[ProblemItem] = Field(default_factory=list)
    nodes: list[str] = Field(default_factory=list, description="Of a run: the nodes at which it failed.")
    reasons: list[FailureReason] = Field(default_factory=list)
    remaining: list[Remaining] = Field(default_factory=list)


class Waiting(BaseModel):
    """What a node waits for; `node` is empty where the run itself waits for its turn."""

    model_config = ConfigDict(from_attributes=True)

    node: str
    map_index: int
    what: WaitsFor
    since: dt.datetime
    until: dt.datetime | None = Field(description="When it goes on by itself; null: nobody knows.")
    why: str
    of: str = Field(description="Of whom an answer, which event, which run.")
    answered: str = Field(description="By whom and when, where Airflow has not gone on with it yet.")


class Run(BaseModel):
    """A run in a list."""

    model_config = ConfigDict(from_attributes=True)

    run_id: uuid.UUID
    workflow: str | None = Field(description="null: a DAG that was written by hand.")
    version: int | None
    dag_id: str
    dag_run_id: str
    trigger: str = Field(description="The event's kind, `manual`, or `dag.test` for a trial.")
    employee: str | None
    status: ShownRunStatus
    started_at: dt.datetime
    ended_at: dt.datetime | None
    correlation_id: str
    failed: int = Field(description="Nodes whose act failed.")
    asked: int = Field(description="Nodes of which nobody knows whether they were done.")
    refused: int = Field(description="Nodes that could not begin.")
    needs_attention: bool
    error: Failure | None
    waits: list[Waiting]
    airflow: str | None = Field(description="Where Airflow shows it; null of a trial.")


def run_shown(line: RunLine) -> Run:
    return Run(
        run_id=line.run_id,
        workflow=line.workflow,
        version=line.version,
        dag_id=line.dag_id,
        dag_run_id=line.dag_run_id,
        trigger=line.trigger,
        employee=line.employee,
        status=line.status,
        started_at=line.started_at,
        ended_at=line.ended_at,
        correlation_id=line.correlation_id,
        failed=line.failed,
        asked=line.asked,
        refused=line.refused,
        needs_attention=_needs_attention(line),
        error=Failure.model_validate(line.error) if line.error else None,
        waits=[Waiting.model_validate(each) for each in line.waits],
        airflow=None if line.trigger == TRIAL else run_address(line.dag_id, line.dag_run_id),
    )


def _needs_attention(line: RunLine) -> bool:
    if line.status == ShownRunStatus.FAILED:
        return True
    is_open = line.status not in set(map(ShownRunStatus, ENDED_RUNS))
    return is_open and bool(line.failed or line.asked or line.refused)


class NodeAct(BaseModel):
    """What became of a node, by its act."""

    node: str
    map_index: int
    type: str
    generation: int
    status: ActStatus | UnactedStatus
    attempts: int
    try_number: int
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    seconds: float | None
    did: Text
    error: Failure | None
    airflow: str | None = Field(None, description="Its task in Airflow, with the logs.")


class NodeRefused(BaseModel):
    """A node whose last try ended before its act did, or that was given up."""

    node: str
    map_index: int
    type: str
    status: UnactedStatus
    try_number: int
    since: dt.datetime
    at: dt.datetime
    error: Failure
    airflow: str | None = None


class SilentTask(BaseModel):
    """A task of which only Airflow has a word."""

    node: str
    map_index: int
    state: str = Field(description="Airflow's.")
    try_number: int
    error: Failure | None
    airflow: str | None = None


class RunEvent(BaseModel):
    """The event that started a run, without its payload."""

    id: Text = ""
    source: Text = ""
    kind: Text = ""
    employee: Text = ""
    time: Text = ""


class Relative(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str = Field(description="DAG and Airflow's run id, with a slash between them.")
    status: RunStatus
    node: str


class RunDetail(Run):
    """All that is known of a run."""

    control: str = Field(description="What somebody wanted of it last, who, when and why; empty: nobody.")
    event: RunEvent
    caller: Relative | None
    called: list[Relative]
    nodes: list[NodeAct]
    not_acted: list[NodeRefused]
    tasks: list[SilentTask]
    about: list[str] = Field(description="Sentences about its DAG in Airflow.")
    unknown: str = Field(description="Why Airflow could not be asked; empty: it was, or need not be.")


def detail_shown(report: Report) -> RunDetail:
    line = report.line

    def shown(each: Mapping[str, Any]) -> dict[str, Any]:
        return {**each, "airflow": None if report.is_trial else _task(line, each)}

    return RunDetail(
        **run_shown(line).model_dump(),
        control=report.wanted,
        event=RunEvent.model_validate(dict(report.event)),
        caller=Relative.model_validate(report.family.caller) if report.family.caller else None,
        called=[Relative.model_validate(each) for each in report.family.called],
        nodes=[NodeAct.model_validate(shown(each)) for each in report.nodes],
        not_acted=[NodeRefused.model_validate(shown(each)) for each in report.refused],
        tasks=[SilentTask.model_validate(shown(each)) for each in report.told.tasks],
        about=list(report.told.about),
        unknown=report.told.unknown,
    )


def _task(line: RunLine, node: Mapping[str, Any]) -> str:
    return task_address(line.dag_id, line.dag_run_id, node["node"], node["map_index"])


class Step(BaseModel):
    """What an act found, changed and read back."""

    step: Text = ""
    text: Text = ""


class Act(BaseModel):
    """An act as the ledger has it; what is sensitive in its output is masked."""

    act_id: uuid.UUID
    run_id: uuid.UUID
    dag_id: str
    dag_run_id: str
    employee: str | None
    node: str
    map_index: int
    type: str
    generation: int = Field(description="1; a redo is another one.")
    status: ActStatus
    attempt: int = Field(description="How often it was begun.")
    try_number: int = Field(description="Airflow's, in which it was begun last.")
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    key: str = Field(description="The idempotency key that the other system got.")
    output: dict[str, Any] | None = Field(description="By the node type's output schema.")
    error: Failure | None
    story: list[Step] = Field(description="The evidence.")
    airflow: str


def act_shown(deed: Deed) -> Act:
    shown: dict[str, Any] = dict(deed.shown)
    return Act(
        **shown,
        act_id=deed.act_id,
        run_id=deed.run_id,
        dag_id=deed.dag_id,
        dag_run_id=deed.dag_run_id,
        employee=deed.employee,
        airflow=task_address(deed.dag_id, deed.dag_run_id, shown["node"], shown["map_index"]),
    )
