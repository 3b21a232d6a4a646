"""Whose a login at Airflow is: in an organization one user's at most, whatever its case."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.database.tables import User
from officeflow.errors import Problem
from officeflow.program import typed
from officeflow.rights.principals import Principal
from officeflow.settings import load_settings

UNIQUE = "uq_users_org_id_airflow_login"
"""The index that refuses a second user with a login."""


def owner(session: Session, org_id: uuid.UUID, login: str) -> User | None:
    """The organization's user with this login, active or not."""
    named = func.lower(User.airflow_login) == func.lower(login)
    return session.scalar(select(User).where(User.org_id == org_id, named))


def taken(session: Session, org_id: uuid.UUID, login: str) -> Problem:
    """Who has the login, and what to do instead."""
    found = owner(session, org_id, login)
    if found is None:
        return Problem("airflow_login", f"{login!r} is another user's", "look who has it and try again")
    state = found.role if found.is_active else "not active"
    change = "user set-role" if found.is_active else "user activate"
    return Problem(
        "airflow_login",
        f"{login!r} is {found.email}'s already, who is {state}; it is one user's of an organization",
        f"change that user (`{typed(change)}`), or give the login that is this person's own",
    )


def is_ours(login: str) -> bool:
    """Whether it is OfficeFlow's own account at Airflow, which works for all organizations."""
    return login.lower() == load_settings().airflow_username.lower()


def not_to_give(giver: Principal, login: str | None) -> Problem | None:
    """Why `giver` may make nobody the owner of this login."""
    if login is None or giver.is_platform_admin or not is_ours(login):
        return None
    return Problem(
        "airflow_login",
        f"{login!r} is OfficeFlow's own account at Airflow",
        "give the login that is this person's own; only the platform's admins may give this one",
    )
