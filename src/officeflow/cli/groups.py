"""`officeflow user group`."""

from __future__ import annotations

import click

from officeflow.cli.common import acting, actor, as_json, database, principal, show_rows, tell
from officeflow.people import groups
from officeflow.tenants import organizations


@click.group()
def group() -> None:
    """Groups of an organization's users: whom workflows may ask together."""


@group.command(name="add")
@click.argument("org")
@click.argument("name")
@click.argument("email")
@acting
def add(org: str, name: str, email: str, login: str | None) -> None:
    """Put a user of ORG into the group NAME."""
    with database() as db, organizations.entered(db, org) as (session, org_id):
        is_new = groups.add(session, org_id, name, email, by=actor(login))
    tell(f"{email} is in {name}" if is_new else f"{email} was in {name} already")


@group.command(name="remove")
@click.argument("org")
@click.argument("name")
@click.argument("email")
@acting
def remove(org: str, name: str, email: str, login: str | None) -> None:
    """Take a user of ORG out of the group NAME."""
    with database() as db, organizations.entered(db, org) as (session, org_id):
        groups.remove(session, org_id, name, email, by=actor(login))
    tell(f"{email} is not in {name} any more")


@group.command(name="role")
@click.argument("org")
@click.argument("name")
@click.argument("role")
@click.option("--why", required=True, help="The reason, for the audit log.")
@acting
def role_(org: str, name: str, role: str, why: str, login: str | None) -> None:
    """Make all who are in the group NAME of ORG at least ROLE; `none` ends that."""
    given = None if role == "none" else role
    with database() as db, organizations.entered(db, org) as (session, org_id):
        groups.set_role(session, org_id, name, given, why=why, by=principal(login))
    tell(f"{name} carries no role any more" if given is None else f"who is in {name} is at least {given}")


@group.command(name="list")
@click.argument("org")
@as_json
def list_(org: str, *, json_output: bool) -> None:
    """Show the groups of ORG, the role that they carry, and who is in them."""
    with database() as db, organizations.entered(db, org) as (session, org_id):
        carried = groups.with_roles(session, org_id)
        rows = [
            {
                "group": name,
                "carries": carried.get(name),
                "email": user.email,
                "name": user.name,
                "active": user.is_active,
            }
            for name, members in groups.every(session, org_id).items()
            for user in members
        ]
    show_rows(rows, json_output=json_output, nothing="no groups")
