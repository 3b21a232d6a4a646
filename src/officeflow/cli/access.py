"""`officeflow access`: what people should have in an organization's systems."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

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
from officeflow.counts import counted
from officeflow.program import typed
from officeflow.settings import load_settings

if TYPE_CHECKING:
    from officeflow.access.rules import Rules
    from officeflow.database.engine import Database
    from officeflow.tenants.connections import Connections

MAX_RULES = 4 * 1024**2
"""Bytes of a file."""


@click.group()
def access() -> None:
    """What people should have in an organization's systems, by its rules."""


@access.group()
def rules() -> None:
    """The organization's rules: who gets which groups, roles, licences and applications."""


@rules.command()
@click.argument("org")
@as_json
def show(org: str, *, json_output: bool) -> None:
    """Print the rules of ORG that count, as `set` takes them; with --json also their version, who set them
    and why.
    """
    from officeflow.access import store
    from officeflow.tenants import organizations

    with database() as db, organizations.entered(db, org) as (session, org_id):
        kept = store.newest(session, org_id)
    if not json_output and not kept.version:
        tell("no access rules", err=True)
    show_json(kept.to_json() if json_output else kept.document)


@rules.command(name="set")
@click.argument("org")
@click.argument("file")
@with_reason
@acting
@as_json
def set_(org: str, file: str, why: str, login: str | None, *, json_output: bool) -> None:
    """Let the rules in FILE (JSON; `-` reads standard input) count for ORG from now on, instead of those
    before. What people have is left as it is: nodes and people apply rules. Protected rules wait for a second
    admin (status 3).
    """
    from officeflow.workflows import rules_protection

    content = _read(file)
    with _connections() as (db, connections):
        wanted = _checked(content, org, connections)
        settled = rules_protection.settle(db, org, wanted, why=why, by=actor(login))
    version, release = settled.kept.version, settled.release
    if json_output:
        waits = None if release is None else str(release.release_id)
        show_json({"version": version, "changed": settled.changed, "release": waits})
    elif release is None:
        said = "set" if settled.changed else "they say the same already"
        tell(f"access rules of {org}: {counted(len(wanted.rules), 'rule')}, version {version}: {said}")
    else:
        told = f"version {version} counts until another admin says {_approve(release.release_id, org)}"
        tell(f"access rules of {org}: {told}")
    if release is not None:
        click.get_current_context().exit(WAITS_FOR_SECOND)


@rules.command()
@click.argument("org")
@with_reason
@acting
def protect(org: str, why: str, login: str | None) -> None:
    """From now on a second admin releases the rules of ORG that are set."""
    from officeflow.workflows import rules_protection

    with database() as db:
        changed = rules_protection.protect(db, org, why=why, by=actor(login))
    tell(f"access rules of {org}: {'protected' if changed else 'are protected already'}")


@rules.command()
@click.argument("org")
@with_reason
@acting
def unprotect(org: str, why: str, login: str | None) -> None:
    """Ask that the rules of ORG be protected no more, which a second admin decides (status 3)."""
    from officeflow.workflows import rules_protection

    with database() as db:
        asked = rules_protection.ask_to_unprotect(db, org, why=why, by=actor(login))
    if asked is None:
        tell(f"access rules of {org}: are not protected")
        return
    tell(f"access rules of {org}: are protected until another admin says {_approve(asked.release_id, org)}")
    click.get_current_context().exit(WAITS_FOR_SECOND)


def _approve(release: uuid.UUID, org: str) -> str:
    return f"`{typed('release approve')} {release} --org {org} --login LOGIN`"


@rules.command()
@click.argument("org")
@click.argument("file")
def check(org: str, file: str) -> None:
    """Show everything that is wrong with the rules in FILE for ORG, and set nothing."""
    content = _read(file)
    with _connections() as (_, connections):
        wanted = _checked(content, org, connections)
    tell(f"{file}: valid, {counted(len(wanted.rules), 'rule')}")


@access.command()
@click.argument("org")
@click.argument("employee")
@as_json
def of(org: str, employee: str, *, json_output: bool) -> None:
    """Show what EMPLOYEE of ORG should have, with the record as it is now, and by which rules."""
    from officeflow.access import people
    from officeflow.clock import SystemClock
    from officeflow.tenants import organizations

    with database() as db, organizations.entered(db, org) as (session, org_id):
        found = people.of_person(session, org_id, employee, SystemClock().now())
    if json_output:
        show_json(found.to_json())
        return
    if found.has_left:
        tell(f"{found.employee} has left: nothing is theirs")
        return
    rows = [_row(each.to_json()) for each in found.entitlements]
    show_rows(rows, json_output=False, nothing="no rule gives them anything")
    echo(f"by version {found.version} of the rules")


@rules.command()
def schema() -> None:
    """Print the JSON Schema of access rules."""
    from officeflow.access.rules import schema_text

    echo(schema_text(), nl=False)


def _row(each: Mapping[str, Any]) -> dict[str, Any]:
    return {**each, "kind": each["kind"].removesuffix("s"), "rules": ", ".join(each["rules"])}


def _read(file: str) -> Any:
    from officeflow.access.rules import from_text

    return from_text(read_bytes(file, most=MAX_RULES, what="access rules"))


def _checked(document: Any, org: str, connections: Connections) -> Rules:
    from officeflow.access import checking

    return checking.checked(document, connections.providers_of(org))


@contextmanager
def _connections() -> Iterator[tuple[Database, Connections]]:
    from officeflow.airflow_api.client import AirflowApi
    from officeflow.tenants.connections import Connections

    with database() as db, AirflowApi.from_settings(load_settings()) as api:
        yield db, Connections(db, api, of_platform=True)
