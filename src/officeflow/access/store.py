"""The rules as they are kept: each state of them a version, which stays."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.access.rules import Rules, parse, to_json
from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction, organization_subject
from officeflow.audit.entry import AuditEntry, reason
from officeflow.database.engine import Database
from officeflow.database.tables import AccessRulesVersion, Organization
from officeflow.errors import SecondPersonNeeded
from officeflow.tenants import organizations


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`version` 0: nobody has set any."""

    version: int = 0
    document: dict[str, Any]
    why: str = ""
    set_by: str = ""
    set_at: dt.datetime | None = None

    @property
    def rules(self) -> Rules:
        return parse(self.document)

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "set_by": self.set_by or None,
            "set_at": self.set_at.isoformat(timespec="seconds") if self.set_at else None,
            "why": self.why or None,
            **self.document,
        }


SETTING = "access_rules"
"""In an organization's settings."""

NONE = Kept(document={"rules": []})


def newest(session: Session, org_id: uuid.UUID) -> Kept:
    """What counts now."""
    query = select(AccessRulesVersion).where(AccessRulesVersion.org_id == org_id)
    row = session.scalar(query.order_by(AccessRulesVersion.version.desc()).limit(1))
    return NONE if row is None else _kept(row)


def is_protected(organization: Organization) -> bool:
    """Whether a second person has to release its rules."""
    return bool((organization.settings.get(SETTING) or {}).get("protected"))


def begin(session: Session, org: str) -> tuple[Organization, Kept]:
    """The organization, and what counts; nobody else can set rules until the session's end."""
    organization = organizations.find(session, org)
    session.refresh(organization, with_for_update=True)
    return organization, newest(session, organization.org_id)


def write(
    session: Session, organization: Organization, before: Kept, document: dict[str, Any], *, why: str, by: str
) -> Kept:
    """Let the document count instead of what did `before`, audited; the organization's row is locked."""
    row = AccessRulesVersion(
        org_id=organization.org_id, version=before.version + 1, document=document, why=why, set_by=by
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    entry = AuditEntry(
        actor=by,
        action=AuditAction.ACCESS_RULES_SETTLED,
        subject=organization_subject(organization.slug),
        details={"version": row.version, "why": why, **difference(before.document, document)},
    )
    audit.append(session, organization.org_id, entry)
    return _kept(row)


def settle(
    database: Database,
    org: str,
    rules: Rules,
    *,
    look: Callable[[Kept], None] = lambda _: None,
    why: str,
    by: str,
) -> tuple[Kept, bool]:
    """Let these rules count from now on, and whether that changes anything: what says the same is no version
    of its own.

    `look` sees what counted, while nobody else can set other ones, and raises where whoever asks meant
    another state. `InvalidInput` where the reason is empty, `SecondPersonNeeded` where they are protected:
    then `officeflow.workflows.rules_protection` has another person decide.
    """
    why, document = reason(why), to_json(rules)
    with database.service() as session:
        organization, before = begin(session, org)
        look(before)
        if before.document == document:
            return before, False
        if is_protected(organization):
            raise SecondPersonNeeded("a second person has to release the access rules")
        return write(session, organization, before, document, why=why, by=by), True


def _kept(row: AccessRulesVersion) -> Kept:
    return Kept(version=row.version, document=row.document, why=row.why, set_by=row.set_by, set_at=row.set_at)


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[str]]:
    """The names of rules that are added, changed and removed."""
    old, new = ({each["name"]: each for each in one["rules"]} for one in (before, after))
    return {
        "added": [name for name in new if name not in old],
        "changed": [name for name in new if name in old and new[name] != old[name]],
        "removed": [name for name in old if name not in new],
    }
