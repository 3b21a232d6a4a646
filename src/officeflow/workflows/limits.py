"""What an organization takes for a mass of events.

One admin makes a limit stricter; what would let more pass is decided by two.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction, organization_subject
from officeflow.audit.entry import AuditEntry, reason
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, Release
from officeflow.errors import InvalidInput, Problem, did_you_mean
from officeflow.events.mass import NO_LIMIT, SETTING, Limit, limits_of
from officeflow.events.topics import KINDS
from officeflow.statuses import ReleaseKind
from officeflow.workflows import release_store

MOST_PER_HOUR = 10_000_000


def current(session: Session, org_id: uuid.UUID) -> dict[str, Limit]:
    """By kind of event; every kind is there."""
    found = limits_of(session.get_one(Organization, org_id).settings)
    return {kind: found.get(kind, NO_LIMIT) for kind in KINDS}


def settle(
    database: Database,
    org_id: uuid.UUID,
    changes: Mapping[str, Mapping[str, Any]],
    *,
    why: str,
    by: str,
) -> Release | None:
    """Change the limits of these kinds: the fields of `Limit` that are named, others stay. None: it is done;
    a release where a second person has to decide, because one of them lets more pass than before.

    `InvalidInput` with all that is wrong.
    """
    why = reason(why)
    if problems := [p for kind, named in changes.items() for p in _problems(kind, Limit(**named))]:
        raise InvalidInput("no limit was settled", problems=problems)
    with database.service() as session:
        organization = session.get_one(Organization, org_id, with_for_update=True)
        before = current(session, org_id)
        limits = {kind: replace(before[kind], **named) for kind, named in changes.items()}
        if any(limit.is_looser_than(before[kind]) for kind, limit in limits.items()):
            return release_store.ask(
                session,
                org_id,
                kind=ReleaseKind.LIMITS,
                subject=", ".join(sorted(limits)),
                wanted={"limits": {kind: limit.to_json() for kind, limit in limits.items()}},
                why=why,
                by=by,
            )
        write(session, organization, limits, why=why, by=by)
    return None


def write(
    session: Session, organization: Organization, limits: Mapping[str, Limit], *, why: str, by: str
) -> None:
    """Settle them, audited; the organization's row is locked."""
    before = limits_of(organization.settings)
    after = {kind: limit for kind, limit in {**before, **limits}.items() if limit != NO_LIMIT}
    organization.settings = organization.settings | {SETTING: _json(after)}
    entry = AuditEntry(
        actor=by,
        action=AuditAction.ORGANIZATION_LIMITS_SETTLED,
        subject=organization_subject(organization.slug),
        details={"before": _json(before), "after": _json(after), "why": why},
    )
    audit.append(session, organization.org_id, entry)


def _json(limits: Mapping[str, Limit]) -> dict[str, Any]:
    return {kind: limit.to_json() for kind, limit in limits.items()}


def _problems(kind: str, limit: Limit) -> list[Problem]:
    found = []
    if kind not in KINDS:
        found.append(Problem(kind, "there is no such kind of event", did_you_mean(kind, KINDS)))
    if limit.per_hour is not None and not 1 <= limit.per_hour <= MOST_PER_HOUR:
        found.append(Problem(f"{kind}.per_hour", f"it is 1 to {MOST_PER_HOUR:,}"))
    if limit.share is not None and not (math.isfinite(limit.share) and 0 < limit.share <= 1):
        found.append(Problem(f"{kind}.share", "it is more than 0 and at most 1"))
    return found
