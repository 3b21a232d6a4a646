"""The chain that makes the audit log tamper-evident.

The records of an organization are numbered from 1 without gaps. Each carries the HMAC-SHA256 (RFC 2104) over
its own content and the MAC of the record before, and `audit_heads` keeps the newest one under a seal of its
own. Who can write to the database but has not the key can neither change a record, nor take one out, nor cut
off the newest ones unseen. Who could replace the whole database by an older copy, or empty it, is found by
anchors: heads that were noted elsewhere (`officeflow.audit.anchors`).

Records are chained after their transaction, by the steward: so acts never queue behind one another for the
next number. Until then the tag that a record is born with (`officeflow.audit.tags`) tells whether one of our
processes wrote it. One without is chained all the same, as what it is: so it stays as evidence, holds nobody
up, and is a finding from then on.
"""

from __future__ import annotations

import datetime as dt
import hmac
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import and_, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from officeflow import canonical_json
from officeflow.audit import tags
from officeflow.database.engine import Database
from officeflow.database.tables import AuditHead, AuditRecord, Organization
from officeflow.errors import InvalidInput, Problem
from officeflow.program import typed
from officeflow.settings import Settings, load_settings

BEFORE_FIRST = bytes(32)
"""What stands for the MAC of the record before the first."""

_MAC = re.compile(r"[0-9a-f]{64}\Z")

LOCK_CLASS = 0x0FF1CE
STRANGE = "it was not written by OfficeFlow: it has no tag that holds"

log = structlog.get_logger(__name__)

Announce = Callable[[Session, uuid.UUID, Sequence[Mapping[str, Any]]], None]
"""Takes an organization's records in their order, in the transaction that chains them: of each the content,
with its `mac` (hex).
"""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest record of a chain."""

    sequence: int
    mac: bytes

    def __str__(self) -> str:
        return f"{self.sequence}:{self.mac.hex()}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """The head that `str(head)` was; `InvalidInput` where it was none."""
        sequence, _, mac = text.partition(":")
        if not (sequence.isdecimal() and _MAC.match(mac)):
            raise InvalidInput(
                f"{text!r} is not an anchor", hint=f"NUMBER:HEX, as `{typed('audit verify')}` prints it"
            )
        return cls(int(sequence), bytes.fromhex(mac))


EMPTY = Head(0, BEFORE_FIRST)


def key_from_settings(settings: Settings | None = None) -> bytes:
    """The chain's key; `InvalidInput` where it is missing or too short to be one."""
    key = (settings or load_settings()).audit_key.get_secret_value()
    if len(key) < 32:
        raise InvalidInput("OFFICEFLOW_AUDIT_KEY is missing or shorter than 32 characters")
    return key.encode()


def _nobody(session: Session, org_id: uuid.UUID, records: Sequence[Mapping[str, Any]]) -> None:
    del session, org_id, records


def chain_pending(database: Database, *, key: bytes, limit: int = 500, announce: Announce = _nobody) -> int:
    """Number and chain up to `limit` waiting records; returns how many.

    Each organization's are one transaction, `announce` in it.

    Safe from several processes: an organization that another one is at is left to it.
    """
    waiting = (
        select(AuditRecord.org_id)
        .where(AuditRecord.sequence.is_(None))
        .order_by(AuditRecord.position)
        .limit(limit)
    )
    with database.service() as session:
        organizations = list(dict.fromkeys(session.scalars(waiting)))
    done = 0
    for org_id in organizations:
        with database.service() as session:
            done += _chain(session, org_id, key, limit - done, announce)
    return done


def _chain(session: Session, org_id: uuid.UUID, key: bytes, limit: int, announce: Announce) -> int:
    if limit <= 0 or not session.scalar(select(func.pg_try_advisory_xact_lock(LOCK_CLASS, lock_of(org_id)))):
        return 0
    records = session.scalars(
        select(AuditRecord)
        .where(AuditRecord.org_id == org_id, AuditRecord.sequence.is_(None))
        .order_by(AuditRecord.position)
        .limit(limit)
    ).all()
    if records:
        links = list(_links(key, head_of(session, org_id), records))
        _store(session, org_id, key, links)
        announce(
            session,
            org_id,
            [{**link.content, "mac": link.head.mac.hex()} for link in links],
        )
    return len(records)


