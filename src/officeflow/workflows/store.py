"""Workflows in the database: versions, the bundle's revisions, what an event may start.

SQL of workflows is here and nowhere else.

Writing functions take a session that sees all organizations, since revisions are counted across them.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, any_, column, exists, func, literal, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, Workflow, WorkflowRevision, WorkflowRun, WorkflowVersion
from officeflow.errors import NotKnown, did_you_mean
from officeflow.ids import new_id
from officeflow.program import typed
from officeflow.workflows.models import Definition, content_hash, to_json

REVISION_LOCK = 0x0FF1CE
"""The advisory lock that is held from taking a revision's number until the transaction ends: numbers become
visible in their order.
"""

PUBLISH, DEACTIVATE, RETIRE = "publish", "deactivate", "retire"
OPEN_RUNS = ("PENDING", "RUNNING", "PAUSED")
RETIRE_AFTER = dt.timedelta(minutes=1)
"""Between deactivation and retirement, so that a run started in the last moment has its row by then."""


@dataclass(frozen=True, slots=True)
class ActiveWorkflow:
    """A workflow that an event may start. `filter` is CEL over event, employee and org, or None."""

    workflow_id: uuid.UUID
    slug: str
    version: int
    filter: str | None
    definition: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version of a workflow that a revision may show, as the database keeps it."""

    version: int
    content_hash: str
    definition: Mapping[str, Any]


SHOWN_VERSIONS = 3
"""How many of a workflow's newest versions a revision may show: the newest that builds is shown."""


def shown_versions(session: Session, org: str, slug: str, revision: int | None = None) -> list[ShownVersion]:
    """Of one workflow what the revision (by default the newest) may show, the newest first; nothing where it
    is retired or not there yet.

    `org` is the organization's slug. The session must see all organizations.
    """
    steps = (
        select(WorkflowRevision.version, WorkflowRevision.action, WorkflowRevision.workflow_id)
        .join(Workflow, Workflow.workflow_id == WorkflowRevision.workflow_id)
        .join(Organization, Organization.org_id == Workflow.org_id)
        .where(Organization.slug == org, Workflow.slug == slug)
        .order_by(WorkflowRevision.revision.desc())
    )
    listed = session.execute(
        steps if revision is None else steps.where(WorkflowRevision.revision <= revision)
    ).all()
    if not listed or listed[0].action == RETIRE:
        return []
    numbers = sorted({step.version for step in listed if step.action == PUBLISH}, reverse=True)[
        :SHOWN_VERSIONS
    ]
    query = select(WorkflowVersion).where(
        WorkflowVersion.workflow_id == listed[0].workflow_id, WorkflowVersion.version.in_(numbers)
    )
    found = session.scalars(query.order_by(WorkflowVersion.version.desc()))
    return [ShownVersion(row.version, row.content_hash, row.definition) for row in found]


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
        .join(
            WorkflowVersion,
            (WorkflowVersion.workflow_id == Workflow.workflow_id)
            & (WorkflowVersion.version == Workflow.version),
        )
        .where(Workflow.org_id == org_id, Workflow.slug == slug)
    )
    row = session.execute(query).first()
    return None if row is None else (row[0], row[1])


def lock_revisions(session: Session) -> None:
    """Wait for the turn to add a revision; kept until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(REVISION_LOCK)))


def add_revision(session: Session, workflow: Workflow, action: str) -> int:
    """The next step of the bundle, about this workflow's newest version. Needs `lock_revisions`."""
    number = (session.scalar(select(func.max(WorkflowRevision.revision))) or 0) + 1
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
            revision = add_revision(session, workflow, RETIRE)
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
        WorkflowRevision.action == DEACTIVATE,
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
