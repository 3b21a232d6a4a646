"""`officeflow db`: the tables of OfficeFlow's own database."""

from __future__ import annotations

import os

import click

from officeflow.cli.common import echo, tell
from officeflow.database import migrate
from officeflow.database.roles import Logins
from officeflow.program import typed
from officeflow.settings import load_settings

AIRFLOW_ADDRESS = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"


@click.group()
def db() -> None:
    """The tables of OfficeFlow's own database."""


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Create or change the tables, up to REVISION (the newest, if none is given), and the logins.

    Safe to repeat.
    """
    settings = load_settings()
    logins = Logins(
        settings.database_tenant_url.get_secret_value(),
        settings.database_service_url.get_secret_value(),
        settings.database_gateway_url.get_secret_value(),
    )
    migrate.upgrade(_url(), revision, logins=logins)
    tell(f"the database is at revision {migrate.current(_url())}")


@db.command()
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(revision: str, *, yes: bool) -> None:
    """Take the tables back to REVISION; `base` drops them all, with everything in them."""
    if not yes:
        click.confirm(
            f"Take the tables back to {revision}? What only newer revisions can hold is lost", abort=True
        )
    migrate.downgrade(_url(), revision)
    tell(f"the database is at revision {migrate.current(_url()) or 'base: it has no tables'}")


@db.command("grant-parking")
@click.option(
    "--show", is_flag=True, help="Print the statements for an administrator instead of executing them."
)
def grant_parking(*, show: bool) -> None:
    """Make the login by which runs that wait are parked, and grant it what it needs in Airflow's database.

    The login and its password are those of OFFICEFLOW_PARKING_DATABASE_URL; Airflow's owner, whose address is
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN, grants, once Airflow's tables are there. The login itself is made by
    the owner of OfficeFlow's tables: both databases have to be on one server, or it has to be there already.
    Safe to repeat.
    """
    from officeflow.database import parking_login

    url = load_settings().parking_database_url.get_secret_value()
    if not url:
        raise click.UsageError("OFFICEFLOW_PARKING_DATABASE_URL names no login")
    if show:
        echo("\n".join(f"{statement};" for statement in parking_login.statements_of(url)))
        return
    owner = os.environ.get(AIRFLOW_ADDRESS, "")
    if not owner:
        raise click.UsageError(
            f"{AIRFLOW_ADDRESS} names no owner of Airflow's tables; --show prints what is to be said there"
        )
    parking_login.ensure(url, maker_url=_url(), owner_url=owner)
    tell("the login for parking has its rights")


@db.command()
def current() -> None:
    """Print the revision that the tables are at; exit status 1 if a newer one is known."""
    at, newest = migrate.current(_url()), migrate.head()
    echo(at or "base")
    if at != newest:
        raise click.ClickException(
            f"the newest revision is {newest}; `{typed('db upgrade')}` brings the database there"
        )


def _url() -> str:
    return load_settings().database_url.get_secret_value()
