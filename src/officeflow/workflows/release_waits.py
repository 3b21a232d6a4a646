"""What waits for a second person, by organization: for whoever watches the platform."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.database.tables import InboxEvent, Organization, Release
from officeflow.program import typed
from officeflow.statuses import EventStatus, ReleaseKind, ReleaseState


@dataclass(frozen=True, slots=True)
class Waiting:
    """Releases of an organization (its slug) that nobody has decided about, and the events that they hold."""

    organization: str
    releases: int
    oldest: dt.datetime
    events: int
    oldest_event: dt.datetime | None
    """When the first of the held events came; None where none is held."""

    @property
    def command(self) -> str:
        """Which lists them, with their ids; `release approve ID` releases one."""
        return typed(f"release list --org {self.organization}")


def waiting(session: Session) -> Sequence[Waiting]:
    """Of each organization where any waits, in the order of their slugs; a service's session."""
    pending = Release.state == ReleaseState.PENDING
    held = (
        select(
            InboxEvent.org_id.label("org_id"),
            func.count().label("events"),
            func.min(InboxEvent.received_at).label("oldest"),
        )
        .join(Release, Release.release_id == InboxEvent.release_id)
        .where(pending, Release.kind == ReleaseKind.EVENTS, InboxEvent.status == EventStatus.HELD)
        .group_by(InboxEvent.org_id)
        .subquery()
    )
    query = (
        select(
            Organization.slug,
            func.count(),
            func.min(Release.requested_at),
            func.coalesce(func.max(held.c.events), 0),
            func.min(held.c.oldest),
        )
        .join(Release, Release.org_id == Organization.org_id)
        .outerjoin(held, held.c.org_id == Organization.org_id)
        .where(pending)
        .group_by(Organization.slug)
        .order_by(Organization.slug)
    )
    return [Waiting(*row) for row in session.execute(query)]
