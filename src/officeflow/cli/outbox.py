"""`officeflow outbox`: what is not in Kafka yet, and what can never be sent as it is."""

from __future__ import annotations

import click

from officeflow.cli.common import acting, actor, as_json, database, show_rows, tell, with_reason
from officeflow.events import decisions, lookup, shown
from officeflow.tenants import organizations


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
        rows = [shown.unsent_to_json(each) for each in lookup.unsent(session, org_id=org_id, limit=limit)]
    show_rows(rows, json_output=json_output, nothing="everything is in Kafka")


@outbox.command()
@click.argument("name", metavar="ID")
@with_reason
@acting
def retry(name: str, why: str, login: str | None) -> None:
    """Send a message that was set aside after all, for instance because the topic takes larger ones now.

    Its id stays.
    """
    with database() as db:
        message_id = decisions.send_again(db, name, why=why, by=actor(login))
    tell(f"message {message_id} will be sent again")


@outbox.command()
@click.argument("name", metavar="ID")
@with_reason
@acting
def discard(name: str, why: str, login: str | None) -> None:
    """Delete a message that was set aside: nobody will be told."""
    with database() as db:
        message_id = decisions.discard_unsent(db, name, why=why, by=actor(login))
    tell(f"message {message_id} is discarded")
