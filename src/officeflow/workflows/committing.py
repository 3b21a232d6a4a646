"""Writing what is published: versions and revisions of all definitions together, or a release that a second
person decides about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.orm import Session

from officeflow import ids
from officeflow.audit.actions import AuditAction
from officeflow.database.tables import Organization
from officeflow.errors import InvalidDefinition
from officeflow.errors.requests import ChangedMeanwhile
from officeflow.statuses import RevisionAction
from officeflow.workflows import protection, renames, store
from officeflow.workflows.models import Definition, content_hash
from officeflow.workflows.projection import project


@dataclass(frozen=True, slots=True)
class Asked:
    """Who publishes and why.

    `base` says for workflows by slug which version is to be the newest still, None that there is none.
    `released` is called before anything is written: a second person has decided, which it settles.
    """

    by: str
    why: str = ""
    correlation_id: str | None = None
    base: Mapping[str, int | None] = field(default_factory=dict)
    released: Callable[[Session], None] | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """Definitions of one organization that can be published, by file."""

    organization: Organization
    definitions: Mapping[str, Definition]


@dataclass(frozen=True, slots=True)
class Committed:
    """A definition that is published.

    `revision` is None where nothing was changed; `neighbour` is an older DAG of the same file. `release` is
    what waits for a second person, where nothing was published for that.
    """

    file: str
    organization: Organization
    definition: Definition
    version: int
    revision: int | None
    neighbour: str | None
    release: str | None = None


def commit(session: Session, checked: Checked, asked: Asked) -> list[Committed]:
    """Publish all of them, or none, in their order. `ChangedMeanwhile` as `Publisher.commit`."""
    store.lock_revisions(session)
    release = _agreed(session, checked, asked)
    make = _written if release is None else partial(_asked_for, release=release)
    return [
        make(session, checked.organization, file, each, asked) for file, each in checked.definitions.items()
    ]


def _agreed(session: Session, checked: Checked, asked: Asked) -> str | None:
    """The release that a second person is to decide about; None where it may be published."""
    org_id = checked.organization.org_id
    for slug, base in asked.base.items():
        found = store.newest(session, org_id, slug)
        if base != (found and found[0].version):
            newest = f"version {found[0].version}" if found else "not there"
            raise ChangedMeanwhile(f"the workflow {slug!r} is {newest} by now", etag=f'"{newest}"')
    if asked.released is not None:
        asked.released(session)
        return None
    release = protection.ask_to_publish(
        session,
        org_id,
        checked.definitions,
        by=asked.by,
        why=asked.why,
        correlation_id=asked.correlation_id,
    )
    return None if release is None else str(release.release_id)


def _written(
    session: Session, organization: Organization, file: str, definition: Definition, asked: Asked
) -> Committed:
    version, revision = _commit(session, organization, definition, by=asked.by)
    neighbour = _neighbour(session, organization, definition)
    return Committed(file, organization, definition, version, revision, neighbour)


def _asked_for(
    session: Session,
    organization: Organization,
    file: str,
    definition: Definition,
    asked: Asked,
    *,
    release: str,
) -> Committed:
    del asked
    newest = store.newest(session, organization.org_id, definition.slug)
    version = newest[0].version if newest else 0
    return Committed(file, organization, definition, version, None, None, release)


def _neighbour(session: Session, organization: Organization, definition: Definition) -> str | None:
    """The DAG of an older workflow in the same file, by which Airflow can be asked to read it."""
    found = store.neighbour(session, store.find(session, organization.org_id, definition.slug))
    return ids.dag_id(organization.slug, found) if found else None


def _check_past(past: renames.History, definition: Definition) -> None:
    if problems := list(renames.check(past, definition)):
        raise InvalidDefinition(
            f"the workflow {definition.slug!r} does not say which nodes are new; nothing was published",
            problems=problems,
        )


def _commit(
    session: Session, organization: Organization, definition: Definition, *, by: str
) -> tuple[int, int | None]:
    """The version that stands now, and the revision that was added, None where the newest version was the
    same and active.
    """
    store.lock_revisions(session)
    newest = store.newest(session, organization.org_id, definition.slug)
    if newest is not None and newest[1].content_hash == content_hash(definition):
        workflow = newest[0]
        if workflow.is_active:
            return workflow.version, None
        workflow.is_active = True
    else:
        past = renames.history(session, organization.org_id, definition.slug)
        _check_past(past, definition)
        workflow = store.add_version(session, organization.org_id, definition, by=by)
        project(session, workflow, definition, renames.act_keys(past, definition, workflow.version))
    revision = store.add_revision(session, workflow, RevisionAction.PUBLISH)
    store.record(
        session,
        workflow,
        AuditAction.WORKFLOW_PUBLISHED,
        by=by,
        revision=revision,
        content_hash=content_hash(definition),
    )
    return workflow.version, revision
