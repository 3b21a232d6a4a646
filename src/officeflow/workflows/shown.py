"""Workflows, their versions and what differs between them, for people and programs."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from officeflow.database.tables import Workflow, WorkflowVersion
from officeflow.workflows import store
from officeflow.workflows.diff import Change, diff
from officeflow.workflows.models import Definition, to_json


def workflow_to_json(workflow: Workflow) -> dict[str, Any]:
    """A workflow as a line of a list."""
    return {
        "slug": workflow.slug,
        "name": workflow.name,
        "version": workflow.version,
        "active": workflow.is_active,
        "protected": workflow.is_protected,
        "trigger": workflow.event_trigger,
        "updated": workflow.updated_at,
    }


def version_to_json(version: WorkflowVersion) -> dict[str, Any]:
    """A version without its definition."""
    return {
        "version": version.version,
        "published": version.published_at,
        "by": version.published_by,
        "sha256": version.content_hash,
    }


def change_to_json(change: Change) -> dict[str, Any]:
    return asdict(change)


def changes(
    session: Session,
    org_id: uuid.UUID,
    slug: str,
    *,
    before: int | None = None,
    after: int | None = None,
    written: Definition | None = None,
) -> list[Change]:
    """What differs between two versions of a workflow, or between one and a definition that is `written`.

    By default `after` is the newest version and `before` the one before it, or with a definition the newest.
    `NotKnown` for a workflow or a version that there is not.
    """
    found = store.find(session, org_id, slug)
    newer = after or found.version
    older = before or (found.version if written is not None else max(newer - 1, 1))
    old = store.version(session, found, older).definition
    new = store.version(session, found, newer).definition if written is None else to_json(written)
    return diff(old, new)
