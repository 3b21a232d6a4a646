"""`officeflow workflow protect|unprotect|plan`, and `workflow draft`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
from officeflow.cli.reading import read_bytes
from officeflow.clock import SystemClock
from officeflow.database.pages import MOST, Wanted
from officeflow.errors import InvalidInput
from officeflow.events.envelope import MAX_EVENT_BYTES
from officeflow.program import typed
from officeflow.settings import load_settings
from officeflow.tenants import organizations
from officeflow.workflows import drafts, protection, store, validation
from officeflow.workflows.models import Definition

STARTS = {True: "it starts", False: "it does not start", None: "if it ran"}

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


@click.command()
@click.argument("slug_or_file", metavar="SLUG|FILE")
@in_org
@click.option("--version", type=click.IntRange(1), help="Which version; the newest where it is left out.")
@click.option(
    "--event",
    "path",
    type=click.Path(path_type=Path, allow_dash=True),
    help="For this event: a file as `event send` takes it, - for standard input.",
)
@click.option("--employee", help="Or for this person, by the HR system's identifier.")
@as_json
def plan(
    slug_or_file: str,
    *,
    org_slug: str,
    version: int | None,
    path: Path | None,
    employee: str | None,
    json_output: bool,
) -> None:
    """Show what a run would do for an event or a person, and do none of it."""
    from officeflow.runner.planning import given as planning
    from officeflow.runner.planning import plan as plans

    if (path is None) is (employee is None):
        raise InvalidInput("say for what", hint="give --event or --employee")
    with database() as db:
        with organizations.entered(db, org_slug) as (session, org_id):
            definition = _definition_in(slug_or_file)
            if definition is None:
                row = store.version(session, store.find(session, org_id, slug_or_file), version)
                definition = Definition.model_validate(row.definition)
        if path is not None:
            body = read_bytes(path, most=MAX_EVENT_BYTES, what="an event")
            about = planning.of_event(db, SystemClock(), load_settings(), org_id, body, knows_person=True)
        else:
            about = planning.of_person(db, org_id, employee or "")
    made = plans.make(definition, about)
    if json_output:
        show_json(plans.to_json(made))
        return
    tell(f"{STARTS[made.starts]}: {made.why}")
    show_rows([_line(each) for each in made.nodes], json_output=False, nothing="it has no nodes")
    for each in made.nodes:
        for problem in each.problems:
            tell(f"{each.key}: {problem}")
    tell("A plan cannot know " + "; ".join(made.cannot_know) + ".")


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


COMMANDS: tuple[click.Command, ...] = (protect, unprotect, plan, draft)


def _definition_in(path: str) -> Definition | None:
    if path != "-" and "." not in path and "/" not in path:
        return None
    content = read_bytes(path, most=validation.MAX_TEXT, what="a workflow definition")
    return validation.parse(validation.from_text(content))


def _line(node: Any) -> dict[str, Any]:
    return {
        "node": node.key,
        "type": node.type,
        "verdict": node.verdict,
        "why": node.why,
        "params": node.params,
    }
