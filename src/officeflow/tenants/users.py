"""People who work with OfficeFlow on behalf of an organization."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from officeflow.addresses import address
from officeflow.database.constraints import violated_unique
from officeflow.database.pages import Page, Wanted, page_of
from officeflow.database.tables import User
from officeflow.errors import InvalidInput, NotKnown, Problem, did_you_mean
from officeflow.ids import as_uuid, new_id
from officeflow.rights.permissions import Role
from officeflow.tenants import login_owners, roles


def create(
    session: Session, org_id: uuid.UUID, *, email: str, name: str, role: str, airflow_login: str | None = None
) -> User:
    """A new user of the organization, written to `session`.

    `email` is kept in lower case and is unique within the organization.

    `airflow_login` is the account at Airflow that is this person's, and nobody else's in the organization.
    `InvalidInput` with all that is wrong, or when the address or the login is taken.
    """
    email = _normal(email)
    problems = _problems(email, name, airflow_login)
    if problems:
        raise InvalidInput("the user was not created", problems=problems)
    user = User(
        user_id=new_id(),
        org_id=org_id,
        email=email,
        name=name.strip(),
        role=roles.check(role),
        airflow_login=airflow_login,
        is_active=True,
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError as error:
        violated = violated_unique(error)
        if violated is None:
            raise
        if airflow_login is not None and violated == login_owners.UNIQUE:
            taken = login_owners.taken(session, org_id, airflow_login)
            raise InvalidInput("the user was not created", problems=[taken]) from error
        raise InvalidInput(f"the organization has a user {email!r} already") from error
    return user


def find(session: Session, org_id: uuid.UUID, email: str) -> User:
    """The organization's user with this address, or this UUID.

    `NotKnown` where there is none, with a suggestion where one is close.
    """
    user_id = as_uuid(email)
    named = User.email == _normal(email) if user_id is None else User.user_id == user_id
    user = session.scalar(select(User).where(User.org_id == org_id, named))
    if user is None:
        known = session.scalars(select(User.email).where(User.org_id == org_id)).all()
        raise NotKnown(f"the organization has no user {email!r}", hint=did_you_mean(email, known))
    return user


def by_id(session: Session, user_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, User]:
    """Those of these users that the session sees."""
    if not user_ids:
        return {}
    found = session.scalars(_of_ids(), {"user_ids": list(user_ids)})
    return {user.user_id: user for user in found}


@cache
def _of_ids() -> Select[User]:
    return select(User).where(User.user_id == any_(bindparam("user_ids", type_=ARRAY(Uuid))))


def every(session: Session, org_id: uuid.UUID) -> Sequence[User]:
    """The organization's users, by address."""
    return session.scalars(select(User).where(User.org_id == org_id).order_by(User.email)).all()


def page(
    session: Session,
    org_id: uuid.UUID,
    wanted: Wanted,
    *,
    role: Role | None = None,
    active: bool | None = None,
) -> Page[User]:
    """The organization's users by address, those alone that are what is asked for."""
    query = select(User).where(User.org_id == org_id)
    if role is not None:
        query = query.where(User.role == role.value)
    if active is not None:
        query = query.where(User.is_active == active)
    found = page_of(session, query.order_by(User.email), wanted)
    return Page([row[0] for row in found.rows], found.next)


def to_json(user: User) -> dict[str, Any]:
    return {
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "airflow_login": user.airflow_login,
        "active": user.is_active,
    }


def _normal(email: str) -> str:
    """As it is kept: in lower case, its domain in ASCII; what is no address stays what it is."""
    try:
        return address(email).lower()
    except InvalidInput:
        return email.strip().lower()


def _problems(email: str, name: str, airflow_login: str | None) -> list[Problem]:
    problems = []
    try:
        address(email)
    except InvalidInput as error:
        problems.append(Problem("email", error.message, error.hint))
    if not name.strip() or len(name) > 255 or "\0" in name:
        problems.append(Problem("name", "it must have 1 to 255 characters"))
    if airflow_login is not None and not 0 < len(airflow_login) <= 255:
        problems.append(Problem("airflow_login", "it must have 1 to 255 characters"))
    return problems
