"""Users of the organization as SCIM reads and writes them.

Rows are never removed: history speaks of them. Whom the provider deletes is no user any more (inactive, in no
group) and hidden from it; who is created with the address of somebody hidden is that user again.
"""

from __future__ import annotations

import uuid

from scim2_models import NotFoundException, UniquenessException
from sqlalchemy import Select, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from officeflow.audit.actions import AuditAction
from officeflow.clock import SystemClock
from officeflow.database.constraints import violated_unique
from officeflow.database.tables import ScimUser, User, UserGroup
from officeflow.ids import as_uuid, new_id
from officeflow.people import groups
from officeflow.rights.permissions import Role
from officeflow.scim import logins, resources
from officeflow.scim.facts import Facts, facts_of
from officeflow.scim.shown_users import Row, with_groups
from officeflow.scim.writing import Writer, require_version
from officeflow.tenants import login_owners, user_roles

CLOCK = SystemClock()
CHANGEABLE = ("userName", "externalId", "displayName", "name", "emails", "roles")
USER_NAME = func.coalesce(User.airflow_login, User.email)
VISIBLE = or_(ScimUser.deleted_at.is_(None), User.is_active)


def rows(org_id: uuid.UUID) -> Select[User, ScimUser]:
    """Those whom the provider sees."""
    theirs = (ScimUser.user_id == User.user_id) & (ScimUser.org_id == User.org_id)
    query = select(User, ScimUser).outerjoin(ScimUser, theirs)
    return query.where(User.org_id == org_id, VISIBLE)


def get(session: Session, org_id: uuid.UUID, user_id: str) -> resources.User:
    """`NotFoundException` where there is none, or it is hidden."""
    return with_groups(session, org_id, [_row(session, org_id, user_id)])[0]


def create(writer: Writer, resource: resources.User) -> resources.User:
    """`UniquenessException` where the login or the address is another's."""
    facts, session = facts_of(resource), writer.session
    _refuse_taken(writer, facts)
    there = session.scalar(select(User).where(User.org_id == writer.org_id, User.email == facts.email))
    if there is None:
        user = User(
            user_id=new_id(), org_id=writer.org_id, email=facts.email, name=facts.name, role=Role.VIEWER.value
        )
        session.add(user)
        action = AuditAction.USER_CREATED
    else:
        user, action = there, AuditAction.USER_RESTORED
        user.role = Role.VIEWER.value
    told = _told(writer, user)
    told.deleted_at = told.role_by_hand = None
    logins.give(writer, user, facts.login)
    _store(user, told, facts)
    writer.record(
        action, _subject(user), {"name": user.name, "login": facts.login, "active": facts.is_active}
    )
    return _settled(writer, user)


def update(writer: Writer, resource: resources.User, expected_version: str | None) -> resources.User:
    """The user as `resource` says now; `NotFoundException`, `PreconditionFailedException` where they were
    changed meanwhile, `UniquenessException` where another's login or address is to be theirs.
    """
    user, told = _row(writer.session, writer.org_id, resource.id or "", lock=True)
    before = with_groups(writer.session, writer.org_id, [(user, told)])[0]
    require_version(before.meta.version if before.meta else None, expected_version)
    facts = facts_of(resource)
    _refuse_taken(writer, facts, user)
    subject, was_active = _subject(user), user.is_active
    logins.give(writer, user, facts.login)
    _store(user, _told(writer, user), facts)
    _record_change(writer, subject, before, resource)
    if was_active != facts.is_active:
        action = AuditAction.USER_ACTIVATED if facts.is_active else AuditAction.USER_DEACTIVATED
        writer.record(action, subject, {})
    return _settled(writer, user)


