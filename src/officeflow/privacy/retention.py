"""What an organization keeps no longer than it has settled (`settled.KEPT`) is emptied or removed.

Nobody who is held is touched. Messages for Kafka are the steward's (`OFFICEFLOW_OUTBOX_DAYS`), and the audit
log is kept.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from officeflow import ids
from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction, organization_subject
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.tables import Employee, LegalHold, Organization, PersonKey
from officeflow.errors import InvalidInput
from officeflow.owners import Owner
from officeflow.privacy import clearing, erasing, settled
from officeflow.statuses import ENDED_RUNS, EmployeeStatus
from officeflow.tenants import organizations

BATCH = 500
MOST_BATCHES = 200
"""Of one kind in one go: the next one goes on."""

BY = "service:retention"
ENDED = [str(each) for each in ENDED_RUNS]

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Applied:
    """What was emptied or removed, by name of `settled.KEPT`; `unfinished` are those with more to do.

    `refused` says why people were not erased whose time is over.
    """

    organization: str
    done: dict[str, int] = field(default_factory=dict)
    unfinished: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def apply_all(database: Database, *, batch: int = BATCH, most_batches: int = MOST_BATCHES) -> list[Applied]:
    """Of every organization."""
    with database.service() as session:
        slugs = organizations.slugs(session)
    return [apply(database, slug, batch=batch, most_batches=most_batches) for slug in slugs]


def apply(
    database: Database, slug_or_uuid: str, *, batch: int = BATCH, most_batches: int = MOST_BATCHES
) -> Applied:
    """Empty or remove what the organization has kept for as long as it settled. Safe to repeat, and beside
    another.
    """
    with database.service() as session:
        organization = organizations.find(session, slug_or_uuid)
        days, org_id = settled.days(organization), organization.org_id
    applied = Applied(organization.slug)
    limits = Limits(batch, most_batches)
    for name, act in KINDS.items():
        if (kept := days[name]) is not None:
            about = {"org": org_id, "days": kept, "most": batch, "ended": ENDED}
            _in_batches(database, act, about, applied, name=name, limits=limits)
    if (kept := days["people"]) is not None:
        _erase_people(database, organization, kept, applied, batch)
    if applied.done or applied.refused:
        _record(database, organization, applied)
    return applied


Act = Callable[[Session, Database, Mapping[str, Any]], int]
"""Does one batch of an organization's in a service's transaction; returns how many rows were found."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Rows of a batch, and batches of a kind in one go."""

    batch: int
    batches: int


def _in_batches(
    database: Database,
    act: Act,
    about: Mapping[str, Any],
    applied: Applied,
    *,
    name: str,
    limits: Limits,
) -> None:
    for _ in range(limits.batches):
        with database.service() as session:
            found = act(session, database, about)
        if found:
            applied.done[name] = applied.done.get(name, 0) + found
        if found < limits.batch:
            return
    applied.unfinished.append(name)


HELD = """EXISTS (SELECT FROM legal_holds AS hold WHERE hold.org_id = {row}.org_id
    AND hold.released_at IS NULL AND hold.external_id = {name})"""
_HELD_RUN = HELD.format(
    row="run",
    name="(SELECT one.external_id FROM employees AS one WHERE one.employee_id = run.employee_id)",
)
_OLD_RUN = f"""
    run.org_id = :org AND run.status = ANY (:ended) AND run.ended_at < now() - make_interval(days => :days)
    AND NOT {_HELD_RUN}"""

_EVENTS = f"""
    UPDATE inbox_events SET payload = '{{}}', sensitive = NULL, last_error = NULL WHERE inbox_id IN (
        SELECT event.inbox_id FROM inbox_events AS event
        WHERE event.org_id = :org AND event.status NOT IN ('RECEIVED', 'HELD')
            AND event.received_at < now() - make_interval(days => :days)
            AND (event.payload <> '{{}}' OR event.sensitive IS NOT NULL)
            AND NOT {HELD.format(row="event", name="event.employee_key")}
        LIMIT :most)
    """  # noqa: S608 - statements of ours
