"""Workflows in the database: versions, the bundle's revisions, what an event may start.

SQL of workflows is here, and in `shown` what a revision shows; nowhere else.

Writing functions take a session that sees all organizations, since revisions are counted across them.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, any_, column, exists, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.pages import Page, Wanted, page_of
from officeflow.database.tables import (
    Organization,
    Workflow,
    WorkflowNode,
    WorkflowRevision,
    WorkflowRun,
    WorkflowVersion,
)
from officeflow.errors import NotKnown, did_you_mean
from officeflow.ids import dag_id, new_id
from officeflow.program import typed
from officeflow.statuses import OPEN_RUNS, RevisionAction
from officeflow.workflows import revisions
from officeflow.workflows.models import Definition, content_hash, to_json

REVISION_LOCK = 0x0FF1CE
"""The advisory lock that is held from taking a revision's number until the transaction ends: numbers become
visible in their order.
"""

RETIRE_AFTER = dt.timedelta(minutes=1)
"""Between deactivation and retirement, so that a run started in the last moment has its row by then."""

_NEWEST_VERSION = (WorkflowVersion.workflow_id == Workflow.workflow_id) & (
    WorkflowVersion.version == Workflow.version
)


@dataclass(frozen=True, slots=True)
class ActiveWorkflow:
    """A workflow that an event may start. `filter` is CEL over event, employee and org, or None;
    `concurrency` is as in its definition.
    """

    workflow_id: uuid.UUID
    slug: str
    version: int
    filter: str | None
    definition: dict[str, Any]

    @property
    def concurrency(self) -> str:
        said: str = self.definition.get("concurrency", "parallel")
        return said


def active_for_kind(session: Session, org_id: uuid.UUID, kind: str) -> list[ActiveWorkflow]:
    """The organization's active workflows that events of this kind start, by slug."""
    kinds = func.string_to_array(Workflow.event_trigger, ",")
    query = (
        select(Workflow)
        .where(Workflow.org_id == org_id, Workflow.is_active, literal(kind) == any_(kinds))
        .order_by(Workflow.slug)
    )
    return [
        ActiveWorkflow(
            row.workflow_id, row.slug, row.version, row.definition["trigger"].get("filter"), row.definition
        )
        for row in session.scalars(query)
    ]


def find(session: Session, org_id: uuid.UUID, slug: str) -> Workflow:
    """The organization's workflow; `NotKnown` suggests a slug that is close."""
    workflow = session.scalar(select(Workflow).where(Workflow.org_id == org_id, Workflow.slug == slug))
    if workflow is None:
        known = session.scalars(select(Workflow.slug).where(Workflow.org_id == org_id)).all()
        raise NotKnown(
            f"there is no workflow {slug!r}",
            hint=did_you_mean(slug, known) or f"`{typed('workflow list')}` shows them",
        )
    return workflow


def dag_ids(session: Session) -> set[str]:
    """The DAGs of all workflows, deactivated ones too. The session must see all organizations."""
    query = select(Organization.slug, Workflow.slug).join(Workflow, Workflow.org_id == Organization.org_id)
    return {dag_id(org, slug) for org, slug in session.execute(query)}


def last_published(session: Session, *, most: int) -> list[tuple[str, str]]:
    """DAG id and content hash of active workflows, the last published first.

    The session must see all organizations.
    """
    steps = select(WorkflowRevision.revision).where(WorkflowRevision.workflow_id == Workflow.workflow_id)
    newest = steps.order_by(WorkflowRevision.revision.desc()).limit(1).scalar_subquery()
    query = (
        select(Organization.slug, Workflow.slug, WorkflowVersion.content_hash)
        .join(Workflow, Workflow.org_id == Organization.org_id)
        .join(WorkflowVersion, _NEWEST_VERSION)
        .where(Workflow.is_active)
        .order_by(newest.desc())
        .limit(most)
    )
    return [(dag_id(org, slug), content_hash) for org, slug, content_hash in session.execute(query)]


