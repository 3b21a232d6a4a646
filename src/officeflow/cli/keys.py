"""`officeflow keys`: the keys that data is encrypted by."""

from __future__ import annotations

import time

import click

from officeflow.cli.common import (
    acting,
    actor,
    as_json,
    database,
    echo,
    show_json,
    show_rows,
    tell,
    with_reason,
)
from officeflow.privacy import rotation
from officeflow.program import typed
from officeflow.statuses import KeyPassState

LOOK_SECONDS = 1.0


@click.group()
def keys() -> None:
    """The keys that data is encrypted by.

    Each person's data is under a key of its own, wrapped by the organization's, which the installation's
    wraps (OFFICEFLOW_ENCRYPTION_KEYS).
    """


@keys.command()
@click.argument("org", required=False)
@click.option("--watch", is_flag=True, help="Until nothing is under way any more.")
@as_json
def status(org: str | None, *, watch: bool, json_output: bool) -> None:
    """Show how many keys there are, and how far their replacement is."""
    with database() as db:
        while True:
            found, standing = rotation.progress(db, org), rotation.standing(db)
            if not watch or all(each.way.state == KeyPassState.DONE for each in found):
                break
            echo("; ".join(_line(each) for each in found if each.way.state != KeyPassState.DONE))
            time.sleep(LOOK_SECONDS)
    rows = [each.to_json() for each in found]
    if json_output:
        counts = {name: getattr(standing, name) for name in ("organizations", "people", "destroyed", "older")}
        show_json({**counts, "only_the_first_is_needed": standing.only_the_first_is_needed, "ways": rows})
        return
    tell(
        f"keys of {standing.organizations} organizations and {standing.people} people;"
        f" {standing.destroyed} were destroyed"
    )
    tell(
        "of OFFICEFLOW_ENCRYPTION_KEYS only the first is needed"
        if standing.only_the_first_is_needed
        else "keep every key of OFFICEFLOW_ENCRYPTION_KEYS: what is under older ones is not done yet"
    )
    shown = ("organization", "kind", "state", "at", "round", "rows", "seen", "changed", "unread", "began")
    show_rows(
        [{name: row[name] for name in shown} for row in rows],
        json_output=False,
        nothing="nothing was ever replaced",
    )


@keys.command()
@click.argument("org", required=False)
@click.option(
    "--people", is_flag=True, help="Replace the keys of all its people too, not only what wraps them."
)
@click.option(
    "--installation",
    is_flag=True,
    help="Bring everything under the first of OFFICEFLOW_ENCRYPTION_KEYS, which every process has by now.",
)
@with_reason
@acting
def rotate(org: str | None, why: str, login: str | None, *, people: bool, installation: bool) -> None:
    """Replace the key of ORG, or what is under the installation's older keys.

    What is written from now on is under the new key; the steward brings the rest there, and goes on where it
    was after every restart.
    """
    if (org is None) == (not installation):
        raise click.UsageError("name an organization, or give --installation")
    if installation and people:
        raise click.UsageError("--people is for one organization")
    with database() as db:
        if org is None:
            begun = len(rotation.rotate_installation(db, why=why, by=actor(login)))
            tell(f"begun for {begun} organizations")
        else:
            rotation.rotate_organization(db, org, why=why, by=actor(login), people=people)
            tell(f"begun: what is written from now on is under the new key of {org}")
    tell(f"`{typed('keys status')}` shows how far it is")


def _line(each: rotation.Progress) -> str:
    way = each.way
    at = way.table_name or "keys"
    return f"{each.organization}: round {way.round}, {at}, {way.seen} of {each.rows} rows seen"
