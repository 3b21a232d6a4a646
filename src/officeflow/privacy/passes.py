"""Ways through an organization's rows that bring each under the key that it is to have.

A way is a row of `key_passes`: it notes how far it is in the transaction of each batch, so an interrupted one
goes on where it was. It goes round until a round finds nothing to change; the last round begins when nobody
can still be writing under an earlier key. Keys that nothing is under any more then go.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from cryptography.fernet import InvalidToken
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction, organization_subject
from officeflow.audit.entry import AuditEntry
from officeflow.database import encryption, keys, sealing
from officeflow.database.engine import Database
from officeflow.database.tables import KeyPass, Organization, OrganizationKey, PersonKey
from officeflow.errors import InvalidInput
from officeflow.ids import new_id
from officeflow.privacy.places import PLACES, Place, owner_of, renewed
from officeflow.statuses import KeyPassKind, KeyPassState

BATCH = 500
SETTLED = dt.timedelta(seconds=60)
"""After that no transaction is open any more that began to write under an earlier key."""

FIRST = uuid.UUID(int=0)
BY = "service:steward"

log = structlog.get_logger(__name__)


def adopt(database: Database) -> int:
    """Begin a way for every organization that has never had one; returns how many."""
    with database.service() as session:
        new = select(Organization.org_id).where(
            ~select(KeyPass).where(KeyPass.org_id == Organization.org_id).exists()
        )
        found = session.scalars(new).all()
        for org_id in found:
            begin(session, org_id, KeyPassKind.ADOPT, by=BY, why="rows from before people had keys")
    return len(found)


def begin(session: Session, org_id: uuid.UUID, kind: KeyPassKind, *, by: str, why: str) -> KeyPass:
    """A new way; the steward goes it."""
    made = KeyPass(pass_id=new_id(), org_id=org_id, kind=kind, asked_by=by, why=why)
    session.add(made)
    session.flush()
    return made


def advance(database: Database, *, batch: int = BATCH, settled: dt.timedelta = SETTLED) -> int:
    """Go one step of the oldest way that can be gone on; returns how many rows were seen, 0 where there is
    nothing to do now. Safe from several processes.
    """
    with database.service() as session:
        for each in session.scalars(_running()).all():
            step = _Step(database, session, each, batch, settled)
            if step.waits():
                continue
            return step.take()
    return 0


def running(session: Session, org_id: uuid.UUID | None = None) -> list[KeyPass]:
    """The ways that are not at their end, the oldest first."""
    query = select(KeyPass).where(KeyPass.state == KeyPassState.RUNNING).order_by(KeyPass.created_at)
    return list(session.scalars(query if org_id is None else query.where(KeyPass.org_id == org_id)))


def _running() -> Any:
    query = select(KeyPass).where(KeyPass.state == KeyPassState.RUNNING).order_by(KeyPass.created_at)
    return query.with_for_update(skip_locked=True)


@dataclass(frozen=True, slots=True)
class _Step:
    database: Database
    session: Session
    way: KeyPass
    batch: int
    settled: dt.timedelta

    def waits(self) -> bool:
        """Whether its last round cannot begin yet."""
        at_the_start = self.way.table_name == "" and self.way.round > 1
        return at_the_start and self._now() < self.way.created_at + self.settled

    def take(self) -> int:
        way = self.way
        if way.table_name == "":
            wrapped = self._wrap()
            way.round_began_at, way.changed_in_round = self._now(), wrapped
            way.table_name, way.after = PLACES[0].table, None
            return wrapped or 1
        place = next(each for each in PLACES if each.table == way.table_name)
        seen = self._renew(place)
        if seen < self.batch:
            self._next(place)
        return max(seen, 1)

    def _wrap(self) -> int:
        """The keys themselves, first: of people under the organization's newest, that under the
        installation's newest.
        """
        connection = self.session.connection()
        changed = 0
        for row in self.session.scalars(
            select(OrganizationKey).where(OrganizationKey.org_id == self.way.org_id)
        ):
            if not is_newest(row.wrapped):
                row.wrapped = encryption.newest_key().encrypt(encryption.decrypted(row.wrapped))
                changed += 1
        current, whole = keys.org_key(connection, self.way.org_id)
        old = {
            row.key_id: encryption.decrypted(row.wrapped)
            for row in self.session.scalars(
                select(OrganizationKey).where(OrganizationKey.org_id == self.way.org_id)
            )
        }
        under_another = select(PersonKey).where(
            PersonKey.org_id == self.way.org_id,
            PersonKey.org_key_id != current,
            PersonKey.wrapped.is_not(None),
        )
        for person in self.session.scalars(under_another.with_for_update()):
            key = sealing.unwrap(old[person.org_key_id], person.key_id, person.wrapped or b"")
            person.org_key_id, person.wrapped = current, sealing.wrap(whole, person.key_id, key)
            changed += 1
        self.session.flush()
        return changed

    def _renew(self, place: Place) -> int:
        way = self.way
        rows = (
            self.session.execute(
                text(place.statement()),
                {"org": way.org_id, "after": way.after or FIRST, "most": self.batch},
            )
            .mappings()
            .all()
        )
        for row in rows:
            changed = self._renew_row(place, dict(row))
            way.changed += changed
            way.changed_in_round += changed
        way.seen += len(rows)
        if rows:
            way.after = rows[-1]["its_key"]
        return len(rows)

    def _renew_row(self, place: Place, row: Mapping[str, Any]) -> int:
        try:
            whose = owner_of(self.database.keys, place, self.way.org_id, row)
            values = {
                column: renewed(self.database.keys, place, column, bytes(row[column]), whose)
                for column in place.columns
                if row[column] is not None
            }
        except (InvalidInput, ValueError) as error:
            self.way.unread += 1
            log.warning(
                "a sensitive value cannot be read, and stays as it is",
                table=place.table,
                row=str(row["its_key"]),
                error=str(error),
            )
            return 0
        changed = [(column, new) for column, new in values.items() if new is not None]
        for column, new in changed:
            about = {"key": row["its_key"], "old": row[column], "new": new}
            self.session.execute(text(place.change(column)), about)
        return 1 if changed else 0

    def _next(self, place: Place) -> None:
        way, number = self.way, PLACES.index(place) + 1
        way.after = None
        if number < len(PLACES):
            way.table_name = PLACES[number].table
        elif way.changed_in_round or way.round_began_at < way.created_at + self.settled:
            way.table_name, way.round = "", way.round + 1
            way.unread = 0
        else:
            self._end()

    def _end(self) -> None:
        way = self.way
        way.state, way.ended_at = KeyPassState.DONE, self._now()
        gone = 0 if way.unread else self._drop_retired()
        organization = self.session.get_one(Organization, way.org_id)
        entry = AuditEntry(
            actor=BY,
            action=AuditAction.KEYS_ROTATED,
            subject=organization_subject(organization.slug),
            details={
                "kind": way.kind.value,
                "changed": way.changed,
                "unread": way.unread,
                "keys_removed": gone,
                "asked_by": way.asked_by,
            },
        )
        audit.append(self.session, way.org_id, entry)

    def _drop_retired(self) -> int:
        """Keys that were replaced well before this round began: nothing is under them any more."""
        before = self.way.round_began_at - self.settled
        people = delete(PersonKey).where(
            PersonKey.org_id == self.way.org_id,
            PersonKey.retired_at < before,
            PersonKey.destroyed_at.is_(None),
        )
        gone = len(self.session.execute(people.returning(PersonKey.key_id)).all())
        still = select(PersonKey.org_key_id).where(PersonKey.org_id == self.way.org_id)
        whole = delete(OrganizationKey).where(
            OrganizationKey.org_id == self.way.org_id,
            OrganizationKey.retired_at < before,
            OrganizationKey.key_id.not_in(still),
        )
        return gone + len(self.session.execute(whole.returning(OrganizationKey.key_id)).all())

    def _now(self) -> dt.datetime:
        now: dt.datetime = self.session.scalars(select(func.clock_timestamp())).one()
        return now


def is_newest(token: bytes) -> bool:
    """Whether the first of the installation's keys opens it."""
    try:
        encryption.newest_key().decrypt(token)
    except InvalidToken:
        return False
    return True
