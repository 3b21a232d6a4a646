"""`officeflow org events`: what an organization has settled about the payloads of its events."""

from __future__ import annotations

import click

from officeflow.cli.common import acting, actor, as_json, database, show_one
from officeflow.errors import InvalidInput
from officeflow.events import rules
from officeflow.tenants import administration, organizations


@click.command(name="events")
@click.argument("slug")
@click.option(
    "--show",
    multiple=True,
    metavar="FIELD",
    help="Show this field of payloads, which is in no schema; repeat it for more.",
)
@click.option(
    "--hide", multiple=True, metavar="FIELD", help="Encrypt this field again, from the next event on."
)
@click.option(
    "--although-private", is_flag=True, help="With --show: also a field that is private by its name."
)
@click.option(
    "--empty-text-is-null/--empty-text-is-text",
    default=None,
    help="Read empty text in payloads as null, or as it is.",
)
@click.option("--why", help="The reason of a change, for the audit log.")
@acting
@as_json
def org_events(
    slug: str,
    show: tuple[str, ...],
    hide: tuple[str, ...],
    why: str | None,
    login: str | None,
    *,
    although_private: bool,
    empty_text_is_null: bool | None,
    json_output: bool,
) -> None:
    """Show or change what of its events' payloads an organization shows.

    Fields that no schema names are encrypted and never reach Airflow, unless they are shown here.
    """
    change = rules.Change(
        show=show, hide=hide, empty_text_is_null=empty_text_is_null, although_private=although_private
    )
    with database() as db:
        if show or hide or empty_text_is_null is not None:
            if not why:
                raise InvalidInput("a change needs its reason", hint="give --why")
            settled = administration.settle_events(db, slug, change, why=why, by=actor(login))
        else:
            with db.service() as session:
                settled = rules.current(organizations.find(session, slug))
    show_one(settled, json_output=json_output)
