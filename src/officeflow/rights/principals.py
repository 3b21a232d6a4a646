"""Who asks for something: a person who has signed in, a service account, or the platform itself."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from officeflow.errors import NotAllowed
from officeflow.rights.permissions import GRANTS, PLATFORM, Permission, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """`actor` is its name in the audit log: `airflow:<login>`, `token:<organization>/<account>`,
    `cli:<login>`.

    `scopes` narrow what its roles allow; None: they do not.
    """

    actor: str
    login: str = ""
    """At Airflow; empty for a service account."""
    roles: Mapping[uuid.UUID, Role] = field(default_factory=dict)
    """The organizations that it belongs to, and as what."""
    is_platform_admin: bool = False
    scopes: frozenset[Permission] | None = None

    def may(self, permission: Permission, org_id: uuid.UUID | None = None) -> bool:
        """Whether it may do this in the organization; `org_id` is None for what is the platform's."""
        if self.scopes is not None and permission not in self.scopes:
            return False
        if self.is_platform_admin:
            return True
        if org_id is None or permission in PLATFORM:
            return False
        role = self.roles.get(org_id)
        return role is not None and permission in GRANTS[role]

    def require(self, permission: Permission, org_id: uuid.UUID | None = None) -> None:
        """`NotAllowed` where it may not."""
        if not self.may(permission, org_id):
            raise NotAllowed(permission, allowed_to=roles_with(permission))

    def organizations(self, permission: Permission) -> Collection[uuid.UUID] | None:
        """Those in which it may do this; None for all."""
        if self.is_platform_admin and (self.scopes is None or permission in self.scopes):
            return None
        return [org_id for org_id in self.roles if self.may(permission, org_id)]


def roles_with(permission: Permission) -> list[str]:
    """The roles that have it; empty where only the platform's admins do."""
    return [role.value for role in Role if permission in GRANTS[role]]