def connections_named(session: Session) -> dict[tuple[str, str], dict[str, str]]:
    """By organization and connection, of all active workflows: the types of the nodes that use it, each with
    a workflow in which one is.

    The session must see all organizations.
    """
    query = (
        select(Organization.slug, WorkflowNode.connection, WorkflowNode.type, Workflow.slug)
        .join(Workflow, Workflow.org_id == Organization.org_id)
        .join(
            WorkflowNode,
            (WorkflowNode.workflow_id == Workflow.workflow_id) & (WorkflowNode.version == Workflow.version),
        )
        .where(Workflow.is_active, WorkflowNode.connection.is_not(None))
        .order_by(Organization.slug, WorkflowNode.connection, Workflow.slug, WorkflowNode.type)
    )
    found: dict[tuple[str, str], dict[str, str]] = {}
    for org, name, kind, workflow in session.execute(query):
        found.setdefault((org, name or ""), {})[kind] = workflow
    return found


def with_other_types(
    session: Session, known: Collection[str], *, most: int
) -> list[tuple[str, str, list[str]]]:
    """Active workflows with node types that are none of `known`: the organization's slug, the workflow's and
    those types, sorted.

    The session must see all organizations.
    """
    node = (
        func.jsonb_array_elements(Workflow.definition["nodes"])
        .table_valued(column("value", JSONB))
        .render_derived()
    )
    used = node.c.value["type"].astext
    query = (
        select(Organization.slug, Workflow.slug, func.array_agg(used.distinct()))
        .join(Organization, Organization.org_id == Workflow.org_id)
        .join(node, true())
        .where(Workflow.is_active, used.not_in(known))
        .group_by(Organization.slug, Workflow.slug)
        .order_by(Organization.slug, Workflow.slug)
        .limit(most)
    )
    return [(org, slug, sorted(types)) for org, slug, types in session.execute(query)]


def neighbour(session: Session, workflow: Workflow) -> str | None:
    """The slug of the active workflow whose place is next below, and so most likely in the same stub file;
    None for the first.
    """
    below = select(Workflow.slug).where(
        Workflow.org_id == workflow.org_id, Workflow.place < workflow.place, Workflow.is_active
    )
    return session.scalar(below.order_by(Workflow.place.desc()).limit(1))


def every(session: Session, org_id: uuid.UUID) -> Sequence[Workflow]:
    """All workflows of the organization, deactivated ones too, by slug."""
    return session.scalars(select(Workflow).where(Workflow.org_id == org_id).order_by(Workflow.slug)).all()


def page(
    session: Session,
    org_id: uuid.UUID,
    wanted: Wanted,
    *,
    active: bool | None = None,
    protected: bool | None = None,
    kind: str = "",
    text: str = "",
) -> Page[Workflow]:
    """Workflows of the organization, by slug: those that events of a `kind` start, those with a `text` in
    their slug or name.
    """
    query = select(Workflow).where(Workflow.org_id == org_id)
    if active is not None:
        query = query.where(Workflow.is_active == active)
    if protected is not None:
        query = query.where(Workflow.is_protected == protected)
    if kind:
        query = query.where(literal(kind) == any_(func.string_to_array(Workflow.event_trigger, ",")))
    if text:
        named = (each.icontains(text, autoescape=True) for each in (Workflow.slug, Workflow.name))
        query = query.where(or_(*named))
    found = page_of(session, query.order_by(Workflow.slug), wanted)
    return Page([row[0] for row in found.rows], found.next)


def version_page(session: Session, workflow_id: uuid.UUID, wanted: Wanted) -> Page[WorkflowVersion]:
    """Its versions, the newest first."""
    query = select(WorkflowVersion).where(WorkflowVersion.workflow_id == workflow_id)
    found = page_of(session, query.order_by(WorkflowVersion.version.desc()), wanted)
    return Page([row[0] for row in found.rows], found.next)


def versions(session: Session, workflow_id: uuid.UUID) -> Sequence[WorkflowVersion]:
    """Its versions, the newest first."""
    query = select(WorkflowVersion).where(WorkflowVersion.workflow_id == workflow_id)
    return session.scalars(query.order_by(WorkflowVersion.version.desc())).all()


def version(session: Session, workflow: Workflow, number: int | None = None) -> WorkflowVersion:
    """One version, by default the newest."""
    found = session.get(WorkflowVersion, (workflow.workflow_id, number or workflow.version))
    if found is None:
        raise NotKnown(
            f"workflow {workflow.slug!r} has no version {number}", hint=f"it has 1 to {workflow.version}"
        )
    return found