def delete(writer: Writer, user_id: str, expected_version: str | None) -> None:
    """`NotFoundException`; `PreconditionFailedException` where they were changed meanwhile."""
    user, told = _row(writer.session, writer.org_id, user_id, lock=True)
    current = with_groups(writer.session, writer.org_id, [(user, told)])[0]
    require_version(current.meta.version if current.meta else None, expected_version)
    user.is_active = False
    told = _told(writer, user)
    told.deleted_at, told.attributes = CLOCK.now(), {**(told.attributes or {}), "roles": []}
    in_groups = select(UserGroup.group_name).where(
        UserGroup.org_id == writer.org_id, UserGroup.user_id == user.user_id
    )
    for group in list(writer.session.scalars(in_groups)):
        groups.leave(writer.session, writer.org_id, group, [user], by=writer.by, request_id=writer.request_id)
    writer.record(AuditAction.USER_REMOVED, _subject(user), {})
    user_roles.settle(writer.session, writer.org_id, user, by=writer.by, request_id=writer.request_id)


def _row(session: Session, org_id: uuid.UUID, user_id: str, *, lock: bool = False) -> Row:
    identifier = as_uuid(user_id)
    query = rows(org_id).where(User.user_id == identifier)
    if lock:
        query = query.with_for_update(of=User).execution_options(populate_existing=True)
    row = None if identifier is None else session.execute(query).one_or_none()
    if row is None:
        raise NotFoundException(detail=f"there is no user {user_id[:60]!r}")
    user, told = row
    return user, told


def _refuse_taken(writer: Writer, facts: Facts, user: User | None = None) -> None:
    """What `user` has already is not asked for: whatever others have, they can be deactivated."""
    others = rows(writer.org_id).where(User.user_id != user.user_id) if user else rows(writer.org_id)
    if logins.is_renamed(user, facts.login):
        logins.refuse_ours(facts.login)
        has_login = func.lower(USER_NAME) == func.lower(facts.login)
        if writer.session.execute(others.where(has_login).limit(1)).first():
            raise UniquenessException(detail=f"there is a user with the userName {facts.login!r}")
    if user is not None and user.email == facts.email:
        return
    if writer.session.execute(others.where(User.email == facts.email).limit(1)).first():
        raise UniquenessException(detail=f"there is a user with the address {facts.email!r}")


def _told(writer: Writer, user: User) -> ScimUser:
    writer.session.flush()
    told = writer.session.get(ScimUser, user.user_id)
    if told is None:
        told = ScimUser(user_id=user.user_id, org_id=writer.org_id)
        writer.session.add(told)
    return told


def _store(user: User, told: ScimUser, facts: Facts) -> None:
    user.email, user.name = facts.email, facts.name
    user.is_active = facts.is_active
    told.external_id, told.attributes = facts.external_id, facts.attributes


def _settled(writer: Writer, user: User) -> resources.User:
    """The user as they are kept now."""
    email = user.email
    try:
        user_roles.settle(writer.session, writer.org_id, user, by=writer.by, request_id=writer.request_id)
        writer.session.flush()
    except IntegrityError as error:
        violated = violated_unique(error)
        if violated is None:
            raise
        if violated == login_owners.UNIQUE:
            raise UniquenessException(detail="somebody has got the userName meanwhile") from error
        raise UniquenessException(detail=f"somebody who was deleted has the address {email!r}") from error
    told = writer.session.get(ScimUser, user.user_id)
    for each in (user, told):
        writer.session.refresh(each)
    return with_groups(writer.session, writer.org_id, [(user, told)])[0]


def _record_change(writer: Writer, subject: str, before: resources.User, after: resources.User) -> None:
    """Which attributes are others now; of the login, by which people sign in, what it was and is."""
    was, told = before.model_dump(), after.model_dump()
    changed = [name for name in CHANGEABLE if was.get(name) != told.get(name)]
    if changed:
        login = {"before": before.user_name, "after": after.user_name} if "userName" in changed else {}
        writer.record(AuditAction.USER_CHANGED, subject, {"changed": changed, **login})


def _subject(user: User) -> str:
    return f"user:{user.email}"