@dataclass(frozen=True, slots=True)
class _Link:
    """A record with its place in the chain: what its MAC is over, the MAC before it, and itself as the
    head.
    """

    record: AuditRecord
    content: Mapping[str, Any]
    previous: bytes
    head: Head


def _links(key: bytes, head: Head, records: Sequence[AuditRecord]) -> Iterator[_Link]:
    for record in records:
        genuine = tags.holds(record, record.tag)
        if not genuine:
            log.error(
                "a record is chained that OfficeFlow did not write",
                record_id=str(record.record_id),
                sequence=head.sequence + 1,
            )
        previous, content = head.mac, record_content(record, head.sequence + 1, head.mac, genuine=genuine)
        head = Head(head.sequence + 1, _mac(key, content))
        yield _Link(record, content, previous, head)


def _store(session: Session, org_id: uuid.UUID, key: bytes, links: Sequence[_Link]) -> None:
    session.execute(
        update(AuditRecord),
        [
            {
                "record_id": link.record.record_id,
                "sequence": link.head.sequence,
                "previous_mac": link.previous,
                "mac": link.head.mac,
            }
            for link in links
        ],
    )
    head = links[-1].head
    new = {"sequence": head.sequence, "mac": head.mac, "seal": head_seal(key, org_id, head)}
    session.execute(
        insert(AuditHead)
        .values(org_id=org_id, **new)
        .on_conflict_do_update(index_elements=[AuditHead.org_id], set_={**new, "updated_at": func.now()})
    )


def head_of(session: Session, org_id: uuid.UUID) -> Head:
    """The organization's head as the database has it; `EMPTY` where nothing was chained yet."""
    row = session.get(AuditHead, org_id)
    return EMPTY if row is None else Head(row.sequence, row.mac)


def record_content(record: AuditRecord, sequence: int, previous: bytes, *, genuine: bool) -> dict[str, Any]:
    """What the record's MAC is over. `genuine`: whether its tag held when it was chained."""
    return {
        **_untagged_content(record, sequence, previous),
        "tag": record.tag.hex() if record.tag is not None else None,
        "genuine": genuine,
    }


def _untagged_content(record: AuditRecord, sequence: int, previous: bytes) -> dict[str, Any]:
    """The same, of a record that was chained before there were tags.

    None is chained like this any more, so none can be added.
    """
    return {
        "what": "record",
        "org_id": str(record.org_id),
        "sequence": sequence,
        "previous_mac": previous.hex(),
        "record_id": str(record.record_id),
        "actor": record.actor,
        "action": record.action,
        "subject": record.subject,
        "details": record.details,
        "correlation_id": record.correlation_id,
        "occurred_at": record.occurred_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
    }


def _mac(key: bytes, content: Mapping[str, Any]) -> bytes:
    return hmac.digest(key, canonical_json.encode(content), "sha256")


def is_genuine(key: bytes, record: AuditRecord) -> bool | None:
    """Whether OfficeFlow wrote the record, by its place in the chain or, while it waits for one, its tag;
    None where its MAC is wrong.
    """
    if record.sequence is None:
        return tags.holds(record, record.tag)
    sequence, previous, mac = record.sequence or 0, record.previous_mac or b"", record.mac or b""
    for genuine in (True, False):
        if hmac.compare_digest(mac, _mac(key, record_content(record, sequence, previous, genuine=genuine))):
            # A tag is under the MAC, so one that holds now was there: the steward then lacked the key that it
            # was made with.
            return genuine or tags.holds(record, record.tag)
    old = record.tag is None and hmac.compare_digest(
        mac, _mac(key, _untagged_content(record, sequence, previous))
    )
    return True if old else None


def head_seal(key: bytes, org_id: uuid.UUID, head: Head) -> bytes:
    return _mac(
        key, {"what": "head", "org_id": str(org_id), "sequence": head.sequence, "mac": head.mac.hex()}
    )


def is_sealed(key: bytes, row: AuditHead) -> bool:
    """Whether the head is one that was written with the key."""
    return hmac.compare_digest(row.seal, head_seal(key, row.org_id, Head(row.sequence, row.mac)))


def verify(session: Session, org_id: uuid.UUID, *, key: bytes, anchors: Iterable[Head] = ()) -> list[Problem]:
    """Everything that is wrong with the organization's log: records changed, missing, added or cut off.

    Empty means it is whole.

    `anchors` are heads that were noted earlier, outside of this database: the chain must still hold each of
    them. Records that wait to be chained must have tags that hold. `session` may be the tenant's own or a
    service's.
    """
    return [*_verify_chain(session, org_id, key, anchors), *_verify_waiting(session, org_id, key)]


