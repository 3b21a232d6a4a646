"""`officeflow org time-zone`: by whose clocks an organization's workflows wait."""

from __future__ import annotations

import click

from officeflow.cli.common import acting, actor, as_json, database, show_one
from officeflow.errors import InvalidInput
from officeflow.tenants import administration, organizations


@click.command(name="time-zone")
@click.argument("slug")
@click.argument("zone", required=False)
@click.option("--why", help="The reason of a change, for the audit log.")
@acting
@as_json
def org_time_zone(
    slug: str, zone: str | None, why: str | None, login: str | None, *, json_output: bool
) -> None:
    """Show or change the time zone of an organization: ZONE is its IANA name, such as Europe/Madrid.

    It counts where a person has none of their own; without it, UTC does.
    """
    with database() as db:
        if zone is not None:
            if not why:
                raise InvalidInput("a change needs its reason", hint="give --why")
            settled = administration.settle_time_zone(db, slug, zone, why=why, by=actor(login))
        else:
            with db.service() as session:
                settled = organizations.time_zone(organizations.find(session, slug))
    show_one({"time_zone": settled or "UTC"}, json_output=json_output)
