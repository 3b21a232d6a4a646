"""Groups of users of an organization: whom workflows may ask together, and what they may make of a user."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry, reason
from officeflow.database.pages import Page, Wanted, page_of
from officeflow.database.tables import OrgGroup, User, UserGroup
from officeflow.errors import InvalidInput, NotKnown
from officeflow.ids import new_id
from officeflow.rights.giving import require_within_own
from officeflow.rights.permissions import Role
from officeflow.rights.principals import Principal
from officeflow.tenants import roles, user_roles, users

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,98}[A-Za-z0-9])?\Z")


class Move(Protocol):
    """`join` and `leave`: takes those who are to be moved, and gives those who were."""

    def __call__(
        self,
        session: Session,
        org_id: uuid.UUID,
        group: str,
        moving: Collection[User],
        *,
        by: str,
        request_id: str = "",
    ) -> list[User]: ...


def check_name(group: str) -> str:
    """`group`, if it can be a group's name; otherwise `InvalidInput`."""
    if not NAME.match(group):
        raise InvalidInput(
            f"{group!r} cannot be a group's name", hint="letters, digits, blanks, . _ and -, at most 100"
        )
    return group


def add(session: Session, org_id: uuid.UUID, group: str, email: str, *, by: str) -> bool:
    """Put a user into a group, which is made where there is none; False where they were in it."""
    user = users.find(session, org_id, email)
    ensure(session, org_id, check_name(group))
    return user in join(session, org_id, group, [user], by=by)


def remove(session: Session, org_id: uuid.UUID, group: str, email: str, *, by: str) -> None:
    """`NotKnown` where the user is not in it."""
    user = users.find(session, org_id, email)
    if not leave(session, org_id, group, [user], by=by):
        raise NotKnown(f"{email} is not in the group {group!r}")


def ensure(session: Session, org_id: uuid.UUID, group: str) -> OrgGroup:
    """The group of this name, made where there is none."""
    row = insert(OrgGroup).values(group_id=new_id(), org_id=org_id, name=group)
    session.execute(row.on_conflict_do_nothing())
    return session.scalars(select(OrgGroup).where(OrgGroup.org_id == org_id, OrgGroup.name == group)).one()


def join(
    session: Session,
    org_id: uuid.UUID,
    group: str,
    moving: Collection[User],
    *,
    by: str,
    request_id: str = "",
) -> list[User]:
    """Put users into a group that there is; those who were not in it."""
    if not moving:
        return []
    rows = [{"group_name": group, "user_id": user.user_id, "org_id": org_id} for user in moving]
    statement = insert(UserGroup).on_conflict_do_nothing().returning(UserGroup.user_id)
    new = set(session.scalars(statement, rows))
    joined = [user for user in moving if user.user_id in new]
    _moved(session, org_id, group, joined, AuditAction.GROUP_JOINED, by=by, request_id=request_id)
    return joined


def leave(
    session: Session,
    org_id: uuid.UUID,
    group: str,
    moving: Collection[User],
    *,
    by: str,
    request_id: str = "",
) -> list[User]:
    """Take users out of a group; those who were in it."""
    if not moving:
        return []
    row = delete(UserGroup).where(
        UserGroup.org_id == org_id,
        UserGroup.group_name == group,
        UserGroup.user_id.in_([user.user_id for user in moving]),
    )
    gone = set(session.scalars(row.returning(UserGroup.user_id)))
    left = [user for user in moving if user.user_id in gone]
    _moved(session, org_id, group, left, AuditAction.GROUP_LEFT, by=by, request_id=request_id)
    return left


def set_role(
    session: Session, org_id: uuid.UUID, group: str, role: str | None, *, why: str, by: Principal
) -> None:
    """What being in the group makes of a user; None: nothing. The group is made where there is none.

    `InvalidInput` where there is no such role, or the reason is empty; `NotYoursToGive` where the role allows
    more than `by` may.
    """
    why, wanted = reason(why), None if role is None else roles.check(role)
    if wanted is not None:
        require_within_own(by, org_id, wanted)
    row = ensure(session, org_id, check_name(group))
    before, row.role = row.role, wanted
    details = {"before": before, "after": wanted, "why": why}
    record(session, org_id, AuditAction.GROUP_ROLE_SET, f"group:{group}", details, by=by.actor)
    for user in users_of(session, org_id, group):
        user_roles.settle(session, org_id, user, by=by.actor)


def users_of(session: Session, org_id: uuid.UUID, group: str) -> list[User]:
    """All who are in it, by address."""
    query = select(User).join(UserGroup, UserGroup.user_id == User.user_id)
    of_group = query.where(UserGroup.org_id == org_id, UserGroup.group_name == group)
    return list(session.scalars(of_group.order_by(User.email)))


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
    members = (
        select(func.count())
        .where(UserGroup.org_id == OrgGroup.org_id, UserGroup.group_name == OrgGroup.name)
        .scalar_subquery()
    )
    query = select(OrgGroup.name, members).where(OrgGroup.org_id == org_id).order_by(OrgGroup.name)
    found = page_of(session, query, wanted)
    return Page([Group(*row) for row in found.rows], found.next)


def members_page(session: Session, org_id: uuid.UUID, group: str, wanted: Wanted) -> Page[User]:
    """Who is in it, by address; `NotKnown` where there is no such group."""
    if session.scalar(select(OrgGroup.name).where(OrgGroup.org_id == org_id, OrgGroup.name == group)) is None:
        raise NotKnown(f"there is no group {group[:60]!r}")
    of_group = (UserGroup.org_id == org_id, UserGroup.group_name == group)
    query = select(User).join(UserGroup, UserGroup.user_id == User.user_id).where(*of_group)
    found = page_of(session, query.order_by(User.email), wanted)
    return Page([row[0] for row in found.rows], found.next)


def with_roles(session: Session, org_id: uuid.UUID) -> Mapping[str, Role]:
    """The groups that carry a role, by name."""
    query = select(OrgGroup.name, OrgGroup.role).where(OrgGroup.org_id == org_id, OrgGroup.role.is_not(None))
    return {name: role for name, role in session.execute(query.order_by(OrgGroup.name)) if role is not None}


def record(
    session: Session,
    org_id: uuid.UUID,
    action: AuditAction,
    subject: str,
    details: Mapping[str, Any],
    *,
    by: str,
    request_id: str = "",
) -> None:
    """An audit entry of what was done to a group or a user."""
    entry = AuditEntry(
        actor=by, action=action, subject=subject, details=details, correlation_id=request_id or None
    )
    audit.append(session, org_id, entry)


def _moved(
    session: Session,
    org_id: uuid.UUID,
    group: str,
    moved: Collection[User],
    action: AuditAction,
    *,
    by: str,
    request_id: str,
) -> None:
    for user in moved:
        record(session, org_id, action, f"user:{user.email}", {"group": group}, by=by, request_id=request_id)
    of_group = (OrgGroup.org_id == org_id, OrgGroup.name == group)
    if moved:
        session.execute(update(OrgGroup).where(*of_group).values(updated_at=func.now()))
    if session.scalar(select(OrgGroup.role).where(*of_group)) is not None:
        for user in moved:
            user_roles.settle(session, org_id, user, by=by, request_id=request_id)
