"""`officeflow inbox`: what arrived, what could not be taken, and what came of both."""

from __future__ import annotations

from pathlib import Path

import click

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
    with_reason,
)
from officeflow.cli.reading import read_bytes
from officeflow.clock import SystemClock
from officeflow.events import decisions, lookup, shown
from officeflow.events.envelope import MAX_EVENT_BYTES
from officeflow.program import typed
from officeflow.settings import load_settings
from officeflow.tenants import organizations


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
                shown.letter_to_json(each)
                for each in lookup.letters(session, org_id=org_id, only_open=not resolved, limit=limit)
            ]
            show_rows(rows, json_output=json_output, nothing="nothing is in quarantine")
        else:
            rows = [
                shown.event_to_json(each)
                for each in lookup.events(session, org_id=org_id, failed=failed, limit=limit)
            ]
            none = (
                "no event waits, and none started less than it should"
                if failed
                else f"no events; `{typed('event send')}` sends one"
            )
            show_rows(rows, json_output=json_output, nothing=none)


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
        if body:
            echo_bytes(shown.body_of(lookup.find(session, name)))
            return
        found = shown.whole_to_json(lookup.find(session, name))
    if "runs" in found and not json_output:
        found["runs"] = run_lines(found["runs"])
    show_one(found, json_output=json_output)


@inbox.command()
@click.argument("name", metavar="ID")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, allow_dash=True),
    help="The corrected event, or - for standard input.",
)
@with_reason
@acting
def replay(name: str, path: Path | None, why: str, login: str | None) -> None:
    """Take a quarantined message after all (as it is, or corrected), or match and dispatch an event once
    more.

    A run that exists already stays the only one for its event and workflow.
    """
    corrected = read_bytes(path, most=MAX_EVENT_BYTES, what="an event") if path else None
    with database() as db:
        done = decisions.replay(
            db, SystemClock(), load_settings(), name, corrected=corrected, why=why, by=actor(login)
        )
    if isinstance(done, decisions.Replayed):
        tell(f"message {done.dead_letter_id} is in the inbox as event {done.event_id}")
    else:
        tell(f"event {done.inbox_id} will be dispatched again")


@inbox.command()
@click.argument("name", metavar="ID")
@with_reason
@acting
def discard(name: str, why: str, login: str | None) -> None:
    """Close a quarantined message without taking it. It is kept."""
    with database() as db:
        dead_letter_id = decisions.discard(db, SystemClock(), name, why=why, by=actor(login))
    tell(f"message {dead_letter_id} is discarded")
