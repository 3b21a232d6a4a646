"""What an organization has settled about the data of people: who has to agree to an erasure, and how long
what is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction, organization_subject
from officeflow.audit.entry import AuditEntry, reason
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import InvalidInput, Problem, did_you_mean
from officeflow.tenants import organizations

PRIVACY, TWO_PERSON, DAYS = "privacy", "two_person", "retention_days"
"""In an organization's settings: `{"privacy": {"two_person": true, "retention_days": {"acts": 365}}}`."""

MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept for some days: `days` where an organization has not settled others; None: until somebody
    decides.
    """

    days: int | None
    what: str


KEPT: Mapping[str, Kept] = {
    "events": Kept(365, "what events said; that they came, and from where, stays"),
    "acts": Kept(365, "what the nodes of ended runs were given and gave; that they acted stays"),
    "requests": Kept(365, "what people were asked and answered in ended runs; what was decided stays"),
    "orders": Kept(90, "what messages said that asked for runs; that they came stays"),
    "quarantine": Kept(90, "messages that were replayed or discarded"),
    "runs": Kept(1825, "ended runs with everything of them"),
    "people": Kept(None, "people who have left: they are erased that many days after their last day"),
}
"""By the names that `officeflow org retention` takes."""


def two_person(organization: Organization) -> bool:
    """Whether a second admin has to agree before somebody is erased."""
    return _of(organization).get(TWO_PERSON) is True


def days(organization: Organization) -> dict[str, int | None]:
    """How many days what is kept, settled or not; None: for ever."""
    settled = _of(organization).get(DAYS)
    known = settled if isinstance(settled, Mapping) else {}
    return {name: known.get(name, kept.days) for name, kept in KEPT.items()}


def shown(database: Database, slug_or_uuid: str) -> dict[str, Any]:
    """What is settled now: `two_person`, and `retention_days` by name."""
    with database.service() as session:
        return _shown(organizations.find(session, slug_or_uuid))


def settle(
    database: Database,
    slug_or_uuid: str,
    *,
    why: str,
    by: str,
    agree: bool | None = None,
    retention: Mapping[str, int | None] | None = None,
) -> dict[str, Any]:
    """Change it; `shown` afterwards. `agree`: whether two people are needed; None as before.

    `retention` are days by name; None: for ever. `InvalidInput` with every name and number that is wrong, or
    where the reason is empty.
    """
    why = reason(why)
    problems = [found for name, number in (retention or {}).items() if (found := _problem(name, number))]
    if problems:
        raise InvalidInput("nothing was changed", problems=problems)
    with database.service() as session:
        organization = organizations.find(session, slug_or_uuid)
        session.refresh(organization, with_for_update=True)
        before = _shown(organization)
        settled = dict(_of(organization))
        if agree is not None:
            settled[TWO_PERSON] = agree
        if retention:
            settled[DAYS] = {**(settled.get(DAYS) or {}), **retention}
        organization.settings = {**organization.settings, PRIVACY: settled}
        after = _shown(organization)
        _record(session, organization, by=by, details={"before": before, "after": after, "why": why})
    return after


def _of(organization: Organization) -> Mapping[str, Any]:
    settled = organization.settings.get(PRIVACY)
    return settled if isinstance(settled, Mapping) else {}


def _shown(organization: Organization) -> dict[str, Any]:
    return {TWO_PERSON: two_person(organization), DAYS: days(organization)}


def _problem(name: str, number: int | None) -> Problem | None:
    if name not in KEPT:
        return Problem(name, "nothing is kept under that name", did_you_mean(name, KEPT) or ", ".join(KEPT))
    if number is not None and not 1 <= number <= MOST_DAYS:
        return Problem(name, f"{number} is no number of days", f"1 to {MOST_DAYS:,}, or `for-ever`")
    return None


def _record(session: Session, organization: Organization, *, by: str, details: Mapping[str, Any]) -> None:
    entry = AuditEntry(
        actor=by,
        action=AuditAction.ORGANIZATION_PRIVACY_SETTLED,
        subject=organization_subject(organization.slug),
        details=details,
    )
    audit.append(session, organization.org_id, entry)
