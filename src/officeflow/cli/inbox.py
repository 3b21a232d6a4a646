"""`officeflow inbox`: what arrived, what could not be taken, and what came of both."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.entry import AuditEntry
from officeflow.cli.common import (
    acting,
    actor,
    as_json,
    database,
    echo_bytes,
    run_lines,
    show_one,
    show_rows,
    tell,
)
from officeflow.cli.reading import read_bytes
from officeflow.clock import SystemClock
from officeflow.database.tables import DeadLetter, InboxEvent
from officeflow.errors import InvalidInput
from officeflow.events import inbox as store
from officeflow.events import lookup, quarantine
from officeflow.events.envelope import MAX_EVENT_BYTES
from officeflow.program import typed
from officeflow.settings import load_settings
from officeflow.statuses import QuarantineStatus
from officeflow.tenants import organizations

WHY = click.option("--why", required=True, help="The reason, for the audit log.")


@click.group()
def inbox() -> None:
    """Lifecycle events that arrived, and messages that could not be taken."""


@inbox.command(name="list")
@click.option("--org", help="One organization: its slug or UUID.")
@click.option("--quarantined", is_flag=True, help="Messages that could not be taken and wait for a decision.")
@click.option(
    "--resolved", is_flag=True, help="With --quarantined: also those that were replayed or discarded."
)
@click.option("--failed", is_flag=True, help="Events that wait, or started less than they should, and why.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@as_json
def list_(
    org: str | None, limit: int, *, quarantined: bool, resolved: bool, failed: bool, json_output: bool
) -> None:
    """Show the newest first."""
    with database() as db, db.service() as session:
        org_id = organizations.find(session, org).org_id if org else None
        if quarantined:
            rows = [
                _letter_row(each)
                for each in lookup.letters(session, org_id=org_id, only_open=not resolved, limit=limit)
            ]
            show_rows(rows, json_output=json_output, nothing="nothing is in quarantine")
        else:
            rows = [
                _event_row(each) for each in lookup.events(session, org_id=org_id, failed=failed, limit=limit)
            ]
            show_rows(rows, json_output=json_output, nothing=f"no events; `{typed('event send')}` sends one")


@inbox.command()
@click.argument("name", metavar="ID")
@click.option(
    "--body",
    is_flag=True,
    help="Write a quarantined message's own bytes to standard output, to be corrected. They may be private.",
)
@as_json
def show(name: str, *, body: bool, json_output: bool) -> None:
    """Show one event or quarantined message; the beginning of its id is enough.

    Sensitive fields are not shown.
    """
    with database() as db, db.service() as session:
        found = lookup.find(session, name)
        if body:
            echo_bytes(_body(found))
        elif isinstance(found, DeadLetter):
            means = quarantine.REASONS[found.reason]
            extra = {
                "means": means,
                "headers": found.headers,
                "bytes": len(found.body or b""),
                "resolution": found.resolution,
            }
            show_one(_letter_row(found) | extra, json_output=json_output)
        else:
            runs = {} if json_output else {"runs": run_lines(found.runs)}
            show_one(_event_row(found) | _event_more(found) | runs, json_output=json_output)


@inbox.command()
@click.argument("name", metavar="ID")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, allow_dash=True),
    help="The corrected event, or - for standard input.",
)
@WHY
@acting
def replay(name: str, path: Path | None, why: str, login: str | None) -> None:
    """Take a quarantined message after all (as it is, or corrected), or match and dispatch an event once
    more.

    A run that exists already stays the only one for its event and workflow.
    """
    corrected = read_bytes(path, most=MAX_EVENT_BYTES, what="an event") if path else None
    with database() as db, db.service() as session:
        found = lookup.find(session, name, for_update=True)
        if isinstance(found, DeadLetter):
            tell(_replay_letter(session, found, corrected, why, login))
            return
        if corrected is not None:
            raise InvalidInput(
                "an event in the inbox was valid: it is dispatched again as it is", hint="leave --file out"
            )
        store.redispatch(session, found)
        _audit(session, found, login, "inbox.redispatch", why)
        tell(f"event {found.inbox_id} will be dispatched again")


@inbox.command()
@click.argument("name", metavar="ID")
@WHY
@acting
def discard(name: str, why: str, login: str | None) -> None:
    """Close a quarantined message without taking it. It is kept."""
    with database() as db, db.service() as session:
        found = lookup.find(session, name, for_update=True)
        if not isinstance(found, DeadLetter):
            raise InvalidInput("that is an event in the inbox; only quarantined messages can be discarded")
        _resolve(session, found, QuarantineStatus.DISCARDED, login, why)
        _audit(session, found, login, "quarantine.discard", why)
    tell(f"message {found.dead_letter_id} is discarded")


def _replay_letter(
    session: Session, letter: DeadLetter, corrected: bytes | None, why: str, login: str | None
) -> str:
    message = quarantine.message_of(letter, body=corrected)
    settings = load_settings()
    ahead = dt.timedelta(hours=settings.event_ahead_hours)
    accepted = store.accept(session, message, own_source=settings.event_source, ahead=ahead)
    letter.org_id = accepted.org_id
    _resolve(session, letter, QuarantineStatus.REPLAYED, login, why)
    _audit(
        session,
        letter,
        login,
        "quarantine.replay",
        why,
        corrected=corrected is not None,
        event_id=accepted.event.id,
    )
    return f"message {letter.dead_letter_id} is in the inbox as event {accepted.event.id}"


def _resolve(
    session: Session, letter: DeadLetter, status: QuarantineStatus, login: str | None, why: str
) -> None:
    if letter.status != QuarantineStatus.OPEN:
        raise InvalidInput(f"the message is {letter.status.lower()} already: {letter.resolution}")
    quarantine.resolve(session, letter, status=status, by=actor(login), why=why, at=SystemClock().now())


def _audit(
    session: Session, found: InboxEvent | DeadLetter, login: str | None, action: str, why: str, **details: Any
) -> None:
    """A message whose organization is not known has no audit log to go to: the resolution in its own row
    tells.
    """
    if found.org_id is None:
        return
    if isinstance(found, InboxEvent):
        subject, correlation_id = f"employee:{found.employee_key}", found.correlation_id
        details |= {"inbox_id": str(found.inbox_id), "event_id": found.event_id, "kind": found.kind}
    else:
        subject, correlation_id = f"message:{found.dead_letter_id}", None
        details |= {
            "topic": found.topic,
            "partition": found.partition,
            "offset": found.offset,
            "reason": found.reason,
        }
    entry = AuditEntry(
        actor=actor(login),
        action=action,
        subject=subject,
        details={**details, "why": why},
        correlation_id=correlation_id,
    )
    audit.append(session, found.org_id, entry)


def _body(found: InboxEvent | DeadLetter) -> bytes:
    if isinstance(found, InboxEvent):
        raise InvalidInput("--body is for quarantined messages; an event is shown without it")
    return found.body or b""


def _event_row(each: InboxEvent) -> dict[str, Any]:
    return {
        "id": str(each.inbox_id),
        "received": each.received_at.isoformat(timespec="seconds"),
        "kind": each.kind,
        "employee": each.employee_key,
        "status": each.status,
        "runs": len(each.runs),
        "problem": each.last_error,
    }


def _event_more(each: InboxEvent) -> dict[str, Any]:
    return {
        "source": each.source,
        "event_id": each.event_id,
        "correlation_id": each.correlation_id,
        "event_time": each.event_time.isoformat(),
        "payload": each.payload,
        "sensitive_fields": sorted(each.sensitive or {}),
        "runs": each.runs,
        "attempts": each.attempts,
        "dispatched": each.dispatched_at.isoformat(timespec="seconds") if each.dispatched_at else None,
        "from": f"{each.topic}[{each.partition}]@{each.offset}",
    }


def _letter_row(each: DeadLetter) -> dict[str, Any]:
    return {
        "id": str(each.dead_letter_id),
        "arrived": each.created_at.isoformat(timespec="seconds"),
        "topic": each.topic,
        "partition": each.partition,
        "offset": each.offset,
        "reason": each.reason,
        "detail": each.detail,
        "status": each.status,
    }
