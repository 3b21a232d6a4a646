"""Releases in the database: what waits for a second person, and what became of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.pages import Page, Wanted, page_of
from officeflow.database.tables import Release
from officeflow.errors import NotKnown
from officeflow.events import mass
from officeflow.ids import as_uuid, new_id
from officeflow.program import typed
from officeflow.statuses import ReleaseKind, ReleaseState

LONGEST_WHY = 4000


def ask(
    session: Session,
    org_id: uuid.UUID,
    *,
    kind: ReleaseKind,
    subject: str,
    wanted: Mapping[str, Any],
    why: str,
    by: str,
    correlation_id: str | None = None,
) -> Release:
    """Have a second person decide about it. The same that waits already, with other content, is replaced."""
    now = session.scalars(select(func.clock_timestamp())).one()
    before = session.scalar(_pending(org_id, kind, subject).with_for_update())
    if before is not None:
        before.state, before.is_announced = ReleaseState.REPLACED, True
        before.decided_by, before.decided_at, before.decision = by, now, "it was asked for anew"
        session.flush()
        record(session, before, AuditAction.RELEASE_REPLACED, by=by)
    release = Release(
        release_id=new_id(),
        org_id=org_id,
        kind=kind,
        subject=subject[:600],
        wanted=dict(wanted),
        why=why[:LONGEST_WHY],
        requested_by=by,
        requested_at=now,
        correlation_id=correlation_id,
        state=ReleaseState.PENDING,
        is_announced=False,
    )
    session.add(release)
    session.flush()
    record(session, release, AuditAction.RELEASE_REQUESTED, by=by, why=why)
    return release


def record(session: Session, release: Release, action: AuditAction, *, by: str, **details: Any) -> None:
    entry = AuditEntry(
        actor=by,
        action=action,
        subject=f"release:{release.release_id}",
        details={"kind": release.kind.value, "about": release.subject, **details},
        correlation_id=release.correlation_id,
    )
    audit.append(session, release.org_id, entry)


def find(session: Session, org_id: uuid.UUID, name: str, *, for_update: bool = False) -> Release:
    """The organization's release of this id; `NotKnown` where there is none."""
    release_id = as_uuid(name)
    query = select(Release).where(Release.org_id == org_id, Release.release_id == release_id)
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = None if release_id is None else session.scalar(query)
    if found is None:
        raise NotKnown(
            f"there is no release {name[:60]!r}", hint=f"`{typed('release list')}` shows those that wait"
        )
    return found


def page(
    session: Session,
    org_id: uuid.UUID,
    wanted: Wanted,
    *,
    state: ReleaseState | None = None,
    kind: ReleaseKind | None = None,
) -> Page[Release]:
    """The newest first."""
    query = select(Release).where(Release.org_id == org_id)
    if state is not None:
        query = query.where(Release.state == state)
    if kind is not None:
        query = query.where(Release.kind == kind)
    found = page_of(session, query.order_by(Release.requested_at.desc(), Release.release_id.desc()), wanted)
    return Page([row[0] for row in found.rows], found.next)


def to_json(session: Session, release: Release) -> dict[str, Any]:
    """A release for people and programs; of events, how many are held."""
    is_events = release.kind == ReleaseKind.EVENTS
    return {
        "release_id": str(release.release_id),
        "kind": release.kind,
        "state": release.state,
        "subject": release.subject,
        "why": release.why,
        "requested_by": release.requested_by,
        "requested_at": release.requested_at,
        "decided_by": release.decided_by,
        "decided_at": release.decided_at,
        "decision": release.decision,
        "held": mass.held(session, release.release_id) if is_events else None,
    }


def state_of(session: Session, release: Release) -> dict[str, Any]:
    """What a decision is about, JSON: whoever decides has seen this."""
    shown = to_json(session, release)
    return {
        name: shown[name] if name != "held" else (shown[name] or 0)
        for name in ("release_id", "state", "held")
    }


def _pending(org_id: uuid.UUID, kind: ReleaseKind, subject: str) -> Any:
    return select(Release).where(
        Release.org_id == org_id,
        Release.kind == kind,
        Release.subject == subject[:600],
        Release.state == ReleaseState.PENDING,
    )
