"""Which runs there are, in pages: for lists that stay fast whatever the number of runs."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from officeflow.database.engine import Database
from officeflow.database.pages import Conditions, Listing, Page, Wanted, conditions, values_of
from officeflow.database.tables import Organization, Workflow, WorkflowRun
from officeflow.errors import InvalidInput, NotKnown, Problem, did_you_mean
from officeflow.ids import dag_id
from officeflow.runs import listing
from officeflow.runs.listing import RunLine
from officeflow.runs.per_run import per_run
from officeflow.statuses import ENDED_RUNS, ShownRunStatus

_SHOWN_AS_ENDED = frozenset(map(ShownRunStatus, ENDED_RUNS))

STATEMENTS_KEPT = 100
"""Of lists of runs; each takes some ten kilobytes for each number of rows."""


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
    values = _values(session, org_id, sought)
    found = _listing(_shape_of(sought)).page(session, wanted, values)
    return Page(listing.lines_of(session, [row.run_id for row in found.rows]), found.next)


def ids(session: Session, org_id: uuid.UUID, sought: Sought, *, most: int) -> list[uuid.UUID]:
    """Of the first `most` of them, the oldest first. `InvalidInput` as `page`."""
    query = _found(select(WorkflowRun.run_id), _shape_of(sought)).limit(most)
    query = query.order_by(WorkflowRun.started_at, WorkflowRun.run_id)
    return list(session.scalars(query, _values(session, org_id, sought)))


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


class _Shape(NamedTuple):
    """What a statement of runs looks like: which of its conditions there are, whatever their values."""

    statuses: frozenset[ShownRunStatus]
    attention: bool | None
    sort: Sort
    by: frozenset[str]
    """Names in `_BY`."""


_BY: Conditions = MappingProxyType(
    {
        "workflow": lambda value: WorkflowRun.dag_id == value,
        "version": lambda value: WorkflowRun.version == value,
        "employee": lambda value: WorkflowRun.employee_key == value,
        "since": lambda value: WorkflowRun.started_at >= value,
        "until": lambda value: WorkflowRun.started_at < value,
    }
)


def _shape_of(sought: Sought) -> _Shape:
    return _Shape(
        frozenset(sought.statuses), sought.attention, sought.sort, frozenset(values_of(sought, _BY))
    )


def _values(session: Session, org_id: uuid.UUID, sought: Sought) -> dict[str, Any]:
    """The values of its conditions, by their names."""
    if sought.version is not None and sought.workflow is None:
        problem = Problem("query.version", "versions are a workflow's", "say which workflow")
        raise InvalidInput("the request is not valid", problems=[problem])
    values = {"org_id": org_id, **values_of(sought, _BY)}
    if sought.workflow is not None:
        values["workflow"] = _dag(session, org_id, sought.workflow)
    return values


@lru_cache(maxsize=STATEMENTS_KEPT)
def _listing(shape: _Shape) -> Listing:
    order = (WorkflowRun.started_at, WorkflowRun.run_id)
    query = _found(select(WorkflowRun.run_id, WorkflowRun.started_at), shape)
    return Listing(query.order_by(*(each.desc() for each in order) if shape.sort is Sort.NEWEST else order))


def _found(query: Select[*tuple[Any, ...]], shape: _Shape) -> Select[*tuple[Any, ...]]:
    """Narrowed down, with a parameter of each name in `by`, and of the organization."""
    query = query.where(WorkflowRun.org_id == bindparam("org_id"))
    query = query.where(*conditions(_BY, shape.by))
    seen = per_run()
    if not shape.statuses.issubset(_SHOWN_AS_ENDED) or shape.attention is not None:
        query = seen.joined(query)
    if shape.statuses:
        query = query.where(seen.in_status(shape.statuses))
    if shape.attention is not None:
        query = query.where(seen.needs_attention if shape.attention else ~seen.needs_attention)
    return query


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