_SENDERS = """
    DELETE FROM event_senders WHERE (org_id, source, event_id, sent_by) IN (
        SELECT sender.org_id, sender.source, sender.event_id, sender.sent_by FROM event_senders AS sender
        WHERE sender.org_id = :org AND sender.sent_at < now() - make_interval(days => :days)
            AND NOT EXISTS (SELECT FROM inbox_events AS event WHERE event.org_id = sender.org_id
                AND event.source = sender.source AND event.event_id = sender.event_id
                AND event.status IN ('RECEIVED', 'HELD'))
        LIMIT :most)
    """
_LETTERS = """
    DELETE FROM dead_letters WHERE dead_letter_id IN (
        SELECT dead_letter_id FROM dead_letters WHERE org_id = :org AND status <> 'OPEN'
            AND forwarded_at IS NOT NULL AND created_at < now() - make_interval(days => :days)
            AND (body IS NULL OR substring(body FROM 18 FOR 16) <> ALL (:held)) LIMIT :most)
    """
_ORDERS = """
    UPDATE control_requests SET body = :empty, result = NULL WHERE request_id IN (
        SELECT request_id FROM control_requests WHERE org_id = :org AND state <> 'RECEIVED'
            AND ended_at < now() - make_interval(days => :days) AND octet_length(body) <> :emptied
            AND substring(body FROM 18 FOR 16) <> ALL (:held)
        LIMIT :most)
    """
_RUNS_WITH_ACTS = f"""
    SELECT run.run_id FROM workflow_runs AS run WHERE {_OLD_RUN} AND EXISTS (
        SELECT FROM node_runs AS act WHERE act.run_id = run.run_id AND act.params_hash IS NOT NULL)
    LIMIT :most
    """  # noqa: S608 - statements of ours
_RUNS_WITH_REQUESTS = f"""
    SELECT run.run_id FROM workflow_runs AS run WHERE {_OLD_RUN} AND EXISTS (
        SELECT FROM human_requests AS asked WHERE asked.run_id = run.run_id AND asked.subject <> '(erased)')
    LIMIT :most
    """  # noqa: S608 - statements of ours
_OLD_RUNS = f"""
    SELECT run.run_id FROM workflow_runs AS run WHERE {_OLD_RUN}
        AND NOT EXISTS (SELECT FROM workflow_runs AS child WHERE child.parent_run_id = run.run_id)
    LIMIT :most
    """  # noqa: S608 - statements of ours

_REMOVED_WITH_RUNS = (
    """DELETE FROM answer_links WHERE assignment_id IN (
        SELECT seat.assignment_id FROM human_assignments AS seat
        JOIN human_requests AS asked USING (request_id) WHERE asked.run_id = ANY (:runs))""",
    """DELETE FROM human_assignments WHERE request_id IN (
        SELECT request_id FROM human_requests WHERE run_id = ANY (:runs))""",
    "DELETE FROM human_requests WHERE run_id = ANY (:runs)",
    "DELETE FROM event_waits WHERE run_id = ANY (:runs)",
    "DELETE FROM run_requests WHERE parent_run_id = ANY (:runs)",
    "DELETE FROM name_reservations WHERE run_id = ANY (:runs)",
    "DELETE FROM wakes WHERE run_id = ANY (:runs)",
    "DELETE FROM run_turns WHERE run_id = ANY (:runs)",
    "DELETE FROM node_refusals WHERE run_id = ANY (:runs)",
    "DELETE FROM node_runs WHERE run_id = ANY (:runs)",
    "DELETE FROM workflow_runs WHERE run_id = ANY (:runs)",
)


def _events(session: Session, database: Database, about: Mapping[str, Any]) -> int:
    del database
    return max(_changed(session, _EVENTS, about), _changed(session, _SENDERS, about))


