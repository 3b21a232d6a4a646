"""What a user is, of all that makes them something: people by hand, the identity provider, their groups.

`users.role` is what counts everywhere. The provider's roles go before what people made of the user; a group
that carries a role can only make them more.
"""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.tables import OrgGroup, ScimUser, User, UserGroup
from officeflow.errors import InvalidInput
from officeflow.rights.permissions import Role, strongest


def given(told: ScimUser | None) -> Role | None:
    """The strongest role that the provider sent of the user; None where it sent none."""
    sent = ((told.attributes if told else None) or {}).get("roles") or []
    return strongest(Role(each["value"]) for each in sent)


def settle(session: Session, org_id: uuid.UUID, user: User, *, by: str, request_id: str = "") -> None:
    """Make the user what they are now; recorded where it is something else than before."""
    session.flush()
    told = session.get(ScimUser, user.user_id)
    by_hand = (told and told.role_by_hand) or Role(user.role)
    role = strongest([given(told) or by_hand, *_of_groups(session, org_id, user)]) or by_hand
    _keep(session, org_id, user, told, by_hand if role != by_hand else None)
    if role != user.role:
        entry = AuditEntry(
            actor=by,
            action=AuditAction.USER_ROLE_CHANGED,
            subject=f"user:{user.email}",
            details={"before": user.role, "after": role.value},
            correlation_id=request_id or None,
        )
        user.role = role.value
        audit.append(session, org_id, entry)


def remember(session: Session, org_id: uuid.UUID, user: User, role: Role, *, by: str) -> None:
    """People have made the user this; `InvalidInput` where it is for the identity provider to say."""
    told = session.get(ScimUser, user.user_id)
    if given(told) is not None:
        raise InvalidInput(
            f"the identity provider says what {user.email} is", hint="change it there, or take its roles out"
        )
    if told is not None:
        told.role_by_hand = role
    settle(session, org_id, user, by=by)


def _of_groups(session: Session, org_id: uuid.UUID, user: User) -> list[Role]:
    query = (
        select(OrgGroup.role)
        .join(UserGroup, (UserGroup.org_id == OrgGroup.org_id) & (UserGroup.group_name == OrgGroup.name))
        .where(OrgGroup.org_id == org_id, UserGroup.user_id == user.user_id, OrgGroup.role.is_not(None))
    )
    return [role for role in session.scalars(query) if role is not None]


def _keep(
    session: Session, org_id: uuid.UUID, user: User, told: ScimUser | None, by_hand: Role | None
) -> None:
    """What people made of the user, while they are something else."""
    if told is not None:
        told.role_by_hand = by_hand
    elif by_hand is not None:
        session.add(ScimUser(user_id=user.user_id, org_id=org_id, role_by_hand=by_hand))
