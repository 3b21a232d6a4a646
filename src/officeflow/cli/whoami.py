"""`officeflow whoami`."""

from __future__ import annotations

import click

from officeflow.cli.common import as_json, database, principal, show_json, show_one, show_rows, tell
from officeflow.counts import counted
from officeflow.program import typed
from officeflow.tenants.membership import memberships


@click.command()
@as_json
def whoami(*, json_output: bool) -> None:
    """Show who acts, the organizations that they see, and what they may do in each."""
    who = principal()
    with database() as db:
        seen = memberships(db, who)
    about = {"actor": who.actor, "login": who.login, "is_platform_admin": who.is_platform_admin}
    if json_output:
        organizations = [
            {"slug": each.slug, "name": each.name, "role": each.role, "permissions": each.permissions}
            for each in seen
        ]
        show_json({**about, "organizations": organizations})
        return
    show_one(about, json_output=False)
    rows = [
        {
            "organization": each.slug,
            "role": each.role or "platform admin",
            "may": counted(len(each.permissions), "permission"),
        }
        for each in seen
    ]
    show_rows(rows, json_output=False, nothing="there are no organizations yet")
    if len(seen) == 1:
        tell(f"in {seen[0].slug}: {', '.join(seen[0].permissions)}")
    elif seen:
        tell(f"`{typed('whoami')} --json` names the permissions")
