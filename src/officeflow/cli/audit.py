"""`officeflow audit`: read and verify the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from officeflow.audit import chain, shown, store
from officeflow.cli.common import as_json, database, show_json, show_rows, tell
from officeflow.counts import counted
from officeflow.settings import load_settings
from officeflow.tenants import organizations

if TYPE_CHECKING:
    from officeflow.doctor.anchors import Source


@click.group()
def audit() -> None:
    """The append-only log of what was done, by whom, to what."""


@audit.command(name="list")
@click.argument("org")
@click.option("--subject", help="Only what is about this, such as employee:E1001.")
@click.option("--action", help="Only what was done under this name, such as act.done, or has it now.")
@click.option(
    "--limit",
    default=50,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="At most so many of the newest.",
)
@as_json
def list_(org: str, subject: str | None, action: str | None, limit: int, *, json_output: bool) -> None:
    """Show the newest records of ORG, the oldest of them first."""
    with database() as db, db.service() as session:
        org_id = organizations.find(session, org).org_id
        records = store.newest(session, org_id, subject=subject, action=action, limit=limit)
        rows = [shown.to_json(record) for record in records]
    show_rows(rows, json_output=json_output, nothing="no audit records")


@audit.command()
@click.argument("org")
@click.option("--anchor", help="NUMBER:HEX that an earlier `verify` printed: the chain must still hold it.")
@as_json
def verify(org: str, anchor: str | None, *, json_output: bool) -> None:
    """Check that no record of ORG was changed, forged, taken out or cut off; exit status 1 if one was.

    The chain is compared with its heads as they were noted in the folder of the anchors and on the topic
    audit.anchors; each act, event and run that has ended must be in the log.
    """
    from officeflow.doctor.audit_log import examine

    given = chain.Head.parse(anchor) if anchor else None
    with database() as db:
        found = examine(db, load_settings(), org, given)
    if json_output:
        show_json(found.to_json())
    elif not found.problems:
        whole = f"{found.org}: the chain of {counted(found.head.sequence, 'record')} is whole"
        tell(f"{whole}; {found.waiting} still to be chained\nanchor: {found.head}")
        tell("\n".join(found.compared()))
        if found.head.sequence and not found.has_anchors:
            tell(f"nothing outside of the database confirms it{_noted(found.sources)}")
    if found.problems:
        lines = [f"the audit log of {found.org} is not whole", *map(str, found.problems), *found.compared()]
        raise click.ClickException("\n  ".join(lines))


def _noted(sources: Sequence[Source]) -> str:
    """Why nothing does, and what that means."""
    if all(source.away for source in sources):
        return ": who emptied the database would not be found"
    return (
        f" yet: the steward notes the newest record there every {load_settings().audit_anchor_seconds:g} s."
        " Until then, who emptied the database would not be found"
    )
