"""`officeflow audit`: read and verify the audit log."""

from __future__ import annotations

from typing import Any

import click

from officeflow.audit import chain, comparison, store, tags
from officeflow.cli.common import as_json, database, echo, show_json, show_rows
from officeflow.database.tables import AuditRecord
from officeflow.settings import load_settings
from officeflow.tenants import organizations


@click.group()
def audit() -> None:
    """The append-only log of what was done, by whom, to what."""


@audit.command(name="list")
@click.argument("org")
@click.option("--subject", help="Only what is about this, such as employee:E1001.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="At most so many of the newest.")
@as_json
def list_(org: str, subject: str | None, limit: int, *, json_output: bool) -> None:
    """Show the newest records of ORG, the oldest of them first."""
    with database() as db, db.service() as session:
        records = store.newest(session, organizations.find(session, org).org_id, subject=subject, limit=limit)
        rows = [_row(record) for record in records]
    show_rows(rows, json_output=json_output, nothing="no audit records")


@audit.command()
@click.argument("org")
@click.option("--anchor", help="NUMBER:HEX that an earlier `verify` printed: the chain must still hold it.")
@as_json
def verify(org: str, anchor: str | None, *, json_output: bool) -> None:
    """Check that no record of ORG was changed, forged, taken out or cut off; exit status 1 if one was.

    The chain is compared with its heads as they were noted in the folder of the anchors and on the topic audit.anchors; each act, event
    and run that has ended must be in the log.
    """
    from officeflow.doctor import anchors

    settings = load_settings()
    key, given = chain.key_from_settings(settings), [chain.Head.parse(anchor)] if anchor else []
    tags.require_key()
    with database() as db, db.service() as session:
        organization = organizations.find(session, org)
        # Asked before the chain is read: what is noted meanwhile is of records that are there by then.
        sources = anchors.consult(settings, [organization.org_id], key)[organization.org_id]
        noted = [anchor.head for source in sources for anchor in source.found.anchors]
        problems = chain.verify(session, organization.org_id, key=key, anchors=[*given, *noted])
        problems += comparison.missing(session, organization.org_id)
        problems += [problem for source in sources for problem in source.problems()]
        head, waiting = chain.head_of(session, organization.org_id), store.waiting(session, organization.org_id)
    if json_output:
        counts = {"records": head.sequence, "waiting": waiting}
        consulted = [source.as_json() for source in sources]
        show_json({"org": organization.slug, **counts, "anchor": str(head), "anchors": consulted, "problems": list(map(str, problems))})
    elif not problems:
        echo(f"{organization.slug}: the chain of {head.sequence} records is whole; {waiting} wait to be chained\nanchor: {head}")
        echo("\n".join(f"compared with {source}" if not source.away else f"{source}" for source in sources))
        if head.sequence and not noted and not given:
            echo("nothing outside of the database confirms it: who emptied the database would not be found")
    if problems:
        raise click.ClickException("\n  ".join([f"the audit log of {organization.slug} is not whole", *map(str, problems)]))


def _row(record: AuditRecord) -> dict[str, Any]:
    return {
        "number": record.sequence,
        "at": record.occurred_at.isoformat(timespec="seconds"),
        "actor": record.actor,
        "action": record.action,
        "subject": record.subject,
        "details": record.details,
        "correlation_id": record.correlation_id,
    }
