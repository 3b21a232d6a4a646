"""Replacing keys: an organization's, its people's, or the installation's. What is under them follows in the
background, by the steward (`officeflow.privacy.passes`).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction, organization_subject
from officeflow.audit.entry import AuditEntry, reason
from officeflow.database import encryption, keys
from officeflow.database.engine import Database
from officeflow.database.tables import KeyPass, Organization, OrganizationKey, PersonKey
from officeflow.privacy import passes
from officeflow.privacy.places import PLACES
from officeflow.statuses import KeyPassKind, KeyPassState
from officeflow.tenants import organizations

_UNOWNED = text(
    "SELECT dead_letter_id, key, body FROM dead_letters WHERE org_id IS NULL AND dead_letter_id > :after"
    " ORDER BY dead_letter_id LIMIT :most"
)
_ANSWERS = text(
    "SELECT owner, key, answer FROM idempotency_keys WHERE answer IS NOT NULL"
    " AND (owner, key) > (:owner, :key) ORDER BY owner, key LIMIT :most"
)
_RENEW_ANSWER = text("UPDATE idempotency_keys SET answer = :answer WHERE owner = :owner AND key = :key")
_SECRETS = text("SELECT source_id, secrets FROM webhook_sources ORDER BY source_id FOR UPDATE")
_RENEW_SECRETS = text("UPDATE webhook_sources SET secrets = :secrets WHERE source_id = :id")
_RENEW_UNOWNED = text("UPDATE dead_letters SET key = :key, body = :body WHERE dead_letter_id = :id")


def rotate_organization(
    database: Database, slug_or_uuid: str, *, why: str, by: str, people: bool = False
) -> KeyPass:
    """Replace the organization's key, and with `people` the keys of all its people too.

    What is written from now on, within a few seconds, is under the new ones; the rest follows in the
    background. `InvalidInput` where the reason is empty.
    """
    why = reason(why)
    with database.service() as session:
        organization = organizations.find(session, slug_or_uuid)
        _replace(session, organization.org_id, people=people)
        kind = KeyPassKind.PEOPLE if people else KeyPassKind.ORGANIZATION
        begun = passes.begin(session, organization.org_id, kind, by=by, why=why)
        _record(session, organization, by=by, details={"kind": kind.value, "why": why})
    database.keys.forget()
    return begun


def rotate_installation(database: Database, *, why: str, by: str) -> list[KeyPass]:
    """Bring everything from under older keys of `OFFICEFLOW_ENCRYPTION_KEYS` under the first of them.

    Every process has to have the new setting before. Messages of no known organization are done at once, each
    organization's in the background. `InvalidInput` where the reason is empty.
    """
    why = reason(why)
    _renew_unowned(database)
    _renew_answers(database)
    _renew_secrets(database)
    with database.service() as session:
        begun = []
        for organization in organizations.every(session):
            made = passes.begin(session, organization.org_id, KeyPassKind.INSTALLATION, by=by, why=why)
            details = {"kind": KeyPassKind.INSTALLATION.value, "why": why}
            _record(session, organization, by=by, details=details)
            begun.append(made)
    return begun


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a way is: `seen` of `rows` in its round."""

    organization: str
    way: KeyPass
    rows: int

    def to_json(self) -> dict[str, Any]:
        way = self.way
        return {
            "organization": self.organization,
            "kind": way.kind.value,
            "state": way.state.value,
            "at": way.table_name or None,
            "round": way.round,
            "rows": self.rows,
            "seen": way.seen,
            "changed": way.changed,
            "unread": way.unread,
            "asked_by": way.asked_by,
            "why": way.why,
            "began": way.created_at.isoformat(timespec="seconds"),
            "ended": way.ended_at.isoformat(timespec="seconds") if way.ended_at else None,
        }


