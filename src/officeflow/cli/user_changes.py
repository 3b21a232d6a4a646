"""`officeflow user set-role | deactivate | activate | create-login`."""

from __future__ import annotations

import os

import click

from officeflow.cli.common import acting, actor, as_json, database, principal, show_one, with_reason
from officeflow.cli.reading import ask_hidden, read_line
from officeflow.settings import load_settings
from officeflow.tenants import user_changes, users
from officeflow.tenants.roles import ROLES


@click.command(name="set-role")
@click.argument("org")
@click.argument("email")
@click.argument("role", metavar="ROLE")
@with_reason
@acting
@as_json
def set_role(org: str, email: str, role: str, *, why: str, login: str | None, json_output: bool) -> None:
    """Let a user of ORG be something else from now on: admin, editor, operator, approver, auditor, viewer."""
    with database() as db:
        changed = user_changes.set_role(db, org, email, role, why=why, by=principal(login))
    show_one(users.to_json(changed) | {"may": ROLES[changed.role]}, json_output=json_output)


@click.command(name="deactivate")
@click.argument("org")
@click.argument("email")
@with_reason
@acting
@as_json
def deactivate(org: str, email: str, *, why: str, login: str | None, json_output: bool) -> None:
    """Take all that a user may do for ORG, within five seconds; sessions and tokens too."""
    with database() as db:
        changed = user_changes.deactivate(db, org, email, why=why, by=principal(login))
    show_one(users.to_json(changed), json_output=json_output)


@click.command(name="activate")
@click.argument("org")
@click.argument("email")
@with_reason
@acting
@as_json
def activate(org: str, email: str, *, why: str, login: str | None, json_output: bool) -> None:
    """Give a deactivated user of ORG back what they had."""
    with database() as db:
        changed = user_changes.activate(db, org, email, why=why, by=principal(login))
    show_one(users.to_json(changed), json_output=json_output)


@click.command(name="create-login")
@click.argument("org")
@click.argument("email")
@click.option(
    "--airflow-admin", default="admin", show_default=True, help="Which admin of Airflow asks for it."
)
@click.option("--password-stdin", is_flag=True, help="Read that admin's password from standard input.")
@acting
@as_json
def create_login(
    org: str, email: str, *, airflow_admin: str, password_stdin: bool, login: str | None, json_output: bool
) -> None:
    """Make the account at Airflow of a user of ORG who has a login there; its first password is shown once.

    The admin's password is asked for, where OFFICEFLOW_AIRFLOW_ADMIN_PASSWORD does not say it.
    """
    from officeflow.airflow_api.accounts import AirflowAccounts
    from officeflow.tenants import logins

    password = _password(airflow_admin, password_stdin=password_stdin)
    with (
        database() as db,
        AirflowAccounts(load_settings().airflow_url, airflow_admin, password) as accounts,
    ):
        made, first = logins.create_login(db, accounts, org, email, by=actor(login))
    show_one({"login": made, "first_password": first}, json_output=json_output)


def _password(admin: str, *, password_stdin: bool) -> str:
    if password_stdin:
        return read_line(what="a password")
    return os.environ.get("OFFICEFLOW_AIRFLOW_ADMIN_PASSWORD") or ask_hidden(f"Airflow password of {admin}")


COMMANDS = (set_role, deactivate, activate, create_login)
