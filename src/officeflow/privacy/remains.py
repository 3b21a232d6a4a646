"""What an erasure leaves, until when and why: the part of its report that nobody may gloss over."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from officeflow.audit.actions import EARLIER_NAMES, AuditAction
from officeflow.database.tables import AuditRecord, Employee, LegalHold, NodeRun, User
from officeflow.privacy import about, written
from officeflow.privacy.about import Person
from officeflow.program import typed
from officeflow.statuses import ActStatus

FOR_EVER = "for ever"
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Remaining:
    """`until`: a time (ISO), `FOR_EVER`, or in words."""

    where: str
    what: str
    until: str
    why: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def of_database(session: Session, person: Person, runs: Sequence[uuid.UUID]) -> list[Remaining]:
    """What is left in our tables and was done elsewhere; to be asked before the rows are emptied."""
    return [
        *_audit(session, person),
        Remaining(
            "inbox_events",
            "of each event its source, its id and the digest of its content",
            FOR_EVER,
            "a second delivery of it must not bring the person back",
        ),
        Remaining(
            "erasures",
            f"the identifier {person.external_id}, and this report",
            FOR_EVER,
            "so that it can be done again after a backup was restored",
        ),
        *_holds(session, person),
        *_others(session, person),
        *_written(session, person),
        *_systems(session, person, runs),
        Remaining(
            "dead_letters and control_requests",
            "of each message about them where it was, its id, and why somebody replayed or discarded it",
            "the organization's retention of them",
            "that it came, and who decided about it, is part of the evidence",
        ),
        Remaining(
            "event_senders",
            "who sent an event by hand that has not come to the inbox; not whom it is about",
            "the organization's retention of events",
            "whoever sent it may not release it",
        ),
        Remaining(
            "the gateway's spool",
            "deliveries about them, encrypted, where Kafka is away",
            "Kafka has taken them; what they say comes as a new event then",
            "nothing that was accepted is thrown away",
        ),
        Remaining(
            "idempotency_keys",
            "answers of the API to requests about them, encrypted",
            "a day after each request",
            "the same request again is to get the same answer",
        ),
        Remaining(
            "backups of the databases, and their write-ahead logs",
            "all of it as it was, with the key",
            "they are removed",
            "a backup is not changed; `person erase` again after one was restored",
        ),
        Remaining(
            "the tables' files",
            "versions of rows that were replaced",
            "the next VACUUM, by itself within hours",
            "PostgreSQL keeps them until nobody can see them any more",
        ),
    ]


def _audit(session: Session, person: Person) -> list[Remaining]:
    mine = AuditRecord.subject == about.subject(person.external_id)
    named = AuditRecord.details["employee"].astext == person.external_id
    ours = [*map(str, AuditAction), *EARLIER_NAMES]
    reasons = AuditRecord.details.op("?|")(array(["reason", "why"]))
    whole, own_words, reasoned = session.execute(
        select(
            func.count(),
            func.count().filter(AuditRecord.action.not_in(ours)),
            func.count().filter(reasons),
        ).where(AuditRecord.org_id == person.org_id, mine | named)
    ).one()
    found = []
    if whole:
        found.append(
            Remaining(
                "audit_records, audit.events and its anchors",
                f"{whole} records that name {person.external_id}: what was done, when, by whom",
                FOR_EVER,
                "the log is evidence and its chain forbids every change; no field of an event is in it",
            )
        )
    if reasoned:
        found.append(
            Remaining(
                "audit_records",
                f"{reasoned} of them hold the reason that somebody gave, in words of their own",
                FOR_EVER,
                "why it was decided is part of the evidence; reasons should name nobody",
            )
        )
    if own_words:
        found.append(
            Remaining(
                "audit_records",
                f"{own_words} of them were written by workflows (audit.record), in words of their own",
                FOR_EVER,
                f"look at them: `{typed('audit list')}` with the subject",
            )
        )
    return found


def _holds(session: Session, person: Person) -> Iterator[Remaining]:
    ended = select(func.count()).where(
        LegalHold.org_id == person.org_id, LegalHold.external_id == person.external_id
    )
    if number := session.scalar(ended):
        yield Remaining(
            "legal_holds",
            f"{number} that ended, with the identifier {person.external_id} and the reasons that people gave",
            FOR_EVER,
            "that somebody was held, and why, is part of the evidence",
        )


def _others(session: Session, person: Person) -> list[Remaining]:
    managed = select(func.count()).where(
        Employee.org_id == person.org_id, Employee.manager_external_id == person.external_id
    )
    found = []
    if number := session.scalar(managed):
        found.append(
            Remaining(
                "employees",
                f"{number} people whose manager is {person.external_id}, by the identifier alone",
                "an event names another",
                "it is a fact about them",
            )
        )
    if person.work_email:
        user = select(User.email).where(
            User.org_id == person.org_id, func.lower(User.email) == person.work_email.lower()
        )
        if session.scalar(user):
            found.append(
                Remaining(
                    "users",
                    "an account with their work address, and what they decided by it",
                    "it is removed",
                    "who works with OfficeFlow is no subject of its workflows there",
                )
            )
    return found


WRITTEN = {
    "workflow_versions": ("what was published never changes", FOR_EVER),
    "workflow_drafts": ("somebody works on it: change or delete it", "it is changed or deleted"),
    "releases": ("what was wanted, and why, is part of the evidence", FOR_EVER),
    "webhook_sources": ("an admin wrote it: `source change`", "it is changed"),
    "delegations": ("why somebody stands in for another", FOR_EVER),
    "organizations": ("the organization has settled it", "it is settled anew"),
}
"""Why each is left, and until when."""


def _written(session: Session, person: Person) -> Iterator[Remaining]:
    found = written.naming(session, person)
    for table, (why, until) in WRITTEN.items():
        named = [each.name for each in found if each.where == table]
        if named:
            told = ", ".join(named[:MOST_NAMED]) + (", …" if len(named) > MOST_NAMED else "")
            yield Remaining(table, f"texts that name {person.external_id}: {told}", until, why)


def _systems(session: Session, person: Person, runs: Sequence[uuid.UUID]) -> list[Remaining]:
    """Where acts were done that no erasure of ours takes back."""
    done = (
        select(NodeRun.node_type, func.count())
        .where(
            NodeRun.org_id == person.org_id,
            NodeRun.run_id.in_(runs),
            NodeRun.status == ActStatus.SUCCEEDED,
            NodeRun.effect != "pure",
        )
        .group_by(NodeRun.node_type)
        .order_by(NodeRun.node_type)
    )
    acts = [f"{number} of {name}" for name, number in session.execute(done)]
    if not acts:
        return []
    return [
        Remaining(
            "the organization's own systems",
            f"what runs did there: {', '.join(acts)}",
            "it is removed there",
            "accounts, mails and meetings are those systems'",
        )
    ]