def progress(database: Database, slug_or_uuid: str | None = None, *, limit: int = 50) -> list[Progress]:
    """The newest ways, of one organization or of all."""
    with database.service() as session:
        query = select(KeyPass, Organization.slug).join(Organization, Organization.org_id == KeyPass.org_id)
        if slug_or_uuid is not None:
            query = query.where(KeyPass.org_id == organizations.find(session, slug_or_uuid).org_id)
        found = session.execute(query.order_by(KeyPass.created_at.desc()).limit(limit)).all()
        return [
            Progress(slug, way, _rows(session, way.org_id) if way.state == KeyPassState.RUNNING else way.seen)
            for way, slug in found
        ]


@dataclass(frozen=True, slots=True)
class Standing:
    """How many keys there are, and under what; `older`: organizations' keys that need another than the first
    of the installation's.
    """

    organizations: int
    people: int
    destroyed: int
    older: int
    running: int

    @property
    def only_the_first_is_needed(self) -> bool:
        return not self.older and not self.running


def standing(database: Database) -> Standing:
    with database.service() as session:
        wrapped: Sequence[bytes] = session.scalars(select(OrganizationKey.wrapped)).all()
        older = sum(1 for each in wrapped if not passes.is_newest(each))
        alive = func.count().filter(PersonKey.destroyed_at.is_(None))
        people, gone = session.execute(select(alive, func.count() - alive).select_from(PersonKey)).one()
        return Standing(len(wrapped), people, gone, older, len(passes.running(session)))


def _replace(session: Session, org_id: uuid.UUID, *, people: bool) -> None:
    for table in (OrganizationKey, PersonKey) if people else (OrganizationKey,):
        current = (table.org_id == org_id, table.retired_at.is_(None))
        session.execute(update(table).where(*current).values(retired_at=func.clock_timestamp()))
    keys.add_org_key(session.connection(), org_id)


def _renew_unowned(database: Database, *, batch: int = 200) -> None:
    after = passes.FIRST
    while True:
        with database.service() as session:
            rows = session.execute(_UNOWNED, {"after": after, "most": batch}).all()
            for row in rows:
                new = {"key": _renewed(row.key), "body": _renewed(row.body)}
                session.execute(_RENEW_UNOWNED, {"id": row.dead_letter_id, **new})
        if len(rows) < batch:
            return
        after = rows[-1].dead_letter_id


def _renew_answers(database: Database, *, batch: int = 200) -> None:
    """Those of the API that are kept under an Idempotency-Key."""
    after = {"owner": "", "key": ""}
    while True:
        with database.service() as session:
            rows = session.execute(_ANSWERS, {**after, "most": batch}).all()
            for row in rows:
                new = {"owner": row.owner, "key": row.key, "answer": _renewed(row.answer)}
                session.execute(_RENEW_ANSWER, new)
        if len(rows) < batch:
            return
        after = {"owner": rows[-1].owner, "key": rows[-1].key}


def _renew_secrets(database: Database) -> None:
    """By which webhooks are signed: few, so all at once."""
    with database.service() as session:
        for row in session.execute(_SECRETS).all():
            session.execute(_RENEW_SECRETS, {"id": row.source_id, "secrets": _renewed(row.secrets)})


def _renewed(token: bytes | None) -> bytes | None:
    return None if token is None else encryption.newest_key().encrypt(encryption.decrypted(token))


def _rows(session: Session, org_id: uuid.UUID) -> int:
    counts = [
        f"(SELECT count(*) FROM {place.table} WHERE org_id = :org)"  # noqa: S608 - names of ours
        for place in PLACES
    ]
    return int(session.execute(text(f"SELECT {' + '.join(counts)}"), {"org": org_id}).scalar_one())


def _record(session: Session, organization: Organization, *, by: str, details: dict[str, Any]) -> None:
    entry = AuditEntry(
        actor=by,
        action=AuditAction.KEYS_ROTATION_ASKED,
        subject=organization_subject(organization.slug),
        details=details,
    )
    audit.append(session, organization.org_id, entry)
