"""Everything that is known of a person, for the person: as one JSON document, and as a page to read."""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.tables import (
    AuditRecord,
    ControlRequest,
    DeadLetter,
    Employee,
    Erasure,
    EventSender,
    EventWait,
    HumanAssignment,
    HumanRequest,
    InboxEvent,
    LegalHold,
    NodeRefusal,
    NodeRun,
    Organization,
    OutboxMessage,
    Plan,
    Release,
    RunRequest,
    RunTurn,
    ScimUser,
    User,
    Wake,
)
from officeflow.events.topics import person_key
from officeflow.privacy import about, removal, written
from officeflow.privacy.about import Person
from officeflow.tenants import employees, organizations

FORMAT = "officeflow.person/1"


@dataclass(frozen=True, slots=True)
class Export:
    """`document` is JSON: a list of objects for each of its `sections`, and who it is about, from when."""

    document: Mapping[str, Any]

    @property
    def sections(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        sections: Mapping[str, Sequence[Mapping[str, Any]]] = self.document["sections"]
        return sections


def export(database: Database, slug_or_uuid: str, external_id: str, *, by: str) -> Export:
    """All of it, sensitive fields opened; the audit log notes who took it. `NotKnown` where nothing is known
    of such a person.
    """
    with organizations.entered(database, slug_or_uuid) as (session, org_id):
        person = about.known(session, org_id, external_id)
        organization = session.get_one(Organization, org_id)
        sections = _sections(session, database, person)
        document = {
            "format": FORMAT,
            "organization": {"slug": organization.slug, "name": organization.name},
            "employee": external_id,
            "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "sections": sections,
        }
        entry = AuditEntry(
            actor=by,
            action=AuditAction.PERSON_EXPORTED,
            subject=about.subject(external_id),
            details={name: len(rows) for name, rows in sections.items()},
        )
        audit.append(session, org_id, entry)
    return Export(document)


def _sections(session: Session, database: Database, person: Person) -> dict[str, list[dict[str, Any]]]:
    runs = about.runs_of(session, person)
    ids = [run.run_id for run in runs]
    requests = session.scalars(
        select(HumanRequest).where(HumanRequest.run_id.in_(ids)).order_by(HumanRequest.created_at)
    ).all()
    asked = [request.request_id for request in requests]
    mine = [person.employee_id] if person.employee_id else []
    events = _events(session, person)
    mentioned = list(removal.mentioning(session, database.keys, person))
    return {
        "record": _record(session, person),
        "events": [_row(event) for event in events],
        "sources": _sources(events),
        "sent_by_hand": _senders(session, events),
        "releases": _releases(session, events),
        "runs": [_row(run) for run in runs],
        "acts": _rows(session, NodeRun, NodeRun.run_id, ids, NodeRun.created_at),
        "refusals": _rows(session, NodeRefusal, NodeRefusal.run_id, ids, NodeRefusal.at),
        "questions": [_row(request) for request in requests],
        "answers": _answers(session, asked),
        "mails": _mails(session, ids, asked),
        "awaited_events": _rows(session, EventWait, EventWait.run_id, ids, EventWait.created_at),
        "called_runs": _rows(session, RunRequest, RunRequest.parent_run_id, ids, RunRequest.created_at),
        "planned_runs": _rows(session, Plan, Plan.employee_id, mine, Plan.due_at),
        "turns": _rows(session, RunTurn, RunTurn.run_id, ids, RunTurn.since),
        "wakes": _rows(session, Wake, Wake.run_id, ids, Wake.created_at),
        "orders": _named(session, ControlRequest, ControlRequest.request_id, mentioned, "control_requests"),
        "messages_not_taken": _named(
            session, DeadLetter, DeadLetter.dead_letter_id, mentioned, "dead_letters"
        ),
        "messages_for_kafka": _outbox(session, person),
        "manager_of": _manager_of(session, person),
        "accounts_at_officeflow": _users(session, person),
        "named_in": [each.to_json() for each in written.naming(session, person)],
        "holds": _of_person(session, LegalHold, LegalHold.external_id, person, LegalHold.placed_at),
        "erasures": _of_person(session, Erasure, Erasure.external_id, person, Erasure.asked_at),
        "audit": _audit(session, person),
    }


def _record(session: Session, person: Person) -> list[dict[str, Any]]:
    found = employees.find(session, person.org_id, person.external_id)
    if found is None:
        return []
    times = {"created_at": _value(found.created_at), "updated_at": _value(found.updated_at)}
    return [{**employees.as_values(found), **times, "field_times": found.field_times}]


def _events(session: Session, person: Person) -> Sequence[InboxEvent]:
    mine = (InboxEvent.org_id == person.org_id, InboxEvent.employee_key == person.external_id)
    return session.scalars(
        select(InboxEvent).where(*mine).order_by(InboxEvent.event_time, InboxEvent.arrival)
    ).all()


def _sources(events: Sequence[InboxEvent]) -> list[dict[str, Any]]:
    """Which systems told of them, and by which topic."""
    found: dict[tuple[str, str | None], int] = {}
    for event in events:
        found[event.source, event.topic] = found.get((event.source, event.topic), 0) + 1
    return [{"source": source, "topic": topic, "events": number} for (source, topic), number in found.items()]


def _senders(session: Session, events: Sequence[InboxEvent]) -> list[dict[str, Any]]:
    """Who sent events about them by hand."""
    named = [(event.org_id, event.source, event.event_id) for event in events]
    place = tuple_(EventSender.org_id, EventSender.source, EventSender.event_id)
    query = select(EventSender).where(place.in_(named)).order_by(EventSender.sent_at)
    return [_row(each) for each in session.scalars(query)]


def _releases(session: Session, events: Sequence[InboxEvent]) -> list[dict[str, Any]]:
    """What a second person decides, or has decided, about events of theirs."""
    named = {event.release_id for event in events if event.release_id}
    query = select(Release).where(Release.release_id.in_(named)).order_by(Release.requested_at)
    return [_row(each) for each in session.scalars(query)]


def _answers(session: Session, requests: Sequence[uuid.UUID]) -> list[dict[str, Any]]:
    """With the addresses of those who were asked and who answered."""
    query = (
        select(HumanAssignment, User.email)
        .outerjoin(User, User.user_id == HumanAssignment.user_id)
        .where(HumanAssignment.request_id.in_(requests))
        .order_by(HumanAssignment.created_at)
    )
    return [{**_row(seat), "asked": email} for seat, email in session.execute(query)]


def _mails(
    session: Session, runs: Sequence[uuid.UUID], requests: Sequence[uuid.UUID]
) -> list[dict[str, Any]]:
    """What was written to anybody about them: by nodes, and to those who were asked."""
    sent = select(NodeRun).where(NodeRun.run_id.in_(runs), NodeRun.node_type.like("email.%"))
    told = (
        select(HumanAssignment.mailed_at, User.email, HumanRequest.subject)
        .join(HumanRequest, HumanRequest.request_id == HumanAssignment.request_id)
        .join(User, User.user_id == HumanAssignment.user_id)
        .where(HumanAssignment.request_id.in_(requests), HumanAssignment.mailed_at.is_not(None))
    )
    return [
        *(
            {
                "by": f"node {act.node_key}",
                "at": _value(act.ended_at),
                "mail": (act.input or {}).get("params"),
            }
            for act in session.scalars(sent.order_by(NodeRun.created_at))
        ),
        *(
            {"by": "the platform", "at": _value(at), "to": email, "subject": subject}
            for at, email, subject in session.execute(told.order_by(HumanAssignment.mailed_at))
        ),
    ]


def _named(
    session: Session, table: Any, key: Any, mentioned: Sequence[tuple[str, uuid.UUID]], name: str
) -> list[dict[str, Any]]:
    ids = [found for where, found in mentioned if where == name]
    return [_row(each) for each in session.scalars(select(table).where(key.in_(ids)).order_by(key))]


def _outbox(session: Session, person: Person) -> list[dict[str, Any]]:
    mine = OutboxMessage.key == person_key(person.org_id, person.external_id)
    named = OutboxMessage.subject == about.subject(person.external_id)
    query = select(OutboxMessage).where(OutboxMessage.org_id == person.org_id, mine | named)
    return [_row(each) for each in session.scalars(query.order_by(OutboxMessage.position))]


def _manager_of(session: Session, person: Person) -> list[dict[str, Any]]:
    query = select(Employee.external_id).where(
        Employee.org_id == person.org_id, Employee.manager_external_id == person.external_id
    )
    return [{"employee": found} for found in session.scalars(query.order_by(Employee.external_id))]


def _users(session: Session, person: Person) -> list[dict[str, Any]]:
    if not person.work_email:
        return []
    query = (
        select(User, ScimUser)
        .outerjoin(ScimUser, ScimUser.user_id == User.user_id)
        .where(User.org_id == person.org_id, func.lower(User.email) == person.work_email.lower())
    )
    return [{**_row(user), "identity_provider": _provider(scim)} for user, scim in session.execute(query)]


def _provider(told: ScimUser | None) -> dict[str, Any] | None:
    return None if told is None else _row(told)


def _of_person(session: Session, table: Any, column: Any, person: Person, order: Any) -> list[dict[str, Any]]:
    query = select(table).where(table.org_id == person.org_id, column == person.external_id)
    return [_row(each) for each in session.scalars(query.order_by(order))]


def _audit(session: Session, person: Person) -> list[dict[str, Any]]:
    named = AuditRecord.details["employee"].astext == person.external_id
    mine = AuditRecord.subject == about.subject(person.external_id)
    query = select(AuditRecord).where(AuditRecord.org_id == person.org_id, mine | named)
    shown = ("sequence", "occurred_at", "actor", "action", "subject", "details", "correlation_id")
    return [
        {name: _value(getattr(each, name)) for name in shown}
        for each in session.scalars(query.order_by(AuditRecord.position))
    ]


def _rows(
    session: Session, table: Any, column: Any, ids: Sequence[uuid.UUID], order: Any
) -> list[dict[str, Any]]:
    return [_row(each) for each in session.scalars(select(table).where(column.in_(ids)).order_by(order))]


HIDDEN = frozenset({"org_id", "idempotency_key", "params_hash", "content_hash", "position", "arrival"})
"""What says nothing about the person."""


def _row(row: Any) -> dict[str, Any]:
    columns = type(row).__mapper__.column_attrs
    return {each.key: _value(getattr(row, each.key)) for each in columns if each.key not in HIDDEN}


def _value(value: Any) -> Any:
    match value:
        case dt.datetime() | dt.date():
            return value.isoformat()
        case uuid.UUID():
            return str(value)
        case bytes():
            try:
                return value.decode()
            except UnicodeDecodeError:
                return {"base64": base64.b64encode(value).decode()}
        case _:
            return value
