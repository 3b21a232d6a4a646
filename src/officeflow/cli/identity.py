"""Who acts: the operator of the machine, a user whom `--as` names, or a service account by its token."""

from __future__ import annotations

import getpass
import os
from typing import TYPE_CHECKING

import click

from officeflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from officeflow.rights.principals import Principal

TOKEN = "OFFICEFLOW_TOKEN"  # noqa: S105 - the variable's name
LOGIN = "OFFICEFLOW_LOGIN"
_AS, _WHO = "officeflow.as", "officeflow.principal"

HELP = "Act as this user of an organization, with their rights alone; otherwise as this machine's admin."


def _note(ctx: click.Context, _: click.Parameter, login: str | None) -> str | None:
    ctx.meta[_AS] = login
    return login


def as_option(*, expose: bool) -> click.Option:
    """`--as LOGIN`; with `expose` the command gets it as `login`."""
    return click.Option(
        ["--as", "login"], metavar="LOGIN", envvar=LOGIN, callback=_note, expose_value=expose, help=HELP
    )


def acting(command: Callable[..., None]) -> Callable[..., None]:
    """Adds `--as LOGIN`; the command gets it as `login`."""
    return click.option("--as", "login", metavar="LOGIN", envvar=LOGIN, callback=_note, help=HELP)(command)


def operator() -> Principal:
    """Who has the machine's secrets may do all; `cli:<login of the machine>` in the audit log."""
    from officeflow.rights.principals import Principal

    return Principal(actor=f"cli:{_machine_login()}", is_platform_admin=True)


def token() -> str:
    """What the environment says; empty where it says none."""
    return os.environ.get(TOKEN, "").strip()


def of(ctx: click.Context, *, typed_login: str | None = None) -> Principal:
    """Who acts, without a password: as `OFFICEFLOW_TOKEN` or `--as` say, else the operator.

    `InvalidInput` where both do. Otherwise as `tenants.acting`.
    """
    login = ctx.meta.get(_AS) or typed_login
    if token() and login:
        raise InvalidInput(
            f"{TOKEN} and {LOGIN} (or --as, --login) both say who acts", hint="give one of them"
        )
    if not token() and not ctx.meta.get(_AS):
        return operator()
    from officeflow.clock import SystemClock
    from officeflow.database.engine import Database
    from officeflow.tenants import acting as services

    with Database.from_settings() as db:
        if token():
            return services.by_token(db, SystemClock(), token())
        return services.as_user(db, str(login))


def keep(ctx: click.Context, principal: Principal) -> None:
    """From now on it is known who acts in this call."""
    ctx.meta[_WHO] = principal


def known() -> Principal | None:
    """Who acts in this call, once that is known."""
    ctx = click.get_current_context(silent=True)
    found: Principal | None = ctx.meta.get(_WHO) if ctx else None
    return found


def principal(login: str | None = None) -> Principal:
    """Who acts. `login` is what the command got of `--as`: whose rights it has, was looked at before."""
    found = known()
    if found is None and login:
        raise LookupError("nobody has looked whether there is such a login")
    return found or operator()


def _machine_login() -> str:
    try:
        return getpass.getuser().encode(errors="backslashreplace").decode()
    except (OSError, KeyError):
        return f"uid-{os.getuid()}"
