"""Which versions of workflows a revision may show: the question of the bundle, and of each task in it.

Sessions must see all organizations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from officeflow import canonical_json
from officeflow.database.tables import Organization, Workflow, WorkflowRevision, WorkflowVersion
from officeflow.statuses import RevisionAction

MOST_VERSIONS = 3
"""How many of a workflow's newest versions a revision may show: the newest that builds is shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A version of a workflow that a revision may show. `content_hash` names the definition."""

    org: str
    slug: str
    place: int
    version: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """The same of one workflow, with the definition as the database keeps it."""

    version: int
    content_hash: str
    definition: Mapping[str, Any]


def newest_revision(session: Session) -> int:
    """0 before the first publish."""
    return session.scalar(select(func.max(WorkflowRevision.revision))) or 0


def of_revision(session: Session, revision: int) -> list[Shown]:
    """By organization and place; of each workflow up to `MOST_VERSIONS` versions, the newest first.

    A retired workflow is not shown.
    """
    columns = (
        Organization.slug,
        Workflow.slug,
        Workflow.place,
        WorkflowVersion.version,
        WorkflowVersion.content_hash,
    )
    return [Shown(*row) for row in session.execute(_shown(_steps(revision), *columns))]


def of_workflow(session: Session, org: str, slug: str, revision: int | None = None) -> list[ShownVersion]:
    """The same of one workflow, in the newest revision by default; nothing where it is not there yet.

    `org` is the organization's slug.
    """
    workflow = (
        select(Workflow.workflow_id)
        .join(Organization, Organization.org_id == Workflow.org_id)
        .where(Organization.slug == org, Workflow.slug == slug)
        .scalar_subquery()
    )
    steps = _steps(revision).where(WorkflowRevision.workflow_id == workflow)
    columns = (WorkflowVersion.version, WorkflowVersion.content_hash, WorkflowVersion.definition)
    return [ShownVersion(*row) for row in session.execute(_shown(steps, *columns))]


def definitions(session: Session, hashes: Collection[str]) -> Iterable[tuple[str, bytes]]:
    """The definitions with these content hashes, as canonical JSON."""
    query = select(WorkflowVersion.content_hash, WorkflowVersion.definition).where(
        WorkflowVersion.content_hash.in_(hashes)
    )
    for content_hash, definition in session.execute(query):
        yield content_hash, canonical_json.encode(definition)


def _steps(revision: int | None) -> Select[*tuple[Any, ...]]:
    """The steps that lead to the revision, which is the newest where it is None."""
    columns = (WorkflowRevision.workflow_id, WorkflowRevision.version, WorkflowRevision.action)
    steps = select(*columns, WorkflowRevision.revision)
    return steps if revision is None else steps.where(WorkflowRevision.revision <= revision)


def _shown(steps: Select[*tuple[Any, ...]], *columns: Any) -> Select[*tuple[Any, ...]]:
    """`columns` of the newest published versions of each workflow whose last step does not retire it."""
    step = steps.cte("steps")
    last = (
        select(step.c.workflow_id, step.c.action)
        .ext(distinct_on(step.c.workflow_id))
        .order_by(step.c.workflow_id, step.c.revision.desc())
        .subquery("last")
    )
    listed = select(step.c.workflow_id, step.c.version).where(step.c.action == RevisionAction.PUBLISH)
    published = listed.distinct().subquery("published")
    age = func.row_number().over(partition_by=published.c.workflow_id, order_by=published.c.version.desc())
    aged = select(published, age.label("age")).subquery("aged")
    return (
        select(*columns)
        .select_from(last)
        .join(aged, (aged.c.workflow_id == last.c.workflow_id) & (aged.c.age <= MOST_VERSIONS))
        .join(
            WorkflowVersion,
            (WorkflowVersion.workflow_id == aged.c.workflow_id) & (WorkflowVersion.version == aged.c.version),
        )
        .join(Workflow, Workflow.workflow_id == last.c.workflow_id)
        .join(Organization, Organization.org_id == Workflow.org_id)
        .where(last.c.action != RevisionAction.RETIRE)
        .order_by(Organization.slug, Workflow.place, WorkflowVersion.version.desc())
    )
