"""Drafts: definitions that people work on, right or wrong, saved as they type.

Each writing counts the draft's `revision`; whoever writes says which one they have seen.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow import canonical_json
from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.pages import Page, Wanted, page_of
from officeflow.database.tables import Workflow, WorkflowDraft
from officeflow.errors import InvalidInput, NotKnown, Problem
from officeflow.ids import as_uuid, is_slug, new_id
from officeflow.workflows.committing import Asked
from officeflow.workflows.publish import Published, Publisher
from officeflow.workflows.validation import MAX_TEXT

LONGEST_TITLE = 255
MOST_DRAFTS = 1000
"""Of an organization."""

Seen = Callable[[WorkflowDraft], None]
"""Raises where whoever changes the draft has seen another revision of it."""


def create(database: Database, org_id: uuid.UUID, content: Any, *, title: str = "", by: str) -> WorkflowDraft:
    """A new draft of any JSON. Its base is the newest version of the workflow whose slug it says."""
    _check(content, title)
    with database.tenant(org_id) as session:
        count = session.scalar(
            select(func.count()).select_from(WorkflowDraft).where(WorkflowDraft.org_id == org_id)
        )
        if (count or 0) >= MOST_DRAFTS:
            raise InvalidInput(
                f"there are {MOST_DRAFTS} drafts already", hint="delete those that nobody works on"
            )
        slug = _slug_of(content)
        draft = WorkflowDraft(
            draft_id=new_id(),
            org_id=org_id,
            slug=slug,
            title=title or _title_of(content),
            content=content,
            base_version=_newest(session, org_id, slug),
            revision=1,
            created_by=by,
            edited_by=by,
        )
        session.add(draft)
        session.flush()
        session.refresh(draft)
        return draft


def save(
    database: Database,
    org_id: uuid.UUID,
    name: str,
    content: Any,
    *,
    title: str = "",
    by: str,
    seen: Seen,
) -> WorkflowDraft:
    """Write it anew. Where its slug becomes another one, its base is that workflow's newest version."""
    _check(content, title)
    with database.tenant(org_id) as session:
        draft = find(session, org_id, name, for_update=True)
        seen(draft)
        slug = _slug_of(content)
        if slug != draft.slug:
            draft.slug, draft.base_version = slug, _newest(session, org_id, slug)
        draft.content, draft.title = content, title or _title_of(content)
        draft.revision += 1
        draft.edited_by = by
        draft.updated_at = session.scalars(select(func.clock_timestamp())).one()
        session.flush()
        return draft


def delete(database: Database, org_id: uuid.UUID, name: str, *, by: str, seen: Seen) -> None:
    with database.tenant(org_id) as session:
        draft = find(session, org_id, name, for_update=True)
        seen(draft)
        session.delete(draft)
        details = {"title": draft.title, "slug": draft.slug, "revision": draft.revision}
        entry = AuditEntry(
            actor=by,
            action=AuditAction.DRAFT_DELETED,
            subject=f"draft:{draft.draft_id}",
            details=details,
        )
        audit.append(session, org_id, entry)


def publish(
    database: Database,
    publisher: Publisher,
    org_id: uuid.UUID,
    name: str,
    *,
    asked: Asked,
    force: bool = False,
    wait: bool = False,
    seen: Seen,
) -> Published:
    """Publish what the draft says, as `Publisher.publish`. It stays, and what was published is its base.

    `ChangedMeanwhile` where its base is the newest version no more, unless `force`.
    """
    with database.tenant(org_id) as session:
        draft = find(session, org_id, name)
        seen(draft)
    base = {} if force or draft.slug is None else {draft.slug: draft.base_version}
    asked = Asked(asked.by, asked.why, asked.correlation_id, base)
    done = publisher.publish(str(org_id), draft.content, by=asked.by, wait=wait, asked=asked)
    if done.release is None:
        with database.tenant(org_id) as session:
            kept = session.get(WorkflowDraft, draft.draft_id, with_for_update=True)
            if kept is not None and kept.slug == done.slug:
                kept.base_version = done.version
    return done


def find(session: Session, org_id: uuid.UUID, name: str, *, for_update: bool = False) -> WorkflowDraft:
    """The organization's draft of this id; `NotKnown` where there is none."""
    draft_id = as_uuid(name)
    query = select(WorkflowDraft).where(WorkflowDraft.org_id == org_id, WorkflowDraft.draft_id == draft_id)
    found = None if draft_id is None else session.scalar(query.with_for_update() if for_update else query)
    if found is None:
        raise NotKnown(f"there is no draft {name[:60]!r}")
    return found


def page(session: Session, org_id: uuid.UUID, wanted: Wanted, *, slug: str = "") -> Page[WorkflowDraft]:
    """Those that were written last come first; with `slug`, those of that workflow."""
    query = select(WorkflowDraft).where(WorkflowDraft.org_id == org_id)
    if slug:
        query = query.where(WorkflowDraft.slug == slug)
    order = (WorkflowDraft.updated_at.desc(), WorkflowDraft.draft_id.desc())
    found = page_of(session, query.order_by(*order), wanted)
    return Page([row[0] for row in found.rows], found.next)


def to_json(draft: WorkflowDraft) -> dict[str, Any]:
    """A draft as a line of a list, without its content."""
    return {
        "draft_id": str(draft.draft_id),
        "title": draft.title,
        "slug": draft.slug,
        "base_version": draft.base_version,
        "revision": draft.revision,
        "edited_by": draft.edited_by,
        "updated_at": draft.updated_at,
    }


def _check(content: Any, title: str) -> None:
    problems = []
    if len(canonical_json.encode(content, what="a draft")) > MAX_TEXT:
        problems.append(Problem("content", f"it is larger than {MAX_TEXT // 1024**2} MiB"))
    if len(title) > LONGEST_TITLE:
        problems.append(Problem("title", f"it has more than {LONGEST_TITLE} characters"))
    if problems:
        raise InvalidInput("the draft was not saved", problems=problems)


def _slug_of(content: Any) -> str | None:
    slug = content.get("slug") if isinstance(content, dict) else None
    return slug if isinstance(slug, str) and is_slug(slug) else None


def _title_of(content: Any) -> str:
    name = content.get("name") if isinstance(content, dict) else None
    return name[:LONGEST_TITLE] if isinstance(name, str) and name.strip() else "Untitled"


def _newest(session: Session, org_id: uuid.UUID, slug: str | None) -> int | None:
    if slug is None:
        return None
    return session.scalar(select(Workflow.version).where(Workflow.org_id == org_id, Workflow.slug == slug))
