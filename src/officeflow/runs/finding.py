"""Which runs there are, in pages: for lists that stay fast whatever the number of runs."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, literal_column, or_, select, true
from sqlalchemy.orm import Session

from officeflow.database.engine import Database
from officeflow.database.pages import Page, Wanted, page_of
from officeflow.database.tables import NodeRefusal, NodeRun, Organization, Workflow, WorkflowRun
from officeflow.errors import InvalidInput, NotKnown, Problem, did_you_mean
from officeflow.ids import dag_id
from officeflow.runs import listing, waits
from officeflow.runs.listing import RunLine
from officeflow.runs.refusals import SKIPPED
from officeflow.statuses import ENDED_RUNS, ActStatus, RunStatus, ShownRunStatus

NOT_WELL: ColumnElement[bool] = literal_column(
    "workflow_runs.status NOT IN ('SUCCEEDED', 'CANCELLED', 'COMPENSATED')"
)
"""Written out, as the index of these runs has it."""

ODD = (ActStatus.FAILED, ActStatus.ASKED)


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which runs of an organization; what is None or empty says nothing.

    `workflow` is a slug, or the id of a DAG; `employee` the HR system's identifier; the moments are of their
    start, the first included, the last not. `attention`: whether it failed, or is open and a node of it
    failed, could not begin, or may or may not have been done.
    """

    statuses: Collection[ShownRunStatus] = ()
    workflow: str | None = None
    version: int | None = None
    employee: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    attention: bool | None = None
    sort: Sort = Sort.NEWEST


def page(session: Session, org_id: uuid.UUID, sought: Sought, wanted: Wanted) -> Page[RunLine]:
    """A page of them. `InvalidInput` where the organization has no such workflow."""
    query = select(WorkflowRun.run_id, WorkflowRun.started_at).where(
        WorkflowRun.org_id == org_id, *_conditions(session, org_id, sought)
    )
    order = (WorkflowRun.started_at, WorkflowRun.run_id)
    query = query.order_by(*(each.desc() for each in order) if sought.sort is Sort.NEWEST else order)
    found = page_of(session, query, wanted)
    return Page(listing.lines_of(session, [row.run_id for row in found.rows]), found.next)


def ids(session: Session, org_id: uuid.UUID, sought: Sought, *, most: int) -> list[uuid.UUID]:
    """Of the first `most` of them, the oldest first. `InvalidInput` as `page`."""
    query = select(WorkflowRun.run_id).where(
        WorkflowRun.org_id == org_id, *_conditions(session, org_id, sought)
    )
    return list(session.scalars(query.order_by(WorkflowRun.started_at, WorkflowRun.run_id).limit(most)))


def named(session: Session, org_id: uuid.UUID, run_id: uuid.UUID) -> WorkflowRun:
    """`NotKnown` where the organization has none."""
    found = session.get(WorkflowRun, run_id)
    if found is None or found.org_id != org_id:
        raise NotKnown(f"there is no run {run_id}")
    return found


def name_of(database: Database, org_id: uuid.UUID, run_id: uuid.UUID) -> str:
    """As `store.find_run` takes it; `NotKnown` where the organization has none."""
    with database.tenant(org_id) as session:
        return str(named(session, org_id, run_id).run_id)


def _conditions(session: Session, org_id: uuid.UUID, sought: Sought) -> Collection[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sought.statuses:
        found.append(_in_status(sought.statuses))
    if sought.workflow is not None:
        found.append(WorkflowRun.dag_id == _dag(session, org_id, sought.workflow))
    if sought.version is not None:
        if sought.workflow is None:
            problem = Problem("query.version", "versions are a workflow's", "say which workflow")
            raise InvalidInput("the request is not valid", problems=[problem])
        found.append(WorkflowRun.version == sought.version)
    if sought.employee is not None:
        found.append(WorkflowRun.employee_key == sought.employee)
    if sought.since is not None:
        found.append(WorkflowRun.started_at >= sought.since)
    if sought.until is not None:
        found.append(WorkflowRun.started_at < sought.until)
    if sought.attention is not None:
        found.append(needs_attention() if sought.attention else ~needs_attention())
    return found


def needs_attention() -> ColumnElement[bool]:
    odd = select(NodeRun.run_id).where(NodeRun.run_id == WorkflowRun.run_id, NodeRun.status.in_(ODD))
    refused = select(NodeRefusal.run_id).where(
        NodeRefusal.run_id == WorkflowRun.run_id,
        ~NodeRefusal.waits,
        NodeRefusal.error_details["code"].astext != SKIPPED,
    )
    return and_(
        NOT_WELL,
        or_(
            WorkflowRun.status == RunStatus.FAILED,
            odd.correlate(WorkflowRun).exists(),
            refused.correlate(WorkflowRun).exists(),
        ),
    )


def _in_status(statuses: Collection[ShownRunStatus]) -> ColumnElement[bool]:
    """By the status that is shown; what has not ended is looked for only where it is wanted."""
    stored = [RunStatus(status) for status in statuses if status != ShownRunStatus.WAITING]
    ended = [status for status in stored if status in ENDED_RUNS]
    waiting = waits.waits(WorkflowRun)
    parts: list[ColumnElement[bool]] = []
    if ended:
        parts.append(WorkflowRun.status.in_(ended))
    if still := [status for status in stored if status not in ENDED_RUNS]:
        may_wait = waiting if set(still) & set(waits.MAY_WAIT) else ~true()
        parts.append(WorkflowRun.status.in_(still) & ~may_wait & NOT_WELL)
    if ShownRunStatus.WAITING in statuses:
        parts.append(waiting & NOT_WELL)
    return or_(*parts)


def _dag(session: Session, org_id: uuid.UUID, name: str) -> str:
    """A workflow's; or one that was written by hand and has run."""
    organization = session.get_one(Organization, org_id)
    slugs = session.scalars(select(Workflow.slug).where(Workflow.org_id == org_id)).all()
    slug = name.removeprefix(f"{organization.slug}__")
    if slug in slugs:
        return dag_id(organization.slug, slug)
    by_hand = select(WorkflowRun.run_id).where(WorkflowRun.org_id == org_id, WorkflowRun.dag_id == name)
    if session.scalar(by_hand.limit(1)) is not None:
        return name
    problem = Problem("query.workflow", f"there is no workflow {name[:60]!r}", did_you_mean(name, slugs))
    raise InvalidInput("the request is not valid", problems=[problem])
