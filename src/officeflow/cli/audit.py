"""`officeflow audit`: read and verify the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from officeflow.audit import chain, comparison, store, tags
from officeflow.cli.common import as_json, database, show_json, show_rows, tell
from officeflow.counts import counted
from officeflow.database.tables import AuditRecord
from officeflow.errors import InvalidInput, Problem
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
@click.option(
    "--limit",
    default=50,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="At most so many of the newest.",
)
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

    The chain is compared with its heads as they were noted in the folder of the anchors and on the topic
    audit.anchors; each act, event and run that has ended must be in the log.
    """
    found = _examined(org, chain.Head.parse(anchor) if anchor else None)
    if json_output:
        show_json(found.as_json())
    elif not found.problems:
        whole = f"{found.org}: the chain of {counted(found.head.sequence, 'record')} is whole"
        tell(f"{whole}; {found.waiting} still to be chained\nanchor: {found.head}")
        tell("\n".join(found.compared()))
        if found.head.sequence and not found.has_anchors:
            tell("nothing outside of the database confirms it: who emptied the database would not be found")
    if found.problems:
        lines = [f"the audit log of {found.org} is not whole", *map(str, found.problems), *found.compared()]
        raise click.ClickException("\n  ".join(lines))


@dataclass(frozen=True, slots=True)
class _Examined:
    """What `verify` found.

    `has_anchors`: whether a head that was noted outside of the database was at hand.
    """

    org: str
    head: chain.Head
    waiting: int
    has_anchors: bool
    sources: Sequence[Source]
    problems: Sequence[Problem]

    def as_json(self) -> dict[str, Any]:
        return {
            "org": self.org,
            "records": self.head.sequence,
            "waiting": self.waiting,
            "anchor": str(self.head),
            "anchors": [source.as_json() for source in self.sources],
            "problems": list(map(str, self.problems)),
        }

    def compared(self) -> list[str]:
        return [str(source) if source.away else f"compared with {source}" for source in self.sources]


def _examined(org: str, given: chain.Head | None) -> _Examined:
    from officeflow.doctor import anchors

    settings = load_settings()
    key = chain.key_from_settings(settings)
    tags.require_key()
    with database() as db, db.service() as session:
        organization = organizations.find(session, org)
        # Asked before the chain is read: what is noted meanwhile is of records that are there by then.
        sources = anchors.consult(settings, [organization.org_id], key)[organization.org_id]
        noted = [each.head for source in sources for each in source.found.anchors] + (
            [given] if given else []
        )
        problems = chain.verify(session, organization.org_id, key=key, anchors=noted)
        problems += comparison.missing(session, organization.org_id)
        problems += [problem for source in sources for problem in source.problems()]
        return _Examined(
            org=organization.slug,
            head=chain.head_of(session, organization.org_id),
            waiting=store.waiting(session, organization.org_id),
            has_anchors=bool(noted),
            sources=sources,
            problems=problems,
        )


def _row(record: AuditRecord) -> dict[str, Any]:
    return {
        "number": record.sequence,
        "at": record.occurred_at.isoformat(timespec="seconds"),
        "actor": record.actor,
        "action": record.action,
        "subject": record.subject,
        "details": record.details,
        "correlation_id": record.correlation_id,
        "genuine": _genuine(record),
    }


def _genuine(record: AuditRecord) -> bool | None:
    """Whether OfficeFlow wrote it, and nobody changed it; None where this process has not the keys to
    tell.
    """
    try:
        return chain.is_genuine(chain.key_from_settings(), record) is True
    except InvalidInput:
        return None
