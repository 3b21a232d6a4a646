"""Who is told of releases, and what: that one waits, or that one person alone has carried one out."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from officeflow.database.tables import Organization, Release, User
from officeflow.program import typed
from officeflow.rights.permissions import Permission
from officeflow.rights.principals import roles_with
from officeflow.statuses import ReleaseKind, ReleaseState
from officeflow.tenants.users import every

FRESH = dt.timedelta(days=7)
"""Nobody is told of what is older: there was no mail server then."""

WANTED = {
    ReleaseKind.PUBLISH: "publish to the protected workflow",
    ReleaseKind.UNPROTECT: "take the protection off the workflow",
    ReleaseKind.EVENTS: "start runs for a mass of events of the kind",
    ReleaseKind.LIMITS: "settle looser limits for events of the kinds",
    ReleaseKind.ACCESS_RULES: "set the",
    ReleaseKind.UNPROTECT_RULES: "take the protection off the",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A mail to each of `to`, bare addresses. `key` names it for good."""

    release_id: uuid.UUID
    state: ReleaseState
    key: str
    to: tuple[str, ...]
    subject: str
    text: str


def untold(session: Session, *, most: int) -> list[Told]:
    """What nobody was told of so far, the oldest first; a service's session."""
    query = (
        select(Release, Organization)
        .join(Organization, Organization.org_id == Release.org_id)
        .where(~Release.is_announced, Release.requested_at > func.now() - FRESH)
        .order_by(Release.requested_at)
        .limit(most)
    )
    return [_letter(session, release, org) for release, org in session.execute(query)]


def told(session: Session, letter: Told) -> None:
    """It is not told again, unless something has become of it meanwhile."""
    session.execute(
        update(Release)
        .where(Release.release_id == letter.release_id, Release.state == letter.state)
        .values(is_announced=True)
    )


def _letter(session: Session, release: Release, org: Organization) -> Told:
    acted = release.decided_by if release.state == ReleaseState.OVERRIDDEN else release.requested_by
    people = [user for user in every(session, org.org_id) if _is_told(user, acted or "")]
    wanted = f"{WANTED[release.kind]} {release.subject}"
    if release.state == ReleaseState.OVERRIDDEN:
        subject = f"{org.name}: {release.decided_by} has overridden a release"
        what = f"{release.decided_by} alone has decided to {wanted}. The reason: {release.decision}"
        then = "Nobody else has looked at it. It is in the audit log."
    else:
        subject = f"{org.name}: a release waits for a second admin"
        what = f"{release.requested_by} wants to {wanted}. The reason: {release.why or 'none was given'}"
        then = "Another admin approves or refuses it."
    show = f"{typed('release show')} {release.release_id} --org {org.slug}"
    return Told(
        release.release_id,
        release.state,
        f"{release.release_id}:{release.state}",
        tuple(user.email for user in people),
        subject[:150],
        f"{what}\n\n{then}\n\n{show}\n",
    )


def _is_told(user: User, acted: str) -> bool:
    is_self = bool(user.airflow_login) and acted.partition(":")[2].lower() == str(user.airflow_login).lower()
    return user.is_active and user.role in roles_with(Permission.RELEASE_APPROVE) and not is_self
