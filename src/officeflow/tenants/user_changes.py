"""What somebody decides about an organization's users: who is one, as what, and whether they may still do
anything. Nobody makes others more than they are themselves.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry, reason
from officeflow.database.engine import Database
from officeflow.database.tables import User
from officeflow.errors import InvalidInput
from officeflow.rights.giving import require_within_own
from officeflow.rights.permissions import Role
from officeflow.rights.principals import Principal
from officeflow.tenants import administration, login_owners, organizations, roles, user_roles, users

Look = Callable[[User], None]
"""Sees the user before the change, and raises where whoever asks meant another state."""


def _any_state(user: User) -> None:
    del user


def create(
    database: Database,
    org: str,
    *,
    email: str,
    name: str,
    role: str,
    airflow_login: str | None = None,
    by: Principal,
) -> User:
    """As `administration.create_user`; `NotYoursToGive` where the role allows more than `by` may,
    `InvalidInput` where the login is OfficeFlow's own, which only the platform's admins give.
    """
    wanted = roles.check(role)
    with database.service() as session:
        require_within_own(by, organizations.find(session, org).org_id, wanted)
    problem = login_owners.not_to_give(by, airflow_login)
    if problem is not None:
        raise InvalidInput("the user was not created", problems=[problem])
    return administration.create_user(
        database, org, email=email, name=name, role=wanted, airflow_login=airflow_login, by=by.actor
    )


def set_role(
    database: Database,
    org: str,
    email: str,
    role: str,
    *,
    why: str,
    by: Principal,
    look: Look = _any_state,
) -> User:
    """Make the user something else; nothing is recorded where they are that already. `email` may be their
    UUID.

    What a group of theirs makes them stays where it is more. `NotYoursToGive` where the role allows more than
    `by` may; `InvalidInput` where there is no such role, an identity provider says what they are, no active
    admin would be left (only the platform's admins may do that), or the reason is empty.
    """
    wanted, why = roles.check(role), reason(why)
    with organizations.entered(database, org) as (session, org_id):
        user = _locked(session, org_id, email)
        look(user)
        require_within_own(by, org_id, wanted)
        if user.role != wanted:
            _keep_an_admin(session, user, by)
            details = {"before": user.role, "after": wanted.value, "why": why}
            user.role = wanted.value
            _record(session, user, AuditAction.USER_ROLE_CHANGED, by=by, details=details)
            user_roles.remember(session, org_id, user, wanted, by=by.actor)
    return user


def deactivate(database: Database, org: str, email: str, *, why: str, by: Principal) -> User:
    """The user may do nothing any more, within five seconds in every process.

    `InvalidInput` as `set_role`; nothing is recorded where they are not active.
    """
    why = reason(why)
    with organizations.entered(database, org) as (session, org_id):
        user = _locked(session, org_id, email)
        if user.is_active:
            _keep_an_admin(session, user, by)
            user.is_active = False
            _record(session, user, AuditAction.USER_DEACTIVATED, by=by, details={"why": why})
    return user


def activate(database: Database, org: str, email: str, *, why: str, by: Principal) -> User:
    """The user may again what their role allows; `NotYoursToGive` where that is more than `by` may."""
    why = reason(why)
    with organizations.entered(database, org) as (session, org_id):
        user = _locked(session, org_id, email)
        require_within_own(by, org_id, Role(user.role))
        if not user.is_active:
            user.is_active = True
            _record(session, user, AuditAction.USER_ACTIVATED, by=by, details={"why": why})
    return user


def _locked(session: Session, org_id: uuid.UUID, email: str) -> User:
    """The user, with all admins of the organization, in one order: two who change each other wait, and do not
    deadlock.
    """
    found = users.find(session, org_id, email)
    concerned = or_(User.user_id == found.user_id, User.role == Role.ADMIN.value)
    query = select(User).where(User.org_id == org_id, concerned).order_by(User.user_id)
    session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    return found


def _keep_an_admin(session: Session, user: User, by: Principal) -> None:
    if by.is_platform_admin or not (user.role == Role.ADMIN and user.is_active):
        return
    others = select(User.user_id).where(
        User.org_id == user.org_id,
        User.role == Role.ADMIN.value,
        User.is_active,
        User.user_id != user.user_id,
    )
    if session.scalar(others.limit(1)) is None:
        raise InvalidInput(
            "the organization would have no admin any more", hint="make somebody else an admin first"
        )


def _record(
    session: Session,
    user: User,
    action: AuditAction,
    *,
    by: Principal,
    details: Mapping[str, Any],
) -> None:
    entry = AuditEntry(actor=by.actor, action=action, subject=f"user:{user.email}", details=details)
    audit.append(session, user.org_id, entry)
