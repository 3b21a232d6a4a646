"""`officeflow outbox`: what is not in Kafka yet, and what can never be sent as it is."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.entry import AuditEntry
from officeflow.cli.common import acting, actor, as_json, database, show_rows, tell
from officeflow.database.tables import OutboxMessage
from officeflow.events import lookup
from officeflow.tenants import organizations

WHY = click.option("--why", required=True, help="The reason, for the audit log.")


@click.group()
def outbox() -> None:
    """Messages for Kafka that wait, or were set aside because they can never be sent as they are."""


@outbox.command(name="list")
@click.option("--org", help="One organization: its slug or UUID.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@as_json
def list_(org: str | None, limit: int, *, json_output: bool) -> None:
    """Show what was set aside and why, and then what waits; the oldest first."""
    with database() as db, db.service() as session:
        org_id = organizations.find(session, org).org_id if org else None
        rows = [_row(each) for each in lookup.unsent(session, org_id=org_id, limit=limit)]
    show_rows(rows, json_output=json_output, nothing="everything is in Kafka")


@outbox.command()
@click.argument("name", metavar="ID")
@WHY
@acting
def retry(name: str, why: str, login: str | None) -> None:
    """Send a message that was set aside after all, for instance because the topic takes larger ones now.

    Its id stays.
    """
    with database() as db, db.service() as session:
        found = lookup.find_set_aside(session, name)
        _audit(session, found, login, "outbox.retry", why)
        found.set_aside_at = found.last_error = None
    tell(f"message {found.message_id} will be sent again")


@outbox.command()
@click.argument("name", metavar="ID")
@WHY
@acting
def discard(name: str, why: str, login: str | None) -> None:
    """Delete a message that was set aside: nobody will be told."""
    with database() as db, db.service() as session:
        found = lookup.find_set_aside(session, name)
        _audit(session, found, login, "outbox.discard", why)
        session.delete(found)
    tell(f"message {found.message_id} is discarded")


def _row(message: OutboxMessage) -> dict[str, Any]:
    return {
        "id": str(message.message_id),
        "state": "SET ASIDE" if message.set_aside_at else "WAITS",
        "topic": message.topic,
        "type": message.type,
        "subject": message.subject,
        "written": message.created_at.isoformat(timespec="seconds"),
        "why": message.last_error,
    }


def _audit(session: Session, message: OutboxMessage, login: str | None, action: str, why: str) -> None:
    details = {"topic": message.topic, "type": message.type, "error": message.last_error, "why": why}
    entry = AuditEntry(
        actor=actor(login),
        action=action,
        subject=f"message:{message.message_id}",
        details=details,
        correlation_id=message.correlation_id,
    )
    audit.append(session, message.org_id, entry)
