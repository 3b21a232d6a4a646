"""`officeflow db`: the tables of OfficeFlow's own database."""

from __future__ import annotations

import click

from officeflow.cli.common import echo, tell
from officeflow.database import migrate
from officeflow.database.roles import Logins
from officeflow.program import typed
from officeflow.settings import load_settings


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
        settings.database_tenant_url.get_secret_value(), settings.database_service_url.get_secret_value()
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
