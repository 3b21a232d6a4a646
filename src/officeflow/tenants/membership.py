"""Whom somebody who has signed in at Airflow works for, and as what."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from cachetools import TTLCache
from sqlalchemy import func, select

from officeflow.database.engine import Database
from officeflow.database.tables import Organization, User
from officeflow.rights.permissions import Permission, Role
from officeflow.rights.principals import Principal

FRESH_SECONDS = 2.0
"""So long an answer is used again: a user who was deactivated has nothing any more within five seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What our users' tables say of an account at Airflow."""

    login: str
    roles: Mapping[uuid.UUID, Role] = field(default_factory=dict)
    """The organizations that have it as an active user, and as what."""
    slugs: Mapping[str, uuid.UUID] = field(default_factory=dict)
    """The same organizations by slug."""
    is_known: bool = False
    """Whether any organization has, or had, a user with it."""

    @property
    def is_lost(self) -> bool:
        """It was a user's, and is none's any more."""
        return self.is_known and not self.roles

    def principal(self, *, is_platform_admin: bool = False) -> Principal:
        return Principal(
            actor=f"airflow:{self.login}",
            login=self.login,
            roles=self.roles,
            is_platform_admin=is_platform_admin,
        )


def standing(database: Database, login: str) -> Standing:
    """Of the account with this login; logins are compared whatever their case, as Airflow does."""
    query = (
        select(User.org_id, Organization.slug, User.role, User.is_active)
        .join(Organization, Organization.org_id == User.org_id)
        .where(func.lower(User.airflow_login) == login.lower())
    )
    with database.service() as session:
        rows = session.execute(query).all()
    active = [(org_id, slug, Role(role)) for org_id, slug, role, is_active in rows if is_active]
    return Standing(
        login=login,
        roles={org_id: role for org_id, _, role in active},
        slugs={slug: org_id for org_id, slug, _ in active},
        is_known=bool(rows),
    )


def of_login(database: Database, login: str, *, is_platform_admin: bool = False) -> Principal:
    """The person with this account at Airflow, with their roles in every organization where they are
    active.
    """
    return standing(database, login).principal(is_platform_admin=is_platform_admin)


def logins(database: Database) -> list[str]:
    """Those of all active users, in order."""
    query = select(User.airflow_login).where(User.is_active, User.airflow_login.is_not(None)).distinct()
    with database.service() as session:
        return sorted(str(login) for login in session.scalars(query))


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What somebody may in an organization that they see; `role` is None for the platform's admins."""

    slug: str
    name: str
    role: Role | None
    permissions: list[Permission]


def memberships(database: Database, principal: Principal) -> list[Membership]:
    """The organizations that the principal sees, by slug."""
    with database.service() as session:
        return [
            Membership(
                slug=each.slug,
                name=each.name,
                role=principal.roles.get(each.org_id),
                permissions=[right for right in Permission if principal.may(right, each.org_id)],
            )
            for each in session.scalars(select(Organization).order_by(Organization.slug))
            if principal.is_platform_admin or each.org_id in principal.roles
        ]


class Memberships:
    """`standing`, remembered for `FRESH_SECONDS`. Safe to share between threads."""

    def __init__(self, database: Database, *, fresh: float = FRESH_SECONDS, most: int = 10_000) -> None:
        self._database = database
        self._known: TTLCache[str, Standing] = TTLCache(most, fresh)
        self._lock = threading.Lock()

    def standing(self, login: str) -> Standing:
        kept = self.remembered(login)
        if kept is not None:
            return kept
        found = standing(self._database, login)
        with self._lock:
            self._known[login.lower()] = found
        return found

    def remembered(self, login: str) -> Standing | None:
        """What `standing` need not ask the database for; None where it would have to."""
        with self._lock:
            return self._known.get(login.lower())

    def forget(self) -> None:
        """Look anew whoever asks next: something was changed here."""
        with self._lock:
            self._known.clear()
