"""Commands that people give in their own name: an Airflow login and its password, or a service account's
token in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from officeflow.cli import identity
from officeflow.cli.common import database
from officeflow.cli.reading import ask_hidden, read_line
from officeflow.runs.corrections import Person
from officeflow.settings import load_settings

if TYPE_CHECKING:
    from officeflow.airflow_api.client import AirflowApi

Command = Callable[..., None]


def _needed(ctx: click.Context, option: click.Parameter, login: str | None) -> str | None:
    if not login and not identity.token():
        raise click.MissingParameter(ctx=ctx, param=option)
    return login


def signed_in(command: Command) -> Command:
    """Adds `--login` and `--password-stdin`; without the latter the password is asked for."""
    login = click.option(
        "--login",
        envvar=identity.LOGIN,
        callback=_needed,
        help="Your Airflow login, in the place of --as;"
        f" {identity.TOKEN} needs none. [env: {identity.LOGIN}]",
    )
    password = click.option(
        "--password-stdin",
        is_flag=True,
        help="Read the password from standard input instead of asking for it.",
    )
    return login(password(command))


@contextmanager
def airflow_of(login: str, *, password_stdin: bool) -> Iterator[AirflowApi]:
    """Airflow, signed in as the person, who may give this command; the password is asked for or read.

    For a service account, whose right was looked at before, as our own account. `AirflowForbids` where the
    password is wrong; `SignInNeeded` and `NotAllowed` where the person may not.
    """
    from officeflow.airflow_api.client import AirflowApi
    from officeflow.cli.guard import admit_signed_in
    from officeflow.tenants import acting

    if identity.token():
        with AirflowApi.from_settings(load_settings()) as api:
            yield api
        return
    password = read_line(what="a password") if password_stdin else ask_hidden(f"Airflow password of {login}")
    with AirflowApi(load_settings().airflow_url, login, password) as api:
        known_as = api.signed_in_as()
        with database() as db:
            admit_signed_in(db, acting.at_airflow(db, known_as, api.is_platform_admin))
        yield api


def person(login: str, why: str) -> Person:
    """Who decides, for the ledger and the audit log."""
    return Person(login=login, why=why, actor=identity.principal().actor if identity.token() else "")