def _letters(session: Session, database: Database, about: Mapping[str, Any]) -> int:
    del database
    return _changed(session, _LETTERS, {**about, "held": _keys_of_held(session, about["org"])})


def _orders(session: Session, database: Database, about: Mapping[str, Any]) -> int:
    empty = database.keys.of_owner(Owner(about["org"])).seal("control_requests.body", b"{}")
    held = _keys_of_held(session, about["org"])
    return _changed(session, _ORDERS, {**about, "held": held, "empty": empty, "emptied": len(empty)})


def _keys_of_held(session: Session, org_id: uuid.UUID) -> list[bytes]:
    """The ids of the keys of people who are held, as they stand in what is sealed by them."""
    held = session.scalars(
        select(LegalHold.external_id).where(LegalHold.org_id == org_id, LegalHold.released_at.is_(None))
    )
    people = [ids.employee_id(org_id, each) for each in held]
    keys = select(PersonKey.key_id).where(PersonKey.org_id == org_id, PersonKey.person.in_(people))
    return [key.bytes for key in session.scalars(keys)]


def _acts(session: Session, database: Database, about: Mapping[str, Any]) -> int:
    del database
    return _of_runs(
        session, about, _RUNS_WITH_ACTS, ("node_runs", "node_refusals", "run_requests", "name_reservations")
    )


def _requests(session: Session, database: Database, about: Mapping[str, Any]) -> int:
    del database
    tables = ("answer_links", "human_assignments", "human_requests", "event_waits")
    return _of_runs(session, about, _RUNS_WITH_REQUESTS, tables)


def _runs(session: Session, database: Database, about: Mapping[str, Any]) -> int:
    del database
    runs = session.scalars(text(_OLD_RUNS), about).all()
    for statement in _REMOVED_WITH_RUNS:
        session.execute(text(statement), {"runs": runs})
    return len(runs)


KINDS: Mapping[str, Act] = {
    "events": _events,
    "acts": _acts,
    "requests": _requests,
    "orders": _orders,
    "quarantine": _letters,
    "runs": _runs,
}


def _of_runs(session: Session, about: Mapping[str, Any], query: str, tables: tuple[str, ...]) -> int:
    runs = session.scalars(text(query), about).all()
    for table in tables:
        session.execute(text(clearing.OF_RUNS[table]), {"org": about["org"], "runs": runs})
    return len(runs)


def _changed(session: Session, statement: str, values: Mapping[str, Any]) -> int:
    return int(getattr(session.execute(text(statement), values), "rowcount", 0))


def _erase_people(
    database: Database, organization: Organization, days: int, applied: Applied, batch: int
) -> None:
    with database.service() as session:
        day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=days)
        left = select(Employee.external_id).where(
            Employee.org_id == organization.org_id,
            Employee.status == EmployeeStatus.EXITED,
            Employee.end_date < day,
        )
        people = session.scalars(left.order_by(Employee.end_date).limit(batch)).all()
    for external_id in people:
        try:
            why = f"kept for {days} days after the last day, as the organization has settled"
            erasing.erase(database, organization.slug, external_id, why=why, by=BY)
        except InvalidInput as error:
            applied.refused[external_id] = "; ".join(map(str, error.problems)) or error.message
        else:
            applied.done["people"] = applied.done.get("people", 0) + 1


def _record(database: Database, organization: Organization, applied: Applied) -> None:
    with database.service() as session:
        entry = AuditEntry(
            actor=BY,
            action=AuditAction.RETENTION_APPLIED,
            subject=organization_subject(organization.slug),
            details={
                "done": applied.done,
                "unfinished": applied.unfinished,
                "refused": dict(list(applied.refused.items())[:50]),
            },
        )
        audit.append(session, organization.org_id, entry)
    log.info("retention applied", organization=organization.slug, done=applied.done)
