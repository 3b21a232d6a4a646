"""`officeflow org privacy`, `officeflow org retention`: what is settled about people's data."""

from __future__ import annotations

from collections.abc import Sequence

import click

from officeflow.cli.common import acting, actor, as_json, database, show_one, show_rows
from officeflow.errors import InvalidInput
from officeflow.privacy import retention, settled

FOR_EVER = "for-ever"


@click.command(name="privacy")
@click.argument("slug")
@click.option(
    "--two-person/--one-person",
    default=None,
    help="Whether a second admin has to agree before somebody is erased.",
)
@click.option("--why", help="The reason of a change, for the audit log.")
@acting
@as_json
def org_privacy(
    slug: str, why: str | None, login: str | None, *, two_person: bool | None, json_output: bool
) -> None:
    """Show or change who has to agree before a person of the organization is erased."""
    with database() as db:
        found = (
            settled.shown(db, slug)
            if two_person is None
            else settled.settle(db, slug, agree=two_person, why=_reason(why), by=actor(login))
        )
    show_one({settled.TWO_PERSON: found[settled.TWO_PERSON]}, json_output=json_output)


@click.command(name="retention")
@click.argument("slug")
@click.option(
    "--keep",
    "kept",
    multiple=True,
    metavar="NAME=DAYS",
    help="Keep what has this name for so many days, or `for-ever`; repeat it for more.",
)
@click.option(
    "--apply", is_flag=True, help="Remove now what is older; the DAG officeflow_retention does daily."
)
@click.option("--why", help="The reason of a change, for the audit log.")
@acting
@as_json
def org_retention(
    slug: str, kept: Sequence[str], why: str | None, login: str | None, *, apply: bool, json_output: bool
) -> None:
    """Show or change how long the organization keeps what."""
    with database() as db:
        if kept:
            changes = dict(map(_days, kept))
            settled.settle(db, slug, retention=changes, why=_reason(why), by=actor(login))
        if apply:
            done = retention.apply(db, slug)
            shown = {"done": done.done, "unfinished": done.unfinished, "refused": done.refused}
            show_one(shown, json_output=json_output)
            return
        days = settled.shown(db, slug)[settled.DAYS]
    rows = [
        {"name": name, "days": FOR_EVER if days[name] is None else days[name], "what": each.what}
        for name, each in settled.KEPT.items()
    ]
    show_rows(rows, json_output=json_output, nothing="nothing is kept")


def _reason(why: str | None) -> str:
    if not why:
        raise InvalidInput("a change needs its reason", hint="give --why")
    return why


def _days(text: str) -> tuple[str, int | None]:
    name, equals, days = text.partition("=")
    if equals and days == FOR_EVER:
        return name, None
    if not equals or not days.isdecimal():
        raise InvalidInput(
            f"--keep {text!r} is not of the form NAME=DAYS", hint=f"such as acts=365, acts={FOR_EVER}"
        )
    return name, int(days[:7])
