"""Access rules that nobody sets alone.

That they are protected is a setting of the organization: one admin protects them, two people together take
that back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from officeflow.access import store
from officeflow.access.rules import Rules, parse, to_json
from officeflow.access.store import Kept
from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction, organization_subject
from officeflow.audit.entry import AuditEntry, reason
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, Release
from officeflow.errors.requests import ChangedMeanwhile
from officeflow.statuses import ReleaseKind
from officeflow.workflows import release_store

SUBJECT = "access rules"


@dataclass(frozen=True, slots=True)
class Settled:
    """`kept` is what counts now. `release`: nothing was set, another person decides."""

    kept: Kept
    changed: bool
    release: Release | None = None


def settle(
    database: Database,
    org: str,
    rules: Rules,
    *,
    look: Callable[[Kept], None] = lambda _: None,
    why: str,
    by: str,
) -> Settled:
    """Let these rules count from now on, or, where they are protected, once another person has released
    them; what says the same needs nobody. Otherwise as `store.settle`.
    """
    why, document = reason(why), to_json(rules)
    with database.service() as session:
        organization, before = store.begin(session, org)
        look(before)
        if before.document == document:
            return Settled(before, changed=False)
        if not store.is_protected(organization):
            made = store.write(session, organization, before, document, why=why, by=by)
            return Settled(made, changed=True)
        release = release_store.ask(
            session,
            organization.org_id,
            kind=ReleaseKind.ACCESS_RULES,
            subject=SUBJECT,
            wanted={"document": document, "base": before.version},
            why=why,
            by=by,
        )
        return Settled(before, changed=False, release=release)


def carry_out(session: Session, release: Release) -> None:
    """They were released, by whoever asked; the organization's row is locked. `ChangedMeanwhile` where others
    count than those that they were compared with.
    """
    organization = session.get_one(Organization, release.org_id)
    before = store.newest(session, release.org_id)
    if before.version != release.wanted["base"]:
        text = f"version {before.version} of the access rules counts by now"
        raise ChangedMeanwhile(text, etag=f'"{before.version}"')
    document = to_json(parse(release.wanted["document"]))
    store.write(session, organization, before, document, why=release.why, by=release.requested_by)


def protect(database: Database, org: str, *, why: str, by: str) -> bool:
    """From now on a second person releases them; False where that was so."""
    why = reason(why)
    with database.service() as session:
        organization, _ = store.begin(session, org)
        if store.is_protected(organization):
            return False
        organization.settings = organization.settings | {store.SETTING: {"protected": True}}
        _record(session, organization, AuditAction.ACCESS_RULES_PROTECTED, by=by, why=why)
    return True


def ask_to_unprotect(database: Database, org: str, *, why: str, by: str) -> Release | None:
    """Have a second person decide whether they are protected any more; None where they are not."""
    why = reason(why)
    with database.service() as session:
        organization, _ = store.begin(session, org)
        if not store.is_protected(organization):
            return None
        return release_store.ask(
            session,
            organization.org_id,
            kind=ReleaseKind.UNPROTECT_RULES,
            subject=SUBJECT,
            wanted={},
            why=why,
            by=by,
        )


def unprotect(session: Session, release: Release) -> None:
    """It was released; the organization's row is locked."""
    organization = session.get_one(Organization, release.org_id)
    kept = {name: value for name, value in organization.settings.items() if name != store.SETTING}
    organization.settings = kept
    _record(
        session,
        organization,
        AuditAction.ACCESS_RULES_UNPROTECTED,
        by=release.requested_by,
        release=str(release.release_id),
    )


def _record(
    session: Session, organization: Organization, action: AuditAction, *, by: str, **details: str
) -> None:
    subject = organization_subject(organization.slug)
    entry = AuditEntry(actor=by, action=action, subject=subject, details=details)
    audit.append(session, organization.org_id, entry)
