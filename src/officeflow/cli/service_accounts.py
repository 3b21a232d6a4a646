"""`officeflow service-account`: programs that work with the API for an organization."""

from __future__ import annotations

from functools import partial

import click

from officeflow.cli.common import acting, as_json, database, principal, show_one, show_rows
from officeflow.database.pages import every
from officeflow.program import typed
from officeflow.tenants import organizations, service_accounts
from officeflow.tenants.roles import ROLES


@click.group(name="service-account")
def service_account() -> None:
    """Programs that work with the API for an organization. The command `token` lets them sign in."""


@service_account.command()
@click.argument("org")
@click.argument("name")
@click.option("--role", required=True, help=f"One of {', '.join(ROLES)}.")
@click.option("--description", default="", help="What it is for.")
@acting
@as_json
def create(org: str, name: str, role: str, description: str, login: str | None, *, json_output: bool) -> None:
    """Make an account for a program of ORG, called NAME. It has no token yet."""
    with database() as db:
        made = service_accounts.create(
            db, org, name=name, role=role, description=description, by=principal(login)
        )
    show_one(service_accounts.to_json(made), json_output=json_output)


@service_account.command(name="list")
@click.argument("org")
@as_json
def list_(org: str, *, json_output: bool) -> None:
    """Show the service accounts of ORG."""
    with database() as db, organizations.entered(db, org) as (session, org_id):
        found = every(partial(service_accounts.page, session, org_id))
        rows = [service_accounts.to_json(each) for each in found]
    nothing = f"no service accounts; `{typed('service-account create')}` makes one"
    show_rows(rows, json_output=json_output, nothing=nothing)


@service_account.command()
@click.argument("org")
@click.argument("name")
@as_json
def show(org: str, name: str, *, json_output: bool) -> None:
    """Show the service account NAME of ORG."""
    with database() as db, organizations.entered(db, org) as (session, org_id):
        found = service_accounts.to_json(service_accounts.find(session, org_id, name))
    show_one(found, json_output=json_output)


@service_account.command()
@click.argument("org")
@click.argument("name")
@acting
@as_json
def deactivate(org: str, name: str, login: str | None, *, json_output: bool) -> None:
    """Let no token of the account NAME of ORG open anything any more, within five seconds."""
    with database() as db:
        changed = service_accounts.deactivate(db, org, name, by=principal(login))
    show_one(service_accounts.to_json(changed), json_output=json_output)


@service_account.command()
@click.argument("org")
@click.argument("name")
@acting
@as_json
def activate(org: str, name: str, login: str | None, *, json_output: bool) -> None:
    """Let the tokens of the account NAME of ORG open again what they did."""
    with database() as db:
        changed = service_accounts.activate(db, org, name, by=principal(login))
    show_one(service_accounts.to_json(changed), json_output=json_output)