def _verify_waiting(session: Session, org_id: uuid.UUID, key: bytes) -> Iterator[Problem]:
    waiting = (
        select(AuditRecord)
        .where(AuditRecord.org_id == org_id, AuditRecord.sequence.is_(None))
        .order_by(AuditRecord.position)
    )
    for record in session.scalars(waiting.execution_options(yield_per=1000)):
        if not is_genuine(key, record):
            yield Problem(f"audit_records[{record.record_id}]", STRANGE)


def _verify_chain(session: Session, org_id: uuid.UUID, key: bytes, anchors: Iterable[Head]) -> list[Problem]:
    rows = session.execute(
        select(AuditHead, AuditRecord)
        .select_from(Organization)
        .outerjoin(AuditHead, AuditHead.org_id == Organization.org_id)
        .outerjoin(
            AuditRecord, and_(AuditRecord.org_id == Organization.org_id, AuditRecord.sequence.is_not(None))
        )
        .where(Organization.org_id == org_id)
        .order_by(AuditRecord.sequence)
        .execution_options(yield_per=1000)
    )  # one statement, so that head and records are of one moment
    walk = _Walk(key, org_id, anchors)
    for number, (head, record) in enumerate(rows):
        if number == 0:
            walk.stored_head = head
        if record is not None:
            walk.step(record)
    return walk.end()


class _Walk:
    """Goes along one chain, record by record, and notes what is wrong."""

    def __init__(self, key: bytes, org_id: uuid.UUID, anchors: Iterable[Head]) -> None:
        self.key = key
        self.org_id = org_id
        self.anchored: dict[int, set[bytes]] = {}
        for anchor in anchors:
            self.anchored.setdefault(anchor.sequence, set()).add(anchor.mac)
        self.at = EMPTY
        self.stored_head: AuditHead | None = None
        self.problems: list[Problem] = []

    def step(self, record: AuditRecord) -> None:
        sequence, previous, mac = record.sequence or 0, record.previous_mac or b"", record.mac or b""
        if sequence != self.at.sequence + 1:
            self._missing(self.at.sequence + 1, sequence - 1)
        elif not hmac.compare_digest(previous, self.at.mac):
            self._note(sequence, "it does not follow the record before it")
        genuine = is_genuine(self.key, record)
        if genuine is None:
            self._note(sequence, "it was changed after it was written, or written without the key")
        elif not genuine:
            self._note(sequence, STRANGE)
        if self.anchored.get(sequence, set()) - {mac}:
            self._note(sequence, "it is not the record that an anchor names")
        self.at = Head(sequence, mac)

    def end(self) -> list[Problem]:
        head = EMPTY if self.stored_head is None else Head(self.stored_head.sequence, self.stored_head.mac)
        if self.stored_head is not None and not is_sealed(self.key, self.stored_head):
            self.problems.append(
                Problem("audit_heads", "its seal is wrong: it was changed, or written without the key")
            )
        last = max(head.sequence, *self.anchored, 0)
        if last > self.at.sequence:
            self._missing(self.at.sequence + 1, last)
            if head.sequence < last:
                self.problems.append(
                    Problem("audit_heads", f"it ends at {head.sequence}, but an anchor names record {last}")
                )
        elif head.sequence < self.at.sequence:
            self.problems.append(
                Problem("audit_heads", f"it ends at {head.sequence}, the records at {self.at.sequence}")
            )
        elif not hmac.compare_digest(head.mac, self.at.mac):
            self.problems.append(Problem("audit_heads", "it names another record than the last one"))
        return self.problems

    def _note(self, sequence: int, reason: str) -> None:
        self.problems.append(Problem(f"audit_records[{sequence}]", reason))

    def _missing(self, first: int, last: int) -> None:
        path = f"audit_records[{first}]" if first == last else f"audit_records[{first}..{last}]"
        self.problems.append(Problem(path, "missing"))


def lock_of(org_id: uuid.UUID) -> int:
    """The organization as PostgreSQL's `int4`; two that share a number only wait for each other."""
    return int.from_bytes(org_id.bytes[:4], signed=True)
