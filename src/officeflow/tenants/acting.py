"""Who acts at the command, where it is not the operator of the machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.errors import NotKnown, SignInNeeded, did_you_mean
from officeflow.program import typed
from officeflow.rights.principals import Principal
from officeflow.tenants import membership
from officeflow.tenants.membership import Standing
from officeflow.tenants.tokens import Tokens


def as_user(database: Database, login: str) -> Principal:
    """The user with this login, with their roles; `cli:<login>` in the audit log. No password is asked.

    `NotKnown` where no organization has or had them; `SignInNeeded` where all have deactivated them.
    """
    found = membership.standing(database, login)
    _refuse_lost(found)
    if not found.roles:
        near = did_you_mean(login, membership.logins(database))
        raise NotKnown(
            f"no user of any organization has the login {login!r}",
            hint=near or f"`{typed('user list')} ORG` shows users; left out, you act as this machine's admin",
        )
    return replace(found.principal(), actor=f"cli:{login}")


def by_token(database: Database, clock: Clock, text: str) -> Principal:
    """The service account whose token it is, as at the API; `SignInNeeded` where it does not hold."""
    found = Tokens(database, clock, fresh=0).principal(text)
    if found is None:
        raise SignInNeeded(
            "the token does not hold: it is unknown, expired or revoked",
            hint=f"OFFICEFLOW_TOKEN takes a service account's: `{typed('token create')}` makes one",
        )
    return found


def at_airflow(database: Database, login: str, is_platform_admin: Callable[[], bool]) -> Principal:
    """The person whom Airflow has let in with this login, as at the API. `is_platform_admin` asks Airflow.

    `SignInNeeded` where they are nobody's user, or nobody's any more, and no admin of the platform.
    """
    found = membership.standing(database, login)
    if is_platform_admin():
        return found.principal(is_platform_admin=True)
    _refuse_lost(found)
    if not found.roles:
        raise SignInNeeded(
            f"{login} is no user of any organization",
            hint=f"an admin makes one: `{typed('user create')} ORG EMAIL --airflow-login {login}`",
        )
    return found.principal()


def _refuse_lost(found: Standing) -> None:
    if found.is_lost:
        raise SignInNeeded(
            f"{found.login} is deactivated and may do nothing",
            hint=f"an admin of the organization: `{typed('user activate')}`",
        )
