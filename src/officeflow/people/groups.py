"""Groups of users of an organization: whom workflows may ask together."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.pages import Page, Wanted, page_of
from officeflow.database.tables import User, UserGroup
from officeflow.errors import InvalidInput, NotKnown
from officeflow.tenants import users

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,98}[A-Za-z0-9])?\Z")


def add(session: Session, org_id: uuid.UUID, group: str, email: str, *, by: str) -> bool:
    """Put a user into a group, which there is as soon as somebody is in it; False where they were."""
    if not NAME.match(group):
        raise InvalidInput(
            f"{group!r} cannot be a group's name", hint="letters, digits, blanks, . _ and -, at most 100"
        )
    user = users.find(session, org_id, email)
    row = insert(UserGroup).values(group_name=group, user_id=user.user_id, org_id=org_id)
    added = session.execute(row.on_conflict_do_nothing().returning(UserGroup.user_id)).first()
    if added is not None:
        _record(session, org_id, user, AuditAction.GROUP_JOINED, group=group, by=by)
    return added is not None


def remove(session: Session, org_id: uuid.UUID, group: str, email: str, *, by: str) -> None:
    """`NotKnown` where the user is not in it."""
    user = users.find(session, org_id, email)
    row = delete(UserGroup).where(
        UserGroup.org_id == org_id, UserGroup.group_name == group, UserGroup.user_id == user.user_id
    )
    if session.execute(row.returning(UserGroup.user_id)).first() is None:
        raise NotKnown(f"{email} is not in the group {group!r}")
    _record(session, org_id, user, AuditAction.GROUP_LEFT, group=group, by=by)


def every(session: Session, org_id: uuid.UUID) -> Mapping[str, list[User]]:
    """Group to its users by address, both in order."""
    query = select(UserGroup.group_name, User).join(User, User.user_id == UserGroup.user_id)
    rows = session.execute(query.where(UserGroup.org_id == org_id).order_by(UserGroup.group_name, User.email))
    found: dict[str, list[User]] = {}
    for name, user in rows:
        found.setdefault(name, []).append(user)
    return found


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    members: int


def page(session: Session, org_id: uuid.UUID, wanted: Wanted) -> Page[Group]:
    """The organization's groups by name."""
    query = (
        select(UserGroup.group_name, func.count())
        .where(UserGroup.org_id == org_id)
        .group_by(UserGroup.group_name)
        .order_by(UserGroup.group_name)
    )
    found = page_of(session, query, wanted)
    return Page([Group(*row) for row in found.rows], found.next)


def members(session: Session, org_id: uuid.UUID, group: str, wanted: Wanted) -> Page[User]:
    """Who is in it, by address; `NotKnown` where nobody is."""
    of_group = (UserGroup.org_id == org_id, UserGroup.group_name == group)
    query = select(User).join(UserGroup, UserGroup.user_id == User.user_id).where(*of_group)
    found = page_of(session, query.order_by(User.email), wanted)
    if not found.rows and not wanted.cursor:
        raise NotKnown(f"there is no group {group[:60]!r}: nobody is in it")
    return Page([row[0] for row in found.rows], found.next)


def _record(
    session: Session, org_id: uuid.UUID, user: User, action: AuditAction, *, group: str, by: str
) -> None:
    entry = AuditEntry(actor=by, action=action, subject=f"user:{user.email}", details={"group": group})
    audit.append(session, org_id, entry)
