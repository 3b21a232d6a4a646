"""What an OpenID provider's groups make of whoever signs in there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.tables import User
from officeflow.errors import InvalidInput, Problem
from officeflow.ids import is_slug
from officeflow.rights.permissions import Role, strongest
from officeflow.rights.principals import Principal
from officeflow.tenants import administration, organizations, roles, user_changes

BY = "service:openid"
PROVIDER = Principal(actor=BY, is_platform_admin=True)
"""The platform's admins have said what its groups are worth (`OFFICEFLOW_OIDC_GROUPS`)."""

WHY = "groups at the OpenID provider"
PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Groups:
    """What each group is worth."""

    roles: Mapping[str, tuple[str, Role]] = field(default_factory=dict)
    """Group to organization and role there."""
    platform: frozenset[str] = frozenset()
    """Groups of the platform's admins."""

    def role(self, org: str, held: Collection[str]) -> Role | None:
        """The strongest that a person of these groups has in the organization."""
        return strongest(role for group, (slug, role) in self.roles.items() if slug == org and group in held)

    def known(self, held: Collection[str]) -> frozenset[str]:
        """Those that are worth something."""
        return frozenset(held) & (self.platform | self.roles.keys())

    @property
    def organizations(self) -> set[str]:
        return {slug for slug, _ in self.roles.values()}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person, as the provider tells of them."""

    login: str
    email: str
    name: str
    groups: frozenset[str]


def groups_of(text: str) -> Groups:
    """`acme-it=acme:operator, it=platform`; `InvalidInput` with all that is wrong."""
    found: dict[str, tuple[str, Role]] = {}
    platform, problems = set(), []
    for entry in filter(None, map(str.strip, text.split(","))):
        group, _, worth = map(str.strip, entry.partition("="))
        if group and worth == PLATFORM:
            platform.add(group)
            continue
        try:
            found[group] = _worth(group, worth)
        except InvalidInput as error:
            problems.append(Problem(entry, error.message, error.hint))
    if problems:
        raise InvalidInput("OFFICEFLOW_OIDC_GROUPS cannot be used", problems=problems)
    return Groups(found, frozenset(platform))


def _worth(group: str, worth: str) -> tuple[str, Role]:
    org, _, role = worth.partition(":")
    if not group or not is_slug(org):
        raise InvalidInput("it is not GROUP=ORGANIZATION:ROLE or GROUP=platform")
    return org, roles.check(role)


def apply(database: Database, person: SignedIn, groups: Groups) -> None:
    """Let the person be, in every organization that a group is of, what their groups make of them, and
    nothing where they are in none of its groups. Organizations that no group is of are left alone.

    `NotKnown` where a group is of an organization that does not exist.
    """
    for slug in sorted(groups.organizations):
        _apply(database, person, slug, groups.role(slug, person.groups))


def _apply(database: Database, person: SignedIn, slug: str, role: Role | None) -> None:
    user = _found(database, person, slug)
    if user is None and role is not None:
        administration.create_user(
            database,
            slug,
            email=person.email,
            name=person.name,
            role=role,
            airflow_login=person.login,
            by=BY,
        )
    elif user is not None:
        if role is None:
            user_changes.deactivate(database, slug, user.email, why=WHY, by=PROVIDER)
            return
        user_changes.set_role(database, slug, user.email, role, why=WHY, by=PROVIDER)
        user_changes.activate(database, slug, user.email, why=WHY, by=PROVIDER)


def _found(database: Database, person: SignedIn, slug: str) -> User | None:
    """The organization's user with this login; one with this address and no login gets it.

    `InvalidInput` where the address is somebody's with another login.
    """
    with organizations.entered(database, slug) as (session, org_id):
        mine = func.lower(User.airflow_login) == person.login.lower()
        query = select(User).where(User.org_id == org_id, or_(mine, User.email == person.email.lower()))
        found = session.scalars(query.order_by(mine.desc().nulls_last()).with_for_update()).first()
        if found is not None and found.airflow_login is None:
            _link(session, found, person.login)
        if found is not None and (found.airflow_login or "").lower() != person.login.lower():
            raise InvalidInput(f"{person.email} is a user of {slug} with another login")
    return found


def _link(session: Session, user: User, login: str) -> None:
    user.airflow_login = login
    entry = AuditEntry(
        actor=BY,
        action=AuditAction.USER_LOGIN_LINKED,
        subject=f"user:{user.email}",
        details={"login": login},
    )
    audit.append(session, user.org_id, entry)
