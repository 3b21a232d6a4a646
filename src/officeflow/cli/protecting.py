"""`officeflow workflow protect|unprotect`, and `workflow draft`."""

from __future__ import annotations

import click

from officeflow.cli.common import (
    WAITS_FOR_SECOND,
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
from officeflow.database.pages import MOST, Wanted
from officeflow.program import typed
from officeflow.tenants import organizations
from officeflow.workflows import drafts, protection

in_org = click.option(
    "--org", "org_slug", required=True, envvar="OFFICEFLOW_ORG", help="The organization, by slug or UUID."
)


@click.command()
@click.argument("slug")
@in_org
@with_reason
@acting
def protect(slug: str, *, org_slug: str, why: str, login: str | None) -> None:
    """From now on a second admin releases what is published to it."""
    with database() as db:
        with organizations.entered(db, org_slug) as (_, org_id):
            pass
        changed = protection.protect(db, org_id, slug, why=why, by=actor(login))
    tell(f"{slug}: {'protected' if changed else 'is protected already'}")


@click.command()
@click.argument("slug")
@in_org
@with_reason
@acting
def unprotect(slug: str, *, org_slug: str, why: str, login: str | None) -> None:
    """Ask that it be protected no more, which a second admin decides (status 3)."""
    with database() as db:
        with organizations.entered(db, org_slug) as (_, org_id):
            pass
        asked = protection.ask_to_unprotect(db, org_id, slug, why=why, by=actor(login))
    if asked is None:
        tell(f"{slug}: is not protected")
        return
    approve = f"`{typed('release approve')} {asked.release_id} --org {org_slug} --login LOGIN`"
    tell(f"{slug}: waits for release {asked.release_id}, and is protected until another admin says {approve}")
    click.get_current_context().exit(WAITS_FOR_SECOND)


@click.group()
def draft() -> None:
    """Definitions that people work on in the designer."""


@draft.command(name="list")
@in_org
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, MOST))
@as_json
def draft_list(org_slug: str, limit: int, *, json_output: bool) -> None:
    """Show those that were written last."""
    with database() as db, organizations.entered(db, org_slug) as (session, org_id):
        rows = [drafts.to_json(each) for each in drafts.page(session, org_id, Wanted(limit)).rows]
    show_rows(rows, json_output=json_output, nothing="nobody has a draft")


@draft.command(name="show")
@click.argument("name", metavar="ID")
@in_org
def draft_show(name: str, org_slug: str) -> None:
    """Print what a draft says, as JSON: a file that `workflow publish` takes once it is valid."""
    with database() as db, organizations.entered(db, org_slug) as (session, org_id):
        found = drafts.find(session, org_id, name)
    show_json(found.content)


@draft.command(name="delete")
@click.argument("name", metavar="ID")
@in_org
@acting
def draft_delete(name: str, org_slug: str, login: str | None) -> None:
    """Delete a draft, whoever works on it."""
    with database() as db:
        with organizations.entered(db, org_slug) as (_, org_id):
            pass
        drafts.delete(db, org_id, name, by=actor(login), seen=lambda _: None)
    echo(f"draft {name} is deleted")


COMMANDS: tuple[click.Command, ...] = (protect, unprotect, draft)
