"""Which login at Airflow a user has whom the provider writes: it says `userName`."""

from __future__ import annotations

from officeflow.audit.actions import AuditAction
from officeflow.database.tables import ScimUser, User
from officeflow.scim.writing import Writer, refuse
from officeflow.tenants import login_owners


def is_renamed(user: User | None, login: str) -> bool:
    """Whether `login` is another userName than the user has; always, of somebody new."""
    return user is None or (user.airflow_login or user.email).lower() != login.lower()


def refuse_ours(login: str) -> None:
    """`InvalidValueException` for the account by which OfficeFlow itself works: no organization gives it."""
    if login_owners.is_ours(login):
        refuse(f"userName {login!r} is OfficeFlow's own account at Airflow")


def give(writer: Writer, user: User, login: str) -> None:
    """Let the user have the login. Whom the provider has deleted loses it by that; whom it sees keeps theirs,
    and then the user, who is called so by their address alone, stays without one.
    """
    session = writer.session
    other = login_owners.owner(session, writer.org_id, login)
    if other is not None and other.user_id != user.user_id:
        told = session.get(ScimUser, other.user_id)
        if other.is_active or told is None or told.deleted_at is None:
            return
        details = {"changed": ["userName"], "before": other.airflow_login, "after": other.email}
        other.airflow_login = None
        writer.record(AuditAction.USER_CHANGED, f"user:{other.email}", details)
        session.flush()
    user.airflow_login = login