def newest(session: Session, org_id: uuid.UUID, slug: str) -> tuple[Workflow, WorkflowVersion] | None:
    """The workflow and its newest version, or None where there is no such workflow."""
    query = (
        select(Workflow, WorkflowVersion)
        .join(WorkflowVersion, _NEWEST_VERSION)
        .where(Workflow.org_id == org_id, Workflow.slug == slug)
    )
    row = session.execute(query).first()
    return None if row is None else (row[0], row[1])


def lock_revisions(session: Session) -> None:
    """Wait for the turn to add a revision; kept until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(REVISION_LOCK)))


def add_revision(session: Session, workflow: Workflow, action: RevisionAction) -> int:
    """The next step of the bundle, about this workflow's newest version. Needs `lock_revisions`."""
    number = revisions.newest_revision(session) + 1
    session.add(
        WorkflowRevision(
            revision=number,
            org_id=workflow.org_id,
            workflow_id=workflow.workflow_id,
            version=workflow.version,
            action=action,
        )
    )
    session.flush()
    return number


def add_version(session: Session, org_id: uuid.UUID, definition: Definition, *, by: str) -> Workflow:
    """Write the definition as the next version of its workflow, which is made where it is missing.

    Needs `lock_revisions`.
    """
    stored = to_json(definition)
    workflow = session.scalar(
        select(Workflow).where(Workflow.org_id == org_id, Workflow.slug == definition.slug)
    )
    if workflow is None:
        place = session.scalar(select(func.max(Workflow.place)).where(Workflow.org_id == org_id))
        workflow = Workflow(
            workflow_id=new_id(),
            org_id=org_id,
            slug=definition.slug,
            version=0,
            place=0 if place is None else place + 1,
        )
        session.add(workflow)
    workflow.name = definition.name
    workflow.event_trigger = ",".join(definition.trigger.events)
    workflow.version += 1
    workflow.is_active = True
    workflow.definition = stored
    session.flush()
    session.add(
        WorkflowVersion(
            workflow_id=workflow.workflow_id,
            version=workflow.version,
            org_id=org_id,
            content_hash=content_hash(definition),
            definition=stored,
            published_by=by,
        )
    )
    session.flush()
    return workflow


def retire_finished(database: Database, *, after: dt.timedelta = RETIRE_AFTER) -> int:
    """Take deactivated workflows out of the bundle whose last run has ended; returns how many.

    Safe from several processes.
    """
    latest = func.now() - after
    with database.service() as session:
        if not session.scalar(select(exists().where(_may_be_retired(latest)))):
            return 0
        lock_revisions(session)
        waiting = session.scalars(
            select(Workflow).where(_may_be_retired(latest)).order_by(Workflow.workflow_id)
        ).all()
        for workflow in waiting:
            revision = add_revision(session, workflow, RevisionAction.RETIRE)
            record(session, workflow, AuditAction.WORKFLOW_RETIRED, by="service:steward", revision=revision)
    return len(waiting)


def _may_be_retired(latest: ColumnElement[dt.datetime]) -> ColumnElement[bool]:
    newest_step = (
        select(WorkflowRevision.revision)
        .where(WorkflowRevision.workflow_id == Workflow.workflow_id)
        .order_by(WorkflowRevision.revision.desc())
        .limit(1)
        .scalar_subquery()
        .correlate(Workflow)
    )
    deactivated = exists().where(
        WorkflowRevision.revision == newest_step,
        WorkflowRevision.action == RevisionAction.DEACTIVATE,
        WorkflowRevision.created_at <= latest,
    )
    running = exists().where(
        WorkflowRun.workflow_id == Workflow.workflow_id, WorkflowRun.status.in_(OPEN_RUNS)
    )
    return ~Workflow.is_active & deactivated.correlate(Workflow) & ~running.correlate(Workflow)


def record(session: Session, workflow: Workflow, action: AuditAction, *, by: str, **details: Any) -> None:
    """Audit what was done to a workflow."""
    entry = AuditEntry(
        actor=by,
        action=action,
        subject=f"workflow:{workflow.slug}",
        details={"version": workflow.version, **details},
    )
    audit.append(session, workflow.org_id, entry)
