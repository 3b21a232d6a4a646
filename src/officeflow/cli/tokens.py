"""`officeflow token`: what programs sign in with at the API."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from officeflow.cli.common import acting, as_json, database, principal, show_one, show_rows, tell
from officeflow.clock import SystemClock
from officeflow.database.pages import every
from officeflow.program import typed
from officeflow.tenants import issuing, organizations
from officeflow.tenants.issuing import DAYS, MOST_DAYS, MOST_OLD_FOR_HOURS, OLD_FOR_HOURS, Issued, Token

CLOCK = SystemClock()
_DAYS = click.option(
    "--days",
    default=DAYS,
    show_default=True,
    type=click.IntRange(1, MOST_DAYS),
    help="How long it holds.",
)


@click.group()
def token() -> None:
    """Tokens of service accounts. A token is shown once; its first twelve characters name it."""


@token.command()
@click.argument("org")
@click.argument("account")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="PERMISSION",
    help="Narrow it to this permission, such as run.read; repeat it for more. Without: all of its role.",
)
@_DAYS
@acting
@as_json
def create(
    org: str, account: str, scopes: tuple[str, ...], days: int, login: str | None, *, json_output: bool
) -> None:
    """Make a token of the service account ACCOUNT of ORG, and show it this once."""
    with database() as db:
        made = issuing.issue(db, CLOCK, org, account, scopes=scopes or None, days=days, by=principal(login))
    _show_new(made, json_output=json_output)


@token.command(name="list")
@click.argument("org")
@click.option("--account", default="", help="Those of one service account alone.")
@as_json
def list_(org: str, account: str, *, json_output: bool) -> None:
    """Show the tokens of ORG, the newest first, also those that hold no more."""
    with database() as db, organizations.entered(db, org) as (session, org_id):
        fetch = partial(issuing.page, session, org_id, CLOCK.now(), account=account)
        rows = [_row(each) for each in every(fetch)]
    nothing = f"no tokens; `{typed('token create')}` makes one"
    show_rows(rows, json_output=json_output, nothing=nothing)


@token.command()
@click.argument("org")
@click.argument("prefix")
@acting
def revoke(org: str, prefix: str, login: str | None) -> None:
    """Let the token of ORG that begins with PREFIX open nothing any more, within five seconds."""
    with database() as db:
        issuing.revoke(db, CLOCK, org, prefix, by=principal(login))
    tell(f"{prefix} is revoked")


@token.command()
@click.argument("org")
@click.argument("prefix")
@_DAYS
@click.option(
    "--old-for",
    "old_for_hours",
    default=OLD_FOR_HOURS,
    show_default=True,
    type=click.IntRange(0, MOST_OLD_FOR_HOURS),
    help="Hours that the old one goes on, at most; 0: it is revoked at once.",
)
@acting
@as_json
def rotate(
    org: str, prefix: str, days: int, old_for_hours: int, login: str | None, *, json_output: bool
) -> None:
    """Make a token of ORG that allows what the one does that begins with PREFIX, and show it this once."""
    with database() as db:
        made = issuing.rotate(
            db, CLOCK, org, prefix, days=days, old_for_hours=old_for_hours, by=principal(login)
        )
    _show_new(made, json_output=json_output)


def _show_new(made: Issued, *, json_output: bool) -> None:
    show_one({"token": made.text, **_row(made.token)}, json_output=json_output)
    if not json_output:
        tell("Keep the token now: nobody can show it again.", err=True)


def _row(token: Token) -> dict[str, Any]:
    """With times as text, which JSON takes too."""
    return {
        name: value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else value
        for name, value in token.to_json().items()
    }
