"""`officeflow drift`: where systems differ from the record and the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from officeflow.cli.common import as_json, database, show_json, show_rows, tell
from officeflow.cli.planning import inquiries
from officeflow.counts import counted
from officeflow.errors import InvalidInput
from officeflow.tenants import organizations

LONGEST_SECONDS = 3600
"""That a task of Airflow's takes to look."""
INCOMPLETE = 3
"""Exit status where nothing is found, and some system was not looked at."""


@click.command()
@click.argument("org")
@click.argument("names", nargs=-1, metavar="[CONNECTION]...")
@click.option(
    "--wait",
    "seconds",
    type=click.IntRange(1, LONGEST_SECONDS),
    metavar="SECONDS",
    default=150,
    show_default=True,
    help=f"How long the comparison may take, {LONGEST_SECONDS} at most.",
)
@as_json
def drift(org: str, names: Sequence[str], *, seconds: int, json_output: bool) -> None:
    """Compare the accounts in ORG's systems with its people and its access rules.

    Told are leavers whose accounts are active, accounts that nobody employs, and groups, roles, licences and
    applications that rules give to others alone. All connections to systems with accounts, or those named. A
    task of Airflow's looks, and changes nothing. Exit status: 0 nothing is found; 1 something is; 3 nothing
    is, and some system was not looked at.
    """
    from officeflow.cli.identity import principal
    from officeflow.runner.inquiring import questions
    from officeflow.tenants.connections import Connections

    with database() as db:
        with organizations.entered(db, org) as (session, org_id):
            slug = organizations.find(session, org).slug
        with inquiries(db, quiet=json_output, seconds=seconds) as asking:
            connections = Connections(db, asking.airflow, of_platform=True)
            wanted = connections.of_identity(slug, names)
            if not wanted:
                raise InvalidInput(f"{slug} has no connection to a system with accounts")
            question = questions.of_drift(wanted, org=slug, org_id=org_id, by=principal())
            found = asking.ask(org_id, slug, question)
    if json_output:
        show_json(found)
    else:
        _show(found)
    if found["found"]:
        click.get_current_context().exit(1)
    if not found["complete"]:
        click.get_current_context().exit(INCOMPLETE)


def _show(found: Mapping[str, Any]) -> None:
    rows = [
        {name: each[name] for name in ("connection", "account", "employee", "told")}
        for of_one in found["connections"]
        for each in of_one["differences"]
    ]
    if rows:
        show_rows(rows, json_output=False, nothing="")
    for each in found["connections"]:
        if not each["looked"]:
            tell(f"{each['connection']}: not looked at: {each['why']}")
            continue
        more = f", of which {each['not_told']} are not listed" if each["not_told"] else ""
        tell(
            f"{each['connection']}: {counted(each['accounts'], 'account')} compared,"
            f" {counted(each['found'], 'difference')}{more}"
        )
